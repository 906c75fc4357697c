-- Grain: one further column of a dataset and its values, from the frame "incoming_values" (scan_id, text_value). Parameters:
-- $dataset_id, $column_name, $label, $protocol_id. What a column of this name held before for scans of this protocol goes. Run statement
-- by statement.
DELETE FROM extra_value
WHERE
    column_name = $column_name
    AND scan_id IN (SELECT c.scan_id FROM scan AS c JOIN measure AS m ON m.scan_id = c.scan_id
                    WHERE c.dataset_id = $dataset_id AND m.protocol_id = $protocol_id);
INSERT INTO extra_column (dataset_id, column_name, position, kind, label, unit)
SELECT $dataset_id, $column_name, coalesce(max(position), 0) + 1, 'category', $label, ''
FROM extra_column
WHERE dataset_id = $dataset_id
ON CONFLICT (dataset_id, column_name) DO UPDATE SET label = excluded.label;
INSERT INTO extra_value (scan_id, column_name, number_value, text_value)
SELECT scan_id, $column_name, NULL, text_value
FROM incoming_values;
