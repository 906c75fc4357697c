-- Grain: one row per scan that was measured from images, and protocol. Parameters: $dataset_id, NULL for all datasets.
-- Units: areas in mm2, volumes in mL, ages in years, ratios and shares in percent; NULL means not measured or not known.
-- derivatives: folder of the scan's files, relative to the store's when inside it; flags: names of reasons to doubt the scan;
-- reader_verdict: last verdict of a reader on this measurement, NULL where nobody looked.
SELECT
    v.dataset_id,
    d.synthetic,
    v.subject_id,
    v.scan_id,
    v.session,
    v."group",
    v.sex,
    v.age_years,
    c.file_name,
    c.stem,
    c.derivatives,
    c.source_sha256,
    c.n_slices,
    c.pixel_mm_x,
    c.pixel_mm_y,
    c.slice_spacing_mm,
    v.protocol_id,
    v.model_id,
    v.zone_rule,
    v.run_id,
    r.finished_at,
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
    coalesce(f.flags, CAST([] AS VARCHAR[])) AS flags,
    q.reader_verdict
FROM cohort AS v
JOIN scan AS c ON c.scan_id = v.scan_id
JOIN dataset AS d ON d.dataset_id = v.dataset_id
JOIN run AS r ON r.run_id = v.run_id
LEFT JOIN (
    SELECT scan_id, protocol_id, list(flag ORDER BY flag) AS flags
    FROM scan_flag
    GROUP BY scan_id, protocol_id
) AS f ON f.scan_id = v.scan_id AND f.protocol_id = v.protocol_id
LEFT JOIN (
    SELECT scan_id, protocol_id, arg_max(verdict, review_number) AS reader_verdict, arg_max(run_id, review_number) AS run_id
    FROM review
    GROUP BY scan_id, protocol_id
) AS q ON q.scan_id = v.scan_id AND q.protocol_id = v.protocol_id AND q.run_id = v.run_id
WHERE c.stem IS NOT NULL AND ($dataset_id IS NULL OR v.dataset_id = $dataset_id)
ORDER BY d.synthetic, v.dataset_id, v.subject_id, v.scan_id, v.protocol_id;
