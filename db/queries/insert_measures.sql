-- Grain: one row per scan of the frame "incoming". Parameters: $protocol_id, $run_id.
-- Units: areas in mm2, volumes in mL, ratios and shares in percent. The zone rule is the protocol's.
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
    lesion_count
)
SELECT
    i.scan_id,
    p.protocol_id,
    $run_id,
    p.zone_rule,
    i.intracranial_area_mm2,
    i.ventricle_area_mm2,
    i.wmh_area_mm2,
    i.periventricular_area_mm2,
    i.paraventricular_area_mm2,
    i.juxtacortical_area_mm2,
    i.ventricle_ratio_pct,
    i.wmh_ratio_pct,
    i.periventricular_share_pct,
    i.paraventricular_share_pct,
    i.juxtacortical_share_pct,
    i.ventricle_volume_ml,
    i.wmh_volume_ml,
    i.periventricular_volume_ml,
    i.paraventricular_volume_ml,
    i.juxtacortical_volume_ml,
    i.lesion_count
FROM incoming AS i
CROSS JOIN protocol AS p
WHERE p.protocol_id = $protocol_id;
