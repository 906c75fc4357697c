-- Grain: one saved cohort. Parameters: $name, $dataset_id, $protocol_id, $rule (JSON), $rule_sha256, $n, $content_sha256,
-- $saved_at (UTC).
INSERT INTO saved_cohort (name, dataset_id, protocol_id, rule, rule_sha256, n, content_sha256, saved_at)
VALUES ($name, $dataset_id, $protocol_id, $rule, $rule_sha256, $n, $content_sha256, $saved_at);
