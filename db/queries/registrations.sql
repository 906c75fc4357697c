-- Grain: one row per scan measured from images, and protocol. Parameters: $scan_id, $dataset_id, each NULL for all.
-- Units: areas in mm2, volumes in mL, overlaps 0 to 1 (Dice); all NULL where reason says why there are no regions.
SELECT
    c.dataset_id,
    c.subject_id,
    r.scan_id,
    r.protocol_id,
    r.atlas,
    r.space,
    r.brain_overlap,
    r.ventricle_overlap,
    r.unassigned_area_mm2,
    r.unassigned_volume_ml,
    r.unassigned_count,
    r.moved_volume_ml,
    r.reason,
    r.to_template
FROM registration AS r
JOIN scan AS c ON c.scan_id = r.scan_id
WHERE ($scan_id IS NULL OR r.scan_id = $scan_id) AND ($dataset_id IS NULL OR c.dataset_id = $dataset_id)
ORDER BY c.dataset_id, c.subject_id, r.scan_id, r.protocol_id;
