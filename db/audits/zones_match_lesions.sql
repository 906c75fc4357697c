-- Grain: one row per scan, protocol and zone whose area (mm2) is not that of the lesions in the zone. Tables of measures have no
-- lesions. Tolerance: 0.5 mm2 or 0.1 % of the area, whichever is larger.
WITH told AS (
    SELECT m.scan_id, m.protocol_id, unnest([
        {'zone': 'periventricular', 'area_mm2': m.periventricular_area_mm2},
        {'zone': 'paraventricular', 'area_mm2': m.paraventricular_area_mm2},
        {'zone': 'juxtacortical', 'area_mm2': m.juxtacortical_area_mm2}
    ], recursive := true)
    FROM measure AS m
    JOIN scan AS c ON c.scan_id = m.scan_id
    WHERE c.stem IS NOT NULL
),
found AS (
    SELECT scan_id, protocol_id, zone, sum(area_mm2) AS area_mm2
    FROM lesion
    GROUP BY scan_id, protocol_id, zone
)
SELECT t.scan_id, t.protocol_id, t.zone, t.area_mm2, coalesce(f.area_mm2, 0) AS lesions_mm2
FROM told AS t
LEFT JOIN found AS f ON f.scan_id = t.scan_id AND f.protocol_id = t.protocol_id AND f.zone = t.zone
WHERE abs(t.area_mm2 - coalesce(f.area_mm2, 0)) > greatest(0.5, 0.001 * t.area_mm2);
