-- Grain: one row per scan and protocol with a ratio or share outside 0-100 %. Half a pixel may carry a share just over 100 %.
SELECT
    scan_id,
    protocol_id,
    ventricle_ratio_pct,
    wmh_ratio_pct,
    periventricular_share_pct,
    paraventricular_share_pct,
    juxtacortical_share_pct
FROM cohort
WHERE NOT (
    coalesce(ventricle_ratio_pct, 0) BETWEEN 0 AND 100
    AND coalesce(wmh_ratio_pct, 0) BETWEEN 0 AND 100
    AND coalesce(periventricular_share_pct, 0) BETWEEN 0 AND 100 + greatest(0.1, 50 / wmh_area_mm2)
    AND coalesce(paraventricular_share_pct, 0) BETWEEN 0 AND 100 + greatest(0.1, 50 / wmh_area_mm2)
    AND coalesce(juxtacortical_share_pct, 0) BETWEEN 0 AND 100 + greatest(0.1, 50 / wmh_area_mm2)
);
