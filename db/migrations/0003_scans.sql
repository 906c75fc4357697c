-- Scans: what was measured on images, and how good the models are.
-- People of unknown group or sex are allowed, because scans may come without a table of participants. Tables that other
-- tables refer to cannot be altered, so they are copied, made anew and filled again, together with what refers to them.

CREATE TEMP TABLE old_subject AS SELECT * FROM subject;
CREATE TEMP TABLE old_scan AS SELECT * FROM scan;
CREATE TEMP TABLE old_measure AS SELECT * FROM measure;
CREATE TEMP TABLE old_missing_value AS SELECT * FROM missing_value;
CREATE TEMP TABLE old_region_load AS SELECT * FROM region_load;
CREATE TEMP TABLE old_lesion AS SELECT * FROM lesion;
CREATE TEMP TABLE old_model AS SELECT * FROM model;
CREATE TEMP TABLE old_model_score AS SELECT * FROM model_score;

DROP VIEW cohort;
DROP TABLE region_load;
DROP TABLE lesion;
DROP TABLE model_score;
DROP TABLE missing_value;
DROP TABLE measure;
DROP TABLE model;
DROP TABLE scan;
DROP TABLE subject;

-- One row per person of a dataset; pseudonymous identifiers only. Group, sex and age of a scan may be unknown.
CREATE TABLE subject (
    dataset_id      VARCHAR NOT NULL REFERENCES dataset (dataset_id),
    subject_id      VARCHAR NOT NULL CHECK (length(subject_id) BETWEEN 1 AND 64),
    "group"         VARCHAR CHECK ("group" IN ('HC', 'MS')),
    sex             VARCHAR CHECK (sex IN ('F', 'M')),
    age_years       DOUBLE CHECK (age_years BETWEEN 0 AND 120),
    PRIMARY KEY (dataset_id, subject_id)
);

-- One row per scan of a person. Geometry is NULL when only a table of measures was imported. derivatives: folder of the
-- scan's label images, relative to the store's folder when it lies in there; their names begin with stem.
CREATE TABLE scan (
    scan_id         VARCHAR PRIMARY KEY,
    dataset_id      VARCHAR NOT NULL,
    subject_id      VARCHAR NOT NULL,
    session         VARCHAR,
    stem            VARCHAR,
    derivatives     VARCHAR,
    file_name       VARCHAR,
    source_sha256   VARCHAR,
    n_slices        INTEGER CHECK (n_slices > 0),
    pixel_mm_x      DOUBLE CHECK (pixel_mm_x > 0),
    pixel_mm_y      DOUBLE CHECK (pixel_mm_y > 0),
    slice_spacing_mm DOUBLE CHECK (slice_spacing_mm > 0),
    FOREIGN KEY (dataset_id, subject_id) REFERENCES subject (dataset_id, subject_id)
);

-- One row per model that measured scans or was evaluated; weights_sha256 is NULL where its weights do not ship.
CREATE TABLE model (
    model_id        VARCHAR PRIMARY KEY,
    title           VARCHAR NOT NULL,
    architecture    VARCHAR NOT NULL,
    weights_sha256  VARCHAR,
    n_parameters    BIGINT CHECK (n_parameters > 0),
    description     VARCHAR NOT NULL,
    licence         VARCHAR
);

-- One row per scan and protocol. result_sha256: of everything a run of scans said about this one, so that what is the same is not
-- published again; NULL for imported tables.
CREATE TABLE measure (
    scan_id                     VARCHAR NOT NULL REFERENCES scan (scan_id),
    protocol_id                 VARCHAR NOT NULL REFERENCES protocol (protocol_id),
    run_id                      VARCHAR NOT NULL REFERENCES run (run_id),
    model_id                    VARCHAR REFERENCES model (model_id),
    zone_rule                   VARCHAR,
    intracranial_area_mm2       DOUBLE CHECK (intracranial_area_mm2 > 0),
    ventricle_area_mm2          DOUBLE CHECK (ventricle_area_mm2 >= 0),
    wmh_area_mm2                DOUBLE CHECK (wmh_area_mm2 >= 0),
    periventricular_area_mm2    DOUBLE CHECK (periventricular_area_mm2 >= 0),
    paraventricular_area_mm2    DOUBLE CHECK (paraventricular_area_mm2 >= 0),
    juxtacortical_area_mm2      DOUBLE CHECK (juxtacortical_area_mm2 >= 0),
    ventricle_volume_ml         DOUBLE CHECK (ventricle_volume_ml >= 0),
    wmh_volume_ml               DOUBLE CHECK (wmh_volume_ml >= 0),
    periventricular_volume_ml   DOUBLE CHECK (periventricular_volume_ml >= 0),
    paraventricular_volume_ml   DOUBLE CHECK (paraventricular_volume_ml >= 0),
    juxtacortical_volume_ml     DOUBLE CHECK (juxtacortical_volume_ml >= 0),
    lesion_count                INTEGER CHECK (lesion_count >= 0),
    result_sha256               VARCHAR CHECK (length(result_sha256) = 64),
    PRIMARY KEY (scan_id, protocol_id)
);

