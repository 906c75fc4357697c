-- Grain: one row per lesion of a dataset under a protocol. Parameters: $dataset_id, $protocol_id.
-- Units: areas in mm2, volumes in mL, distances in mm, centroids in scanner RAS+ mm.
SELECT
    c.subject_id,
    l.scan_id,
    l.protocol_id,
    l.lesion_number,
    l.zone,
    l.region,
    l.area_mm2,
    l.volume_ml,
    l.distance_to_ventricle_mm,
    l.distance_to_cortex_mm,
    l.centroid_x_mm,
    l.centroid_y_mm,
    l.centroid_z_mm
FROM lesion AS l
JOIN scan AS c ON c.scan_id = l.scan_id
WHERE c.dataset_id = $dataset_id AND l.protocol_id = $protocol_id
ORDER BY c.subject_id, l.scan_id, l.lesion_number;
