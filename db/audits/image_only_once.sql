-- Grain: one row per image that a dataset holds under several names: the same person would count twice.
SELECT dataset_id, source_sha256, min(scan_id) AS scan_id, max(scan_id) AS same_as
FROM scan
WHERE source_sha256 IS NOT NULL
GROUP BY dataset_id, source_sha256
HAVING count(*) > 1;
