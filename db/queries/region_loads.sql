-- Grain: one row per scan, protocol and region. Parameters: $scan_id, $dataset_id, each NULL for all.
-- Units: areas in mm2, volumes in mL; region_volume_ml is 0 where the scan does not show the region.
SELECT
    c.dataset_id,
    c.subject_id,
    l.scan_id,
    l.protocol_id,
    l.region_number,
    l.region,
    l.side,
    l.area_mm2,
    l.volume_ml,
    l.lesion_count,
    l.region_volume_ml
FROM region_load AS l
JOIN scan AS c ON c.scan_id = l.scan_id
WHERE ($scan_id IS NULL OR l.scan_id = $scan_id) AND ($dataset_id IS NULL OR c.dataset_id = $dataset_id)
ORDER BY c.dataset_id, c.subject_id, l.scan_id, l.protocol_id, l.region_number;
