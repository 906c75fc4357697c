-- Grain: one row per scan and protocol with an infinite or not-a-number value, which a CHECK lets pass.
SELECT scan_id, protocol_id
FROM measure
WHERE NOT (
    isfinite(coalesce(intracranial_area_mm2, 1))
    AND isfinite(coalesce(ventricle_area_mm2, 0))
    AND isfinite(coalesce(wmh_area_mm2, 0))
    AND isfinite(coalesce(periventricular_area_mm2, 0))
    AND isfinite(coalesce(paraventricular_area_mm2, 0))
    AND isfinite(coalesce(juxtacortical_area_mm2, 0))
    AND isfinite(coalesce(ventricle_volume_ml, 0))
    AND isfinite(coalesce(wmh_volume_ml, 0))
    AND isfinite(coalesce(periventricular_volume_ml, 0))
    AND isfinite(coalesce(paraventricular_volume_ml, 0))
    AND isfinite(coalesce(juxtacortical_volume_ml, 0))
);
