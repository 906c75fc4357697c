-- Corrections: what was given or corrected about a person or the visit of a scan, each with what was there before.

CREATE TABLE correction (
    dataset_id      VARCHAR NOT NULL,
    subject_id      VARCHAR NOT NULL,
    correction_number INTEGER NOT NULL CHECK (correction_number > 0),
    scan_id         VARCHAR,
    what            VARCHAR NOT NULL CHECK (what IN ('group', 'sex', 'age_years', 'session')),
    before          VARCHAR,
    after           VARCHAR,
    initials        VARCHAR NOT NULL CHECK (regexp_full_match(initials, '[\p{L}]{1,5}')),
    corrected_at    TIMESTAMP NOT NULL,
    PRIMARY KEY (dataset_id, subject_id, correction_number),
    CHECK (before IS DISTINCT FROM after)
);

COMMENT ON TABLE correction IS 'One row per value about a person or a visit that was given or corrected by hand';
COMMENT ON COLUMN correction.dataset_id IS 'the dataset';
COMMENT ON COLUMN correction.subject_id IS 'the person';
COMMENT ON COLUMN correction.correction_number IS 'counts the corrections of one person, from 1';
COMMENT ON COLUMN correction.scan_id IS 'the scan, where age or visit belong to it; NULL for the person';
COMMENT ON COLUMN correction.what IS 'group, sex, age_years or session (the visit)';
COMMENT ON COLUMN correction.before IS 'what was there; NULL where nothing was known';
COMMENT ON COLUMN correction.after IS 'what is there now; NULL where it was taken back';
COMMENT ON COLUMN correction.initials IS 'initials of who corrected';
COMMENT ON COLUMN correction.corrected_at IS 'when, UTC';
