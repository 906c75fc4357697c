-- Grain: one row per value the table did not give, from the frame "incoming_missing" (scan_id, column_name).
-- Parameters: $protocol_id.
INSERT INTO missing_value (scan_id, protocol_id, column_name, reason)
SELECT scan_id, $protocol_id, column_name, 'not given in the imported table'
FROM incoming_missing;
