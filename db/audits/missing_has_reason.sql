-- Grain: one row per value that is NULL without a reason, or has a reason for missing and yet a value. Tables need
-- not have every measure.
WITH value AS (
    SELECT m.scan_id, m.protocol_id, c.dataset_id, unnest([
        {'column_name': 'group', 'missing': s."group" IS NULL, 'optional': false},
        {'column_name': 'sex', 'missing': s.sex IS NULL, 'optional': false},
        {'column_name': 'age_years', 'missing': CASE WHEN a.scan_id IS NULL THEN s.age_years ELSE a.age_years END IS NULL, 'optional': false},
        {'column_name': 'intracranial_area_mm2', 'missing': m.intracranial_area_mm2 IS NULL, 'optional': c.stem IS NULL},
        {'column_name': 'ventricle_area_mm2', 'missing': m.ventricle_area_mm2 IS NULL, 'optional': c.stem IS NULL},
        {'column_name': 'wmh_area_mm2', 'missing': m.wmh_area_mm2 IS NULL, 'optional': c.stem IS NULL},
        {'column_name': 'periventricular_area_mm2', 'missing': m.periventricular_area_mm2 IS NULL, 'optional': c.stem IS NULL},
        {'column_name': 'paraventricular_area_mm2', 'missing': m.paraventricular_area_mm2 IS NULL, 'optional': c.stem IS NULL},
        {'column_name': 'juxtacortical_area_mm2', 'missing': m.juxtacortical_area_mm2 IS NULL, 'optional': c.stem IS NULL},
        {'column_name': 'ventricle_volume_ml', 'missing': m.ventricle_volume_ml IS NULL, 'optional': c.stem IS NULL},
        {'column_name': 'wmh_volume_ml', 'missing': m.wmh_volume_ml IS NULL, 'optional': c.stem IS NULL},
        {'column_name': 'periventricular_volume_ml', 'missing': m.periventricular_volume_ml IS NULL, 'optional': c.stem IS NULL},
        {'column_name': 'paraventricular_volume_ml', 'missing': m.paraventricular_volume_ml IS NULL, 'optional': c.stem IS NULL},
        {'column_name': 'juxtacortical_volume_ml', 'missing': m.juxtacortical_volume_ml IS NULL, 'optional': c.stem IS NULL},
        {'column_name': 'lesion_count', 'missing': m.lesion_count IS NULL, 'optional': c.stem IS NULL}
    ], recursive := true)
    FROM measure AS m
    JOIN scan AS c ON c.scan_id = m.scan_id
    JOIN subject AS s ON s.dataset_id = c.dataset_id AND s.subject_id = c.subject_id
    LEFT JOIN scan_age AS a ON a.scan_id = m.scan_id
)
SELECT v.scan_id, v.protocol_id, v.column_name
FROM (
    SELECT *, bool_and(missing) OVER (PARTITION BY dataset_id, protocol_id, column_name) AS nobody_has_it
    FROM value
) AS v
LEFT JOIN missing_value AS r
    ON r.scan_id = v.scan_id AND r.protocol_id = v.protocol_id AND r.column_name = v.column_name
WHERE v.missing <> (r.reason IS NOT NULL) AND NOT (v.nobody_has_it AND v.optional);
