-- Grain: one row per scan and protocol that has lesions, flags, regions or reasons for missing values, but no measure.
SELECT kind, scan_id, protocol_id
FROM (
    SELECT 'lesion' AS kind, scan_id, protocol_id FROM lesion
    UNION
    SELECT 'region_load', scan_id, protocol_id FROM region_load
    UNION
    SELECT 'registration', scan_id, protocol_id FROM registration
    UNION
    SELECT 'scan_flag', scan_id, protocol_id FROM scan_flag
    UNION
    SELECT 'missing_value', scan_id, protocol_id FROM missing_value
)
ANTI JOIN measure USING (scan_id, protocol_id);
