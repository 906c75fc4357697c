-- Grain: one row per dataset. Parameters: none. Counts are people (n, n_hc, n_ms) and scans.
-- Order: the first is what pages and commands show unless told otherwise. Datasets whose groups are known first; real
-- before synthetic; both groups before one, for there is nothing to compare in these; real ones newest, synthetic ones largest first.
WITH people AS (
    SELECT
        dataset_id,
        count(*) AS n,
        count(*) FILTER (WHERE "group" = 'HC') AS n_hc,
        count(*) FILTER (WHERE "group" = 'MS') AS n_ms
    FROM subject
    GROUP BY dataset_id
),
scans AS (
    SELECT c.dataset_id, count(DISTINCT c.scan_id) AS n_scans, list(DISTINCT m.protocol_id ORDER BY m.protocol_id) AS protocol_ids
    FROM scan AS c
    JOIN measure AS m ON m.scan_id = c.scan_id
    GROUP BY c.dataset_id
),
latest AS (
    SELECT dataset_id, max(finished_at) AS finished_at
    FROM run
    GROUP BY dataset_id
)
SELECT
    d.dataset_id,
    d.title,
    d.synthetic,
    d.citation,
    d.licence,
    d.content_sha256,
    coalesce(s.protocol_ids, CAST([] AS VARCHAR[])) AS protocol_ids,
    coalesce(p.n, 0) AS n,
    coalesce(p.n_hc, 0) AS n_hc,
    coalesce(p.n_ms, 0) AS n_ms,
    coalesce(s.n_scans, 0) AS n_scans,
    l.finished_at
FROM dataset AS d
LEFT JOIN people AS p ON p.dataset_id = d.dataset_id
LEFT JOIN scans AS s ON s.dataset_id = d.dataset_id
LEFT JOIN latest AS l ON l.dataset_id = d.dataset_id
ORDER BY
    (coalesce(p.n_hc, 0) + coalesce(p.n_ms, 0) > 0) DESC,
    d.synthetic,
    (coalesce(p.n_hc, 0) > 0 AND coalesce(p.n_ms, 0) > 0) DESC,
    CASE WHEN d.synthetic THEN p.n END DESC,
    l.finished_at DESC,
    d.dataset_id;
