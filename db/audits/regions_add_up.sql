-- Grain: one row per scan and protocol whose regional loads and what belongs to no region do not add up to its WMH volume (mL), area
-- (mm2) or number of lesions. Scans without regions have none to add. Tolerance: 0.001 mL and 0.1 mm2, for rounding alone.
SELECT r.scan_id, r.protocol_id, m.wmh_volume_ml, l.volume_ml + r.unassigned_volume_ml AS regions_ml
FROM registration AS r
JOIN measure AS m ON m.scan_id = r.scan_id AND m.protocol_id = r.protocol_id
LEFT JOIN (
    SELECT scan_id, protocol_id, sum(volume_ml) AS volume_ml, sum(area_mm2) AS area_mm2, sum(lesion_count) AS n
    FROM region_load
    GROUP BY scan_id, protocol_id
) AS l ON l.scan_id = r.scan_id AND l.protocol_id = r.protocol_id
WHERE
    r.reason IS NULL
    AND (
        l.n IS NULL
        OR abs(l.volume_ml + r.unassigned_volume_ml - m.wmh_volume_ml) > 0.001
        OR abs(l.area_mm2 + r.unassigned_area_mm2 - m.wmh_area_mm2) > 0.1
        OR l.n + r.unassigned_count <> m.lesion_count
    );
