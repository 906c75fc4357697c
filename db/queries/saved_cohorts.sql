-- Grain: one saved cohort, by name. Parameters: none.
SELECT name, dataset_id, protocol_id, rule, rule_sha256, n, content_sha256, saved_at
FROM saved_cohort
ORDER BY name;
