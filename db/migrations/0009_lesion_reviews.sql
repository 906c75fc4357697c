-- What readers say of lesions that look new, enlarged or gone between two visits: yes, no or unsure. A candidate is not stored by itself:
-- the same two measurements always give the same ones. Every verdict stays; the last one on the present measurements counts. No foreign
-- keys: scans that are measured anew keep what was said of them before.

CREATE TABLE lesion_review (
    earlier_scan_id VARCHAR NOT NULL,
    later_scan_id   VARCHAR NOT NULL,
    protocol_id     VARCHAR NOT NULL,
    kind            VARCHAR NOT NULL CHECK (kind IN ('new', 'enlarged', 'vanished')),
    centroid_x_mm   DOUBLE NOT NULL,
    centroid_y_mm   DOUBLE NOT NULL,
    centroid_z_mm   DOUBLE NOT NULL,
    review_number   INTEGER NOT NULL CHECK (review_number > 0),
    slice_index     INTEGER NOT NULL CHECK (slice_index >= 0),
    before_ml       DOUBLE NOT NULL CHECK (before_ml >= 0),
    after_ml        DOUBLE NOT NULL CHECK (after_ml >= 0),
    n_candidates    INTEGER NOT NULL CHECK (n_candidates > 0),
    earlier_run_id  VARCHAR NOT NULL,
    later_run_id    VARCHAR NOT NULL,
    verdict         VARCHAR NOT NULL CHECK (verdict IN ('yes', 'no', 'unsure')),
    initials        VARCHAR NOT NULL CHECK (regexp_full_match(initials, '[\p{L}]{1,5}')),
    reviewed_at     TIMESTAMP NOT NULL,
    PRIMARY KEY (
        earlier_scan_id, later_scan_id, protocol_id, kind, centroid_x_mm, centroid_y_mm, centroid_z_mm, review_number
    )
);

COMMENT ON TABLE lesion_review IS 'One row per verdict of a reader on a lesion that differs between two visits; the last one on the present runs counts';
COMMENT ON COLUMN lesion_review.earlier_scan_id IS 'the scan of the earlier visit';
COMMENT ON COLUMN lesion_review.later_scan_id IS 'the scan of the later visit';
COMMENT ON COLUMN lesion_review.protocol_id IS 'how both were measured';
COMMENT ON COLUMN lesion_review.kind IS 'what the comparison proposed: new, enlarged or vanished';
COMMENT ON COLUMN lesion_review.centroid_x_mm IS 'centre of the lesion on the later scan, scanner RAS+, mm';
COMMENT ON COLUMN lesion_review.centroid_y_mm IS 'centre of the lesion on the later scan, scanner RAS+, mm';
COMMENT ON COLUMN lesion_review.centroid_z_mm IS 'centre of the lesion on the later scan, scanner RAS+, mm';
COMMENT ON COLUMN lesion_review.review_number IS 'counts the verdicts on one candidate, from 1';
COMMENT ON COLUMN lesion_review.slice_index IS 'slice of the later scan that shows most of it, from 0';
COMMENT ON COLUMN lesion_review.before_ml IS 'its volume at the earlier visit, mL';
COMMENT ON COLUMN lesion_review.after_ml IS 'its volume at the later visit, mL';
COMMENT ON COLUMN lesion_review.n_candidates IS 'how many candidates the two visits had when this one was judged';
COMMENT ON COLUMN lesion_review.earlier_run_id IS 'the run whose measurement of the earlier scan was looked at';
COMMENT ON COLUMN lesion_review.later_run_id IS 'the run whose measurement of the later scan was looked at';
COMMENT ON COLUMN lesion_review.verdict IS 'yes: the lesion has changed so; no: it has not; or unsure';
COMMENT ON COLUMN lesion_review.initials IS 'initials of the reader';
COMMENT ON COLUMN lesion_review.reviewed_at IS 'when, UTC';
