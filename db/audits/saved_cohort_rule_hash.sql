-- Grain: one saved cohort whose rule is not the one that was saved: its hash is another. Parameters: none.
SELECT name, rule_sha256
FROM saved_cohort
WHERE sha256(rule) <> rule_sha256;
