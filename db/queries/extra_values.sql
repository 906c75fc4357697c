-- Grain: one row per scan of a dataset and further column that has a value. Parameters: $dataset_id.
SELECT v.scan_id, v.column_name, v.number_value, v.text_value
FROM extra_value AS v
JOIN scan AS c ON c.scan_id = v.scan_id
WHERE c.dataset_id = $dataset_id
ORDER BY v.scan_id, v.column_name;
