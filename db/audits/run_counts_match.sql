-- Grain: one row per run that says it accepted another number of scans than the store holds of it. A run of scans may have
-- fewer: a later one measured some again, or found the same as an earlier one.
SELECT r.run_id, r.kind, r.n_accepted, count(m.scan_id) AS n_measured
FROM run AS r
LEFT JOIN measure AS m ON m.run_id = r.run_id
GROUP BY r.run_id, r.kind, r.n_accepted
HAVING count(m.scan_id) > r.n_accepted OR (count(m.scan_id) < r.n_accepted AND r.kind <> 'ingest');
