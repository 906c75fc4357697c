-- Grain: one row per verdict of a reader, newest first. Parameters: $scan_id, $dataset_id, each NULL for all.
-- current: the verdict counts, being the last one, and on the measurement that the store holds now.
SELECT
    c.dataset_id,
    c.subject_id,
    r.scan_id,
    r.protocol_id,
    r.review_number,
    r.verdict,
    r.reason,
    r.initials,
    r.reviewed_at,
    r.run_id,
    r.run_id = m.run_id
    AND r.review_number = max(r.review_number) OVER (PARTITION BY r.scan_id, r.protocol_id) AS current
FROM review AS r
JOIN scan AS c ON c.scan_id = r.scan_id
LEFT JOIN measure AS m ON m.scan_id = r.scan_id AND m.protocol_id = r.protocol_id
WHERE ($scan_id IS NULL OR r.scan_id = $scan_id) AND ($dataset_id IS NULL OR c.dataset_id = $dataset_id)
ORDER BY r.reviewed_at DESC, c.dataset_id, r.scan_id, r.protocol_id, r.review_number DESC;
