-- What readers say of a scan's measurement: pass, doubt or fail, with a reason and initials. Every verdict stays; the last one on the
-- present measurement counts. No foreign keys: a scan that is measured anew keeps what was said of it before.

CREATE TABLE review (
    scan_id         VARCHAR NOT NULL,
    protocol_id     VARCHAR NOT NULL,
    review_number   INTEGER NOT NULL CHECK (review_number > 0),
    run_id          VARCHAR NOT NULL,
    verdict         VARCHAR NOT NULL CHECK (verdict IN ('pass', 'doubt', 'fail')),
    reason          VARCHAR NOT NULL CHECK (length(reason) <= 300 AND (verdict = 'pass' OR length(reason) > 0)),
    initials        VARCHAR NOT NULL CHECK (regexp_full_match(initials, '[\p{L}]{1,5}')),
    reviewed_at     TIMESTAMP NOT NULL,
    PRIMARY KEY (scan_id, protocol_id, review_number)
);

COMMENT ON TABLE review IS 'One row per verdict of a reader on a scan''s measurement; the last one on the present run counts';
COMMENT ON COLUMN review.scan_id IS 'the scan';
COMMENT ON COLUMN review.protocol_id IS 'how it was measured';
COMMENT ON COLUMN review.review_number IS 'counts the verdicts on one scan and protocol, from 1';
COMMENT ON COLUMN review.run_id IS 'the run whose measurement was looked at';
COMMENT ON COLUMN review.verdict IS 'pass, doubt or fail';
COMMENT ON COLUMN review.reason IS 'why; may be empty for pass';
COMMENT ON COLUMN review.initials IS 'initials of the reader';
COMMENT ON COLUMN review.reviewed_at IS 'when, UTC';
