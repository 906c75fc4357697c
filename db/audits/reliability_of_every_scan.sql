-- Grain: one row per scan measured from images of which nothing says how far it can be trusted, that has a range although it is
-- flagged, or whose lesion has two chances, is sure by one slice and unsure by another, or has a chance outside 0 to 1.
SELECT m.scan_id, m.protocol_id
FROM measure AS m
JOIN scan AS c ON c.scan_id = m.scan_id
LEFT JOIN reliability AS r ON r.scan_id = m.scan_id AND r.protocol_id = m.protocol_id
WHERE
    (c.stem IS NOT NULL AND r.scan_id IS NULL)
    OR (
        r.wmh_high_ml IS NOT NULL
        AND EXISTS (SELECT 1 FROM scan_flag AS f WHERE f.scan_id = m.scan_id AND f.protocol_id = m.protocol_id)
    )
UNION
SELECT l.scan_id, l.protocol_id
FROM lesion AS l
GROUP BY l.scan_id, l.protocol_id, l.whole_lesion_number
HAVING
    count(DISTINCT l.chance) > 1
    OR count(DISTINCT l.sure) > 1
    OR count(l.chance) NOT IN (0, count(*))
    OR count(l.sure) <> count(l.chance)
    OR max(l.chance) > 1
    OR min(l.chance) < 0;
