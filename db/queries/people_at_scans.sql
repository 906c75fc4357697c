-- Grain: one row per scan of a dataset: who it shows, and the age at it (years). Parameters: $dataset_id.
SELECT
    c.scan_id,
    c.subject_id,
    c.session,
    s."group",
    s.sex,
    CASE WHEN a.scan_id IS NULL THEN s.age_years ELSE a.age_years END AS age_years
FROM scan AS c
JOIN subject AS s ON s.dataset_id = c.dataset_id AND s.subject_id = c.subject_id
LEFT JOIN scan_age AS a ON a.scan_id = c.scan_id
WHERE c.dataset_id = $dataset_id
ORDER BY c.subject_id, c.scan_id;
