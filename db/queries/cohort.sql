-- Grain: one row per scan of a dataset under a protocol.
-- Parameters: $dataset_id, $protocol_id.
-- Units: areas in mm2, volumes in mL, ages in years, ratios and shares in percent; NULL means not measured.
SELECT
    dataset_id,
    protocol_id,
    subject_id,
    scan_id,
    session,
    "group",
    sex,
    age_years,
    intracranial_area_mm2,
    ventricle_area_mm2,
    wmh_area_mm2,
    periventricular_area_mm2,
    paraventricular_area_mm2,
    juxtacortical_area_mm2,
    ventricle_ratio_pct,
    wmh_ratio_pct,
    periventricular_share_pct,
    paraventricular_share_pct,
    juxtacortical_share_pct,
    ventricle_volume_ml,
    wmh_volume_ml,
    periventricular_volume_ml,
    paraventricular_volume_ml,
    juxtacortical_volume_ml,
    lesion_count,
    run_id,
    model_id,
    zone_rule
FROM cohort
WHERE dataset_id = $dataset_id AND protocol_id = $protocol_id
ORDER BY subject_id, scan_id;
