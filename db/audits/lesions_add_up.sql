-- Grain: one row per scan and protocol whose lesions do not add up to its WMH area (mm2), or to its number of lesions. Tables of
-- measures have no lesions. Tolerance: 0.5 mm2 or 0.1 % of the area, whichever is larger.
SELECT m.scan_id, m.protocol_id, m.wmh_area_mm2, coalesce(l.area_mm2, 0) AS lesions_mm2, m.lesion_count, coalesce(l.n, 0) AS n_lesions
FROM measure AS m
JOIN scan AS c ON c.scan_id = m.scan_id
LEFT JOIN (
    SELECT scan_id, protocol_id, sum(area_mm2) AS area_mm2, count(DISTINCT whole_lesion_number) AS n
    FROM lesion
    GROUP BY scan_id, protocol_id
) AS l ON l.scan_id = m.scan_id AND l.protocol_id = m.protocol_id
WHERE
    (c.stem IS NOT NULL OR l.n IS NOT NULL)
    AND (
        abs(coalesce(l.area_mm2, 0) - m.wmh_area_mm2) > greatest(0.5, 0.001 * m.wmh_area_mm2)
        OR (c.stem IS NOT NULL AND coalesce(l.n, 0) <> m.lesion_count)
    );
