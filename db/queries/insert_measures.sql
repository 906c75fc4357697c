-- Grain: one row per person of the frame "incoming". Parameters: $dataset_id, $protocol_id, $run_id.
-- Units: areas in mm2, volumes in mL. The zone rule is the protocol's.
INSERT INTO measure (
    scan_id,
    protocol_id,
    run_id,
    zone_rule,
    intracranial_area_mm2,
    ventricle_area_mm2,
    wmh_area_mm2,
    periventricular_area_mm2,
    paraventricular_area_mm2,
    juxtacortical_area_mm2,
    ventricle_volume_ml,
    wmh_volume_ml,
    periventricular_volume_ml,
    paraventricular_volume_ml,
    juxtacortical_volume_ml,
    lesion_count
)
SELECT
    $dataset_id || '/' || i.subject_id,
    p.protocol_id,
    $run_id,
    p.zone_rule,
    i.intracranial_area_mm2,
    i.ventricle_area_mm2,
    i.wmh_area_mm2,
    i.periventricular_area_mm2,
    i.paraventricular_area_mm2,
    i.juxtacortical_area_mm2,
    i.ventricle_volume_ml,
    i.wmh_volume_ml,
    i.periventricular_volume_ml,
    i.paraventricular_volume_ml,
    i.juxtacortical_volume_ml,
    i.lesion_count
FROM incoming AS i
CROSS JOIN protocol AS p
WHERE p.protocol_id = $protocol_id;
