-- Grain: one row per refused input. Parameters: $run_id, NULL for all runs. row_number: as a spreadsheet counts, header = 1.
SELECT run_id, input, row_number, column_name, reason
FROM rejection
WHERE $run_id IS NULL OR run_id = $run_id
ORDER BY run_id, input, row_number, column_name, reason;
