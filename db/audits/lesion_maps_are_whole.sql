-- Grain: one row per scan and protocol whose lesion map is half there, has voxels outside the common grid (99 x 117 x 95) or twice, or
-- stands beside a reason why nothing could be registered.
SELECT scan_id, protocol_id
FROM registration
WHERE
    (lesion_voxels IS NULL) <> (seen_runs IS NULL)
    OR (lesion_voxels IS NOT NULL AND reason IS NOT NULL)
    OR len(seen_runs) % 2 = 1
    OR list_max(lesion_voxels) >= 99 * 117 * 95
    OR list_max(seen_runs) > 99 * 117 * 95
    OR len(lesion_voxels) <> len(list_distinct(lesion_voxels))
    OR len(seen_runs) <> len(list_distinct(seen_runs));
