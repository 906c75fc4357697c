-- Grain: one row per problem of a refused table row, from the frame "incoming_problems" (row_number, column_name, reason).
-- Parameters: $run_id, $input. The refused value itself is not stored: it may be a name.
INSERT INTO rejection (run_id, input, row_number, column_name, reason)
SELECT $run_id, $input, row_number, column_name, reason
FROM incoming_problems;
