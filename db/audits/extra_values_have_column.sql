-- Grain: one row per further value that no column of its dataset describes, or that is of another kind than its column.
SELECT v.scan_id, v.column_name
FROM extra_value AS v
JOIN scan AS c ON c.scan_id = v.scan_id
LEFT JOIN extra_column AS e ON e.dataset_id = c.dataset_id AND e.column_name = v.column_name
WHERE e.kind IS NULL OR (e.kind = 'number') <> (v.number_value IS NOT NULL);
