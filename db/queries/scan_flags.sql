-- Grain: one row per reason to doubt a scan's numbers. Parameters: $scan_id, $dataset_id, each NULL for all.
SELECT c.dataset_id, c.subject_id, f.scan_id, f.protocol_id, f.flag, f.detail
FROM scan_flag AS f
JOIN scan AS c ON c.scan_id = f.scan_id
WHERE ($scan_id IS NULL OR f.scan_id = $scan_id) AND ($dataset_id IS NULL OR c.dataset_id = $dataset_id)
ORDER BY c.dataset_id, c.subject_id, f.scan_id, f.protocol_id, f.flag;
