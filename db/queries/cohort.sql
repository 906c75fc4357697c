-- Grain: one row per scan of a dataset under a protocol.
-- Parameters: $dataset_id, $protocol_id.
-- Units: areas in mm2, volumes in mL, ages in years, ratios and shares in percent; NULL means not measured.
-- reader_verdict: the last verdict of a reader on this measurement (pass, doubt, fail); NULL where nobody looked.
SELECT
    v.dataset_id,
    v.protocol_id,
    v.subject_id,
    v.scan_id,
    v.session,
    v."group",
    v.sex,
    v.age_years,
    v.intracranial_area_mm2,
    v.ventricle_area_mm2,
    v.wmh_area_mm2,
    v.periventricular_area_mm2,
    v.paraventricular_area_mm2,
    v.juxtacortical_area_mm2,
    v.ventricle_ratio_pct,
    v.wmh_ratio_pct,
    v.periventricular_share_pct,
    v.paraventricular_share_pct,
    v.juxtacortical_share_pct,
    v.ventricle_volume_ml,
    v.wmh_volume_ml,
    v.periventricular_volume_ml,
    v.paraventricular_volume_ml,
    v.juxtacortical_volume_ml,
    v.lesion_count,
    v.run_id,
    v.model_id,
    v.zone_rule,
    q.reader_verdict
FROM cohort AS v
LEFT JOIN (
    SELECT scan_id, protocol_id, arg_max(verdict, review_number) AS reader_verdict, arg_max(run_id, review_number) AS run_id
    FROM review
    GROUP BY scan_id, protocol_id
) AS q ON q.scan_id = v.scan_id AND q.protocol_id = v.protocol_id AND q.run_id = v.run_id
WHERE v.dataset_id = $dataset_id AND v.protocol_id = $protocol_id
ORDER BY v.subject_id, v.scan_id;