-- One row per value that could not be measured or was not given: why it is NULL.
CREATE TABLE missing_value (
    scan_id         VARCHAR NOT NULL REFERENCES scan (scan_id),
    protocol_id     VARCHAR NOT NULL REFERENCES protocol (protocol_id),
    column_name     VARCHAR NOT NULL,
    reason          VARCHAR NOT NULL,
    PRIMARY KEY (scan_id, protocol_id, column_name)
);

-- One row per scan and anatomical region.
CREATE TABLE region_load (
    scan_id         VARCHAR NOT NULL REFERENCES scan (scan_id),
    protocol_id     VARCHAR NOT NULL REFERENCES protocol (protocol_id),
    region          VARCHAR NOT NULL,
    area_mm2        DOUBLE NOT NULL CHECK (area_mm2 >= 0),
    volume_ml       DOUBLE NOT NULL CHECK (volume_ml >= 0),
    lesion_count    INTEGER NOT NULL CHECK (lesion_count >= 0),
    PRIMARY KEY (scan_id, protocol_id, region)
);

-- One row per slice of a lesion (zones are decided slice by slice) of a scan under a protocol; slices count from 0 along the
-- superior axis, whole_lesion_number joins the parts of one lesion in space; centroid in scanner RAS+ mm. The distances and
-- contacts are those a zone rule asks about, NULL in a slice without ventricle or cortical border; zone is NULL where no rule
-- can be applied, as without ventricles.
CREATE TABLE lesion (
    scan_id                     VARCHAR NOT NULL REFERENCES scan (scan_id),
    protocol_id                 VARCHAR NOT NULL REFERENCES protocol (protocol_id),
    lesion_number               INTEGER NOT NULL CHECK (lesion_number > 0),
    whole_lesion_number         INTEGER CHECK (whole_lesion_number > 0),
    slice_index                 INTEGER CHECK (slice_index >= 0),
    zone                        VARCHAR CHECK (zone IN ('periventricular', 'paraventricular', 'juxtacortical')),
    region                      VARCHAR,
    area_mm2                    DOUBLE NOT NULL CHECK (area_mm2 > 0),
    volume_ml                   DOUBLE NOT NULL CHECK (volume_ml > 0),
    distance_to_ventricle_mm    DOUBLE CHECK (distance_to_ventricle_mm >= 0),
    centroid_to_ventricle_mm    DOUBLE CHECK (centroid_to_ventricle_mm >= 0),
    distance_to_cortex_mm       DOUBLE CHECK (distance_to_cortex_mm >= 0),
    touches_ventricle           BOOLEAN,
    touches_cortex              BOOLEAN,
    centroid_x_mm               DOUBLE NOT NULL,
    centroid_y_mm               DOUBLE NOT NULL,
    centroid_z_mm               DOUBLE NOT NULL,
    PRIMARY KEY (scan_id, protocol_id, lesion_number)
);

-- One row per reason to look at a scan again.
CREATE TABLE scan_flag (
    scan_id         VARCHAR NOT NULL REFERENCES scan (scan_id),
    protocol_id     VARCHAR NOT NULL REFERENCES protocol (protocol_id),
    flag            VARCHAR NOT NULL,
    detail          VARCHAR NOT NULL,
    PRIMARY KEY (scan_id, protocol_id, flag)
);

-- One row per model, split, evaluated patient, class and metric; a value that does not exist has a reason.
-- split: 'cv5' patient-level five-fold cross-validation, 'study' the study's own seven for training and three for testing.
-- Patients are those of the evaluation data, not of a dataset here; none was seen in training.
CREATE TABLE model_score (
    model_id        VARCHAR NOT NULL REFERENCES model (model_id),
    split           VARCHAR NOT NULL,
    subject_id      VARCHAR NOT NULL,
    class           VARCHAR NOT NULL,
    metric          VARCHAR NOT NULL,
    value           DOUBLE CHECK (isfinite(value)),
    missing_reason  VARCHAR,
    PRIMARY KEY (model_id, split, subject_id, class, metric),
    CHECK ((value IS NULL) = (missing_reason IS NOT NULL))
);

-- One row per model, split, fold, epoch and metric: learning curves.
CREATE TABLE model_curve (
    model_id        VARCHAR NOT NULL REFERENCES model (model_id),
    split           VARCHAR NOT NULL,
    fold            INTEGER NOT NULL,
    epoch           INTEGER NOT NULL CHECK (epoch >= 0),
    metric          VARCHAR NOT NULL,
    value           DOUBLE NOT NULL CHECK (isfinite(value)),
    PRIMARY KEY (model_id, split, fold, epoch, metric)
);

