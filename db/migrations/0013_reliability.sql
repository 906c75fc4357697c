-- How far a scan can be trusted: the load an outline by hand may hold, how unlike the model's training the scan is, and how sure each
-- lesion is. Scans measured before have none.

CREATE TABLE reliability (
    scan_id         VARCHAR NOT NULL REFERENCES scan (scan_id),
    protocol_id     VARCHAR NOT NULL REFERENCES protocol (protocol_id),
    wmh_low_ml      DOUBLE CHECK (wmh_low_ml >= 0),
    wmh_high_ml     DOUBLE CHECK (wmh_high_ml >= wmh_low_ml),
    no_range_reason VARCHAR,
    unlikeness      DOUBLE CHECK (unlikeness >= 0),
    unlike_in       VARCHAR,
    PRIMARY KEY (scan_id, protocol_id),
    CHECK ((wmh_low_ml IS NULL) = (wmh_high_ml IS NULL)),
    CHECK ((wmh_high_ml IS NULL) = (no_range_reason IS NOT NULL)),
    CHECK ((unlikeness IS NULL) = (unlike_in IS NULL))
);

INSERT INTO reliability (scan_id, protocol_id, no_range_reason)
SELECT m.scan_id, m.protocol_id, 'measured by a version that gave no range'
FROM measure AS m
JOIN scan AS c ON c.scan_id = m.scan_id
WHERE c.stem IS NOT NULL;

ALTER TABLE lesion ADD COLUMN chance DOUBLE;
ALTER TABLE lesion ADD COLUMN sure BOOLEAN;

COMMENT ON TABLE reliability IS 'One row per scan measured from images: how far its numbers can be trusted';
COMMENT ON COLUMN reliability.scan_id IS 'the scan: dataset/file stem';
COMMENT ON COLUMN reliability.protocol_id IS 'how the number was measured; protocols are never pooled';
COMMENT ON COLUMN reliability.wmh_low_ml IS '95 % of outlines by hand of such patients hold at least this, mL';
COMMENT ON COLUMN reliability.wmh_high_ml IS '95 % of outlines by hand of such patients hold at most this, mL';
COMMENT ON COLUMN reliability.no_range_reason IS 'why no range is given; NULL where one is';
COMMENT ON COLUMN reliability.unlikeness IS 'how unlike the scans of the model''s training: 0 in their middle, 1 at the limit; NULL where not known';
COMMENT ON COLUMN reliability.unlike_in IS 'the property that lies farthest from the training';
COMMENT ON COLUMN lesion.chance IS 'chance that an outline by hand touches the lesion, 0-1, learned on scans like those of the training; NULL where not known';
COMMENT ON COLUMN lesion.sure IS 'whether the chance is high enough to call the lesion sure, by the model''s card; NULL where not known';
