-- Grain: one row per scan, protocol and region whose number of lesions is not that of the lesions that name the region.
WITH told AS (
    SELECT scan_id, protocol_id, region, side, lesion_count AS n FROM region_load WHERE lesion_count > 0
),
found AS (
    SELECT scan_id, protocol_id, region, side, count(DISTINCT whole_lesion_number) AS n
    FROM lesion
    WHERE region IS NOT NULL AND side IS NOT NULL
    GROUP BY scan_id, protocol_id, region, side
)
SELECT scan_id, protocol_id, region, side, t.n AS told, f.n AS found
FROM told AS t
FULL JOIN found AS f USING (scan_id, protocol_id, region, side)
WHERE t.n IS DISTINCT FROM f.n;
