-- Grain: one row per value of a dataset that is NULL for a reason. Parameters: $dataset_id.
SELECT c.subject_id, v.scan_id, v.protocol_id, v.column_name, v.reason
FROM missing_value AS v
JOIN scan AS c ON c.scan_id = v.scan_id
WHERE c.dataset_id = $dataset_id
ORDER BY v.column_name, c.subject_id, v.scan_id, v.protocol_id;
