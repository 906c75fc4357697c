-- Grain: one protocol a person named that this software does not know; a known one stays as it is.
-- Parameters: $protocol_id.
INSERT INTO protocol (protocol_id, title, description, zone_rule, citation)
SELECT
    $protocol_id,
    'User-defined: ' || $protocol_id,
    'Named by the person who imported the table; how the numbers were measured is not recorded here. '
    || 'Never comparable with another protocol.',
    NULL,
    NULL
WHERE NOT EXISTS (SELECT 1 FROM protocol WHERE protocol_id = $protocol_id);