-- One row per model, split, class and bin of predicted probability; predicted and observed are means over its pixels.
CREATE TABLE model_calibration (
    model_id        VARCHAR NOT NULL REFERENCES model (model_id),
    split           VARCHAR NOT NULL,
    class           VARCHAR NOT NULL,
    bin             INTEGER NOT NULL CHECK (bin >= 0),
    predicted       DOUBLE CHECK (predicted BETWEEN 0 AND 1),
    observed        DOUBLE CHECK (observed BETWEEN 0 AND 1),
    n_pixels        BIGINT NOT NULL CHECK (n_pixels >= 0),
    PRIMARY KEY (model_id, split, class, bin)
);

-- One row per model, split, true and predicted class: pixels of all patients together.
CREATE TABLE model_confusion (
    model_id        VARCHAR NOT NULL REFERENCES model (model_id),
    split           VARCHAR NOT NULL,
    truth           VARCHAR NOT NULL,
    predicted       VARCHAR NOT NULL,
    n_pixels        BIGINT NOT NULL CHECK (n_pixels >= 0),
    PRIMARY KEY (model_id, split, truth, predicted)
);

-- One row per model and device it was timed on, the model being loaded.
CREATE TABLE model_speed (
    model_id        VARCHAR NOT NULL REFERENCES model (model_id),
    device          VARCHAR NOT NULL,
    seconds_per_scan DOUBLE NOT NULL CHECK (seconds_per_scan > 0),
    peak_memory_mb  DOUBLE CHECK (peak_memory_mb > 0),
    n_slices        INTEGER NOT NULL CHECK (n_slices > 0),
    n_scans         INTEGER NOT NULL CHECK (n_scans > 0),
    PRIMARY KEY (model_id, device)
);

INSERT INTO subject BY NAME SELECT * FROM old_subject;
INSERT INTO scan BY NAME SELECT * FROM old_scan;
INSERT INTO model BY NAME SELECT *, model_id AS title FROM old_model;
INSERT INTO measure BY NAME SELECT * FROM old_measure;
INSERT INTO missing_value BY NAME SELECT * FROM old_missing_value;
INSERT INTO region_load BY NAME SELECT * FROM old_region_load;
INSERT INTO lesion BY NAME SELECT * FROM old_lesion;
INSERT INTO model_score BY NAME
SELECT * REPLACE (CASE WHEN value IS NULL THEN coalesce(missing_reason, 'not recorded') END AS missing_reason)
FROM old_model_score
UNPIVOT INCLUDE NULLS (
    value FOR metric IN (dice, "precision", recall, hd95_mm, lesion_f1, volume_true_ml, volume_found_ml)
);
DROP TABLE old_subject;
DROP TABLE old_scan;
DROP TABLE old_model;
DROP TABLE old_measure;
DROP TABLE old_missing_value;
DROP TABLE old_region_load;
DROP TABLE old_lesion;
DROP TABLE old_model_score;

INSERT INTO protocol (protocol_id, title, description, zone_rule, citation) VALUES
(
    'mscohort-1',
    'Measured by this software, version 1',
    'Areas in mm2 summed over all slices and volumes in mL with the slice gap, of the masks a network drew on a FLAIR scan. Which '
    'network and zone rule is recorded with every scan. Not comparable with tabriz-2026-published: that table holds about a '
    'tenth of the manual ventricle area and a fifth of the manual lesion area.',
    NULL,
    NULL
);

-- What every page and command reads. One row per scan and protocol; ratios and shares in percent.
CREATE VIEW cohort AS
SELECT
    s.dataset_id,
    m.protocol_id,
    s.subject_id,
    c.scan_id,
    c.session,
    s."group",
    s.sex,
    s.age_years,
    m.intracranial_area_mm2,
    m.ventricle_area_mm2,
    m.wmh_area_mm2,
    m.periventricular_area_mm2,
    m.paraventricular_area_mm2,
    m.juxtacortical_area_mm2,
    100 * m.ventricle_area_mm2 / m.intracranial_area_mm2 AS ventricle_ratio_pct,
    100 * m.wmh_area_mm2 / m.intracranial_area_mm2 AS wmh_ratio_pct,
    CASE WHEN m.wmh_area_mm2 > 0 THEN 100 * m.periventricular_area_mm2 / m.wmh_area_mm2 END AS periventricular_share_pct,
    CASE WHEN m.wmh_area_mm2 > 0 THEN 100 * m.paraventricular_area_mm2 / m.wmh_area_mm2 END AS paraventricular_share_pct,
    CASE WHEN m.wmh_area_mm2 > 0 THEN 100 * m.juxtacortical_area_mm2 / m.wmh_area_mm2 END AS juxtacortical_share_pct,
    m.ventricle_volume_ml,
    m.wmh_volume_ml,
    m.periventricular_volume_ml,
    m.paraventricular_volume_ml,
    m.juxtacortical_volume_ml,
    m.lesion_count,
    m.run_id,
    m.model_id,
    m.zone_rule
FROM measure AS m
JOIN scan AS c ON c.scan_id = m.scan_id
JOIN subject AS s ON s.dataset_id = c.dataset_id AND s.subject_id = c.subject_id;
