-- Grain: one row per scan measured from images, and protocol. Parameters: $scan_id, $dataset_id, each NULL for all.
-- Units: volumes in mL; unlikeness is 1 at the limit of scans like those of the model's training.
SELECT c.dataset_id, c.subject_id, r.scan_id, r.protocol_id, r.wmh_low_ml, r.wmh_high_ml, r.no_range_reason, r.unlikeness, r.unlike_in
FROM reliability AS r
JOIN scan AS c ON c.scan_id = r.scan_id
WHERE ($scan_id IS NULL OR r.scan_id = $scan_id) AND ($dataset_id IS NULL OR c.dataset_id = $dataset_id)
ORDER BY c.dataset_id, c.subject_id, r.scan_id, r.protocol_id;
