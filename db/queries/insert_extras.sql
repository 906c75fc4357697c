-- Grain: the further columns of an imported table and their values, from the frames "incoming_extra_columns" (name, kind, label,
-- unit, position) and "incoming_extra_values" (scan_id, column_name, number_value, text_value). Parameters: $dataset_id. Run statement
-- by statement.
INSERT INTO extra_column (dataset_id, column_name, position, kind, label, unit)
SELECT $dataset_id, name, position, kind, label, unit
FROM incoming_extra_columns;
INSERT INTO extra_value (scan_id, column_name, number_value, text_value)
SELECT scan_id, column_name, number_value, text_value
FROM incoming_extra_values;
