-- Grain: one row per further column of a dataset, in the order of its table. Parameters: $dataset_id.
SELECT column_name, kind, label, unit, source_name
FROM extra_column
WHERE dataset_id = $dataset_id
ORDER BY position;
