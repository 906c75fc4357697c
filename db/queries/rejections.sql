-- Grain: one row per refused input, of the newest run first. Parameters: $run_id, NULL for all runs.
-- row_number: as a spreadsheet counts, header = 1; NULL for a scan. Times are UTC.
SELECT j.run_id, r.dataset_id, r.kind, r.finished_at, j.input, j.row_number, j.column_name, j.reason
FROM rejection AS j
JOIN run AS r ON r.run_id = j.run_id
WHERE $run_id IS NULL OR j.run_id = $run_id
ORDER BY r.finished_at DESC, j.run_id, j.input, j.row_number, j.column_name, j.reason;
