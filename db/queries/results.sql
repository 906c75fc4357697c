-- Grain: one row per scan of a dataset that was measured from images, and protocol. Parameters: $dataset_id.
-- settings: of the run, JSON; result_sha256: of everything the run said about the scan.
SELECT m.scan_id, m.protocol_id, m.run_id, r.settings, m.result_sha256
FROM measure AS m
JOIN scan AS c ON c.scan_id = m.scan_id
JOIN run AS r ON r.run_id = m.run_id
WHERE c.dataset_id = $dataset_id AND m.result_sha256 IS NOT NULL
ORDER BY m.scan_id, m.protocol_id;
