-- Grain: one row per protocol. Parameters: none. n_scans: scans measured under it.
SELECT
    p.protocol_id,
    p.title,
    p.description,
    p.zone_rule,
    p.citation,
    count(m.scan_id) AS n_scans
FROM protocol AS p
LEFT JOIN measure AS m ON m.protocol_id = p.protocol_id
GROUP BY ALL
ORDER BY p.protocol_id;
