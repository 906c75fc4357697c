-- Grain: one row per age or area that is NULL without a reason, or has a reason for missing and yet a value.
WITH value AS (
    SELECT m.scan_id, m.protocol_id, unnest([
        {'column_name': 'age_years', 'value': s.age_years},
        {'column_name': 'intracranial_area_mm2', 'value': m.intracranial_area_mm2},
        {'column_name': 'ventricle_area_mm2', 'value': m.ventricle_area_mm2},
        {'column_name': 'wmh_area_mm2', 'value': m.wmh_area_mm2},
        {'column_name': 'periventricular_area_mm2', 'value': m.periventricular_area_mm2},
        {'column_name': 'paraventricular_area_mm2', 'value': m.paraventricular_area_mm2},
        {'column_name': 'juxtacortical_area_mm2', 'value': m.juxtacortical_area_mm2}
    ], recursive := true)
    FROM measure AS m
    JOIN scan AS c ON c.scan_id = m.scan_id
    JOIN subject AS s ON s.dataset_id = c.dataset_id AND s.subject_id = c.subject_id
)
SELECT v.scan_id, v.protocol_id, v.column_name
FROM value AS v
LEFT JOIN missing_value AS r
    ON r.scan_id = v.scan_id AND r.protocol_id = v.protocol_id AND r.column_name = v.column_name
WHERE (v.value IS NULL) <> (r.reason IS NOT NULL);
