-- Regions: a load per scan and anatomical region, the registration behind it, and the side of every lesion. Nothing wrote regional
-- loads before.

DROP TABLE region_load;

-- One row per scan, protocol and region of its atlas. region_volume_ml is 0 where the scan does not show the region.
CREATE TABLE region_load (
    scan_id         VARCHAR NOT NULL REFERENCES scan (scan_id),
    protocol_id     VARCHAR NOT NULL REFERENCES protocol (protocol_id),
    region_number   INTEGER NOT NULL CHECK (region_number > 0),
    region          VARCHAR NOT NULL,
    side            VARCHAR NOT NULL CHECK (side IN ('left', 'right', 'both')),
    area_mm2        DOUBLE NOT NULL CHECK (area_mm2 >= 0),
    volume_ml       DOUBLE NOT NULL CHECK (volume_ml >= 0),
    lesion_count    INTEGER NOT NULL CHECK (lesion_count >= 0),
    region_volume_ml DOUBLE NOT NULL CHECK (region_volume_ml >= 0),
    PRIMARY KEY (scan_id, protocol_id, region_number)
);

-- One row per scan measured from images, and protocol: where the template lies, or why there are no regions.
CREATE TABLE registration (
    scan_id                 VARCHAR NOT NULL REFERENCES scan (scan_id),
    protocol_id             VARCHAR NOT NULL REFERENCES protocol (protocol_id),
    atlas                   VARCHAR,
    space                   VARCHAR,
    to_template             DOUBLE[],
    brain_overlap           DOUBLE CHECK (brain_overlap BETWEEN 0 AND 1),
    ventricle_overlap       DOUBLE CHECK (ventricle_overlap BETWEEN 0 AND 1),
    unassigned_area_mm2     DOUBLE CHECK (unassigned_area_mm2 >= 0),
    unassigned_volume_ml    DOUBLE CHECK (unassigned_volume_ml >= 0),
    unassigned_count        INTEGER CHECK (unassigned_count >= 0),
    moved_volume_ml         DOUBLE CHECK (moved_volume_ml >= 0),
    reason                  VARCHAR,
    PRIMARY KEY (scan_id, protocol_id),
    CHECK ((atlas IS NULL) = (reason IS NOT NULL)),
    CHECK ((unassigned_volume_ml IS NULL) = (reason IS NOT NULL)),
    CHECK (to_template IS NULL OR len(to_template) = 16)
);

ALTER TABLE lesion ADD COLUMN side VARCHAR;

INSERT INTO registration (scan_id, protocol_id, reason)
SELECT m.scan_id, m.protocol_id, 'measured by a version that did not count lesions by region'
FROM measure AS m
JOIN scan AS c ON c.scan_id = m.scan_id
WHERE c.stem IS NOT NULL;

COMMENT ON COLUMN lesion.region IS 'anatomical region that holds most of the lesion in space; NULL where none does or none is known';
COMMENT ON COLUMN lesion.side IS 'left, right, or both for a region that crosses the midline';
COMMENT ON TABLE region_load IS 'One row per scan and anatomical region';
COMMENT ON COLUMN region_load.scan_id IS 'the scan: dataset/file stem';
COMMENT ON COLUMN region_load.protocol_id IS 'how the number was measured; protocols are never pooled';
COMMENT ON COLUMN region_load.region_number IS 'number of the region in its atlas';
COMMENT ON COLUMN region_load.region IS 'name of the region, without its side';
COMMENT ON COLUMN region_load.side IS 'left, right, or both for a region that crosses the midline';
COMMENT ON COLUMN region_load.area_mm2 IS 'WMH area in the region, summed over slices, mm2';
COMMENT ON COLUMN region_load.volume_ml IS 'WMH volume in the region, mL';
COMMENT ON COLUMN region_load.lesion_count IS 'number of lesions of which most lies in the region';
COMMENT ON COLUMN region_load.region_volume_ml IS 'white matter of the region that the scan shows, lesions included, mL';
COMMENT ON TABLE registration IS 'One row per scan measured from images: where the template lies, or why there are no regions';
COMMENT ON COLUMN registration.scan_id IS 'the scan: dataset/file stem';
COMMENT ON COLUMN registration.protocol_id IS 'how the number was measured; protocols are never pooled';
COMMENT ON COLUMN registration.atlas IS 'atlas whose regions were counted';
COMMENT ON COLUMN registration.space IS 'coordinates of its template';
COMMENT ON COLUMN registration.to_template IS 'person''s world to template coordinates, mm, 16 numbers row by row';
COMMENT ON COLUMN registration.brain_overlap IS 'overlap (Dice) of the intracranial mask and the template''s brain, 0-1';
COMMENT ON COLUMN registration.ventricle_overlap IS 'overlap (Dice) of the segmented ventricles and the template''s, 0-1';
COMMENT ON COLUMN registration.unassigned_area_mm2 IS 'WMH area in no region, mm2';
COMMENT ON COLUMN registration.unassigned_volume_ml IS 'WMH volume in no region, mL';
COMMENT ON COLUMN registration.unassigned_count IS 'number of lesions of which most lies in no region';
COMMENT ON COLUMN registration.moved_volume_ml IS 'WMH volume that lay in no region and was counted in the nearest, mL';
COMMENT ON COLUMN registration.reason IS 'why there are no regions; NULL where there are';
