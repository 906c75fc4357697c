-- Grain: one row per scan measured from images that has neither a registration nor a reason for none, or has regional loads without one.
SELECT m.scan_id, m.protocol_id
FROM measure AS m
JOIN scan AS c ON c.scan_id = m.scan_id
LEFT JOIN registration AS r ON r.scan_id = m.scan_id AND r.protocol_id = m.protocol_id
WHERE
    (c.stem IS NOT NULL AND r.scan_id IS NULL)
    OR (
        (r.scan_id IS NULL OR r.reason IS NOT NULL)
        AND EXISTS (SELECT 1 FROM region_load AS l WHERE l.scan_id = m.scan_id AND l.protocol_id = m.protocol_id)
    );
