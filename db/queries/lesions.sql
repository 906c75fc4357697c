-- Grain: one row per lesion and slice of a scan under a protocol. Parameters: $scan_id, $dataset_id, each NULL for all.
-- Units: areas in mm2, volumes in mL, distances in mm (NULL: no ventricle or cortical border in the slice), centroids in scanner RAS+ mm.
-- whole_lesion_number: rows of one number touch across slices; slice_index counts from 0; chance: that an outline by hand touches
-- the whole lesion, sure: whether that is high enough, NULL where not known.
SELECT
    c.dataset_id,
    c.subject_id,
    l.scan_id,
    l.protocol_id,
    l.lesion_number,
    l.whole_lesion_number,
    l.slice_index,
    l.zone,
    l.region,
    l.side,
    l.area_mm2,
    l.volume_ml,
    l.distance_to_ventricle_mm,
    l.centroid_to_ventricle_mm,
    l.distance_to_cortex_mm,
    l.touches_ventricle,
    l.touches_cortex,
    l.centroid_x_mm,
    l.centroid_y_mm,
    l.centroid_z_mm,
    l.chance,
    l.sure
FROM lesion AS l
JOIN scan AS c ON c.scan_id = l.scan_id
WHERE ($scan_id IS NULL OR l.scan_id = $scan_id) AND ($dataset_id IS NULL OR c.dataset_id = $dataset_id)
ORDER BY c.dataset_id, c.subject_id, l.scan_id, l.protocol_id, l.lesion_number;
