-- Grain: one row per scan and protocol with a lesion map. Parameters: $dataset_id, $protocol_id, each NULL for all.
-- Units: voxels of the common grid (vocabulary.lesion_grid), numbered from 0.
SELECT
    c.dataset_id,
    c.subject_id,
    r.scan_id,
    r.protocol_id,
    r.lesion_voxels,
    r.seen_runs
FROM registration AS r
JOIN scan AS c ON c.scan_id = r.scan_id
WHERE
    r.lesion_voxels IS NOT NULL
    AND ($dataset_id IS NULL OR c.dataset_id = $dataset_id)
    AND ($protocol_id IS NULL OR r.protocol_id = $protocol_id)
ORDER BY c.dataset_id, c.subject_id, r.scan_id, r.protocol_id;
