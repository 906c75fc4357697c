-- Saved cohorts: people chosen by a rule that has a name. The rule is kept, not the people: a later import may add to them.

CREATE TABLE saved_cohort (
    name            VARCHAR PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 60),
    dataset_id      VARCHAR NOT NULL,
    protocol_id     VARCHAR NOT NULL,
    rule            VARCHAR NOT NULL,
    rule_sha256     VARCHAR NOT NULL CHECK (regexp_full_match(rule_sha256, '[0-9a-f]{64}')),
    n               INTEGER NOT NULL CHECK (n >= 0),
    content_sha256  VARCHAR NOT NULL,
    saved_at        TIMESTAMP NOT NULL
);

COMMENT ON TABLE saved_cohort IS 'One row per saved cohort: a name and the rule that chooses its people';
COMMENT ON COLUMN saved_cohort.name IS 'what it is called';
COMMENT ON COLUMN saved_cohort.dataset_id IS 'dataset its people are chosen from';
COMMENT ON COLUMN saved_cohort.protocol_id IS 'how they were measured';
COMMENT ON COLUMN saved_cohort.rule IS 'the filter as JSON, keys in order';
COMMENT ON COLUMN saved_cohort.rule_sha256 IS 'SHA-256 of the rule';
COMMENT ON COLUMN saved_cohort.n IS 'people it had when it was saved';
COMMENT ON COLUMN saved_cohort.content_sha256 IS 'content of the dataset when it was saved';
COMMENT ON COLUMN saved_cohort.saved_at IS 'when, UTC';
