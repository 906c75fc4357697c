-- The cohort store, first version.
-- Areas in mm2 (1 mm pixels), volumes in mL, distances in mm, ages in completed years.
-- A value that could not be measured is NULL, and missing_value says why.

CREATE TABLE protocol (
    protocol_id     VARCHAR PRIMARY KEY,
    title           VARCHAR NOT NULL,
    description     VARCHAR NOT NULL,
    zone_rule       VARCHAR,
    citation        VARCHAR
);

-- One row per dataset: people measured and released together.
CREATE TABLE dataset (
    dataset_id      VARCHAR PRIMARY KEY CHECK (regexp_full_match(dataset_id, '[A-Za-z0-9][A-Za-z0-9._-]{0,63}')),
    title           VARCHAR NOT NULL,
    synthetic       BOOLEAN NOT NULL,
    citation        VARCHAR,
    licence         VARCHAR,
    content_sha256  VARCHAR NOT NULL CHECK (length(content_sha256) = 64)
);

-- One row per import, ingest or demo build.
CREATE TABLE run (
    run_id              VARCHAR PRIMARY KEY,
    kind                VARCHAR NOT NULL CHECK (kind IN ('demo', 'import', 'ingest')),
    dataset_id          VARCHAR NOT NULL REFERENCES dataset (dataset_id),
    protocol_id         VARCHAR NOT NULL REFERENCES protocol (protocol_id),
    source_name         VARCHAR NOT NULL,
    source_sha256       VARCHAR NOT NULL,
    settings            VARCHAR NOT NULL,
    software_version    VARCHAR NOT NULL,
    started_at          TIMESTAMP NOT NULL,
    finished_at         TIMESTAMP NOT NULL CHECK (finished_at >= started_at),
    n_accepted          INTEGER NOT NULL CHECK (n_accepted >= 0),
    n_rejected          INTEGER NOT NULL CHECK (n_rejected >= 0)
);

-- One row per person of a dataset; pseudonymous identifiers only.
CREATE TABLE subject (
    dataset_id      VARCHAR NOT NULL REFERENCES dataset (dataset_id),
    subject_id      VARCHAR NOT NULL CHECK (length(subject_id) BETWEEN 1 AND 64),
    "group"         VARCHAR NOT NULL CHECK ("group" IN ('HC', 'MS')),
    sex             VARCHAR NOT NULL CHECK (sex IN ('F', 'M')),
    age_years       DOUBLE CHECK (age_years BETWEEN 0 AND 120),
    PRIMARY KEY (dataset_id, subject_id)
);

-- One row per scan of a person. Geometry is NULL when only a table of measures was imported.
CREATE TABLE scan (
    scan_id         VARCHAR PRIMARY KEY,
    dataset_id      VARCHAR NOT NULL,
    subject_id      VARCHAR NOT NULL,
    session         VARCHAR,
    file_name       VARCHAR,
    source_sha256   VARCHAR,
    n_slices        INTEGER CHECK (n_slices > 0),
    pixel_mm_x      DOUBLE CHECK (pixel_mm_x > 0),
    pixel_mm_y      DOUBLE CHECK (pixel_mm_y > 0),
    slice_spacing_mm DOUBLE CHECK (slice_spacing_mm > 0),
    FOREIGN KEY (dataset_id, subject_id) REFERENCES subject (dataset_id, subject_id)
);

CREATE TABLE model (
    model_id        VARCHAR PRIMARY KEY,
    architecture    VARCHAR NOT NULL,
    weights_sha256  VARCHAR NOT NULL,
    n_parameters    BIGINT CHECK (n_parameters > 0),
    description     VARCHAR NOT NULL,
    licence         VARCHAR NOT NULL
);

-- One row per scan and protocol.
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

-- One row per lesion of a scan under a protocol; centroid in scanner RAS+ mm.
CREATE TABLE lesion (
    scan_id                     VARCHAR NOT NULL REFERENCES scan (scan_id),
    protocol_id                 VARCHAR NOT NULL REFERENCES protocol (protocol_id),
    lesion_number               INTEGER NOT NULL CHECK (lesion_number > 0),
    zone                        VARCHAR NOT NULL CHECK (zone IN ('periventricular', 'paraventricular', 'juxtacortical')),
    region                      VARCHAR,
    area_mm2                    DOUBLE NOT NULL CHECK (area_mm2 > 0),
    volume_ml                   DOUBLE NOT NULL CHECK (volume_ml > 0),
    distance_to_ventricle_mm    DOUBLE CHECK (distance_to_ventricle_mm >= 0),
    distance_to_cortex_mm       DOUBLE CHECK (distance_to_cortex_mm >= 0),
    centroid_x_mm               DOUBLE NOT NULL,
    centroid_y_mm               DOUBLE NOT NULL,
    centroid_z_mm               DOUBLE NOT NULL,
    PRIMARY KEY (scan_id, protocol_id, lesion_number)
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

-- One row per model, evaluated subject and class; NULL scores carry a reason.
CREATE TABLE model_score (
    model_id        VARCHAR NOT NULL REFERENCES model (model_id),
    subject_id      VARCHAR NOT NULL,
    split           VARCHAR NOT NULL,
    class           VARCHAR NOT NULL CHECK (class IN ('ventricle', 'wmh')),
    dice            DOUBLE CHECK (dice BETWEEN 0 AND 1),
    "precision"     DOUBLE CHECK ("precision" BETWEEN 0 AND 1),
    recall          DOUBLE CHECK (recall BETWEEN 0 AND 1),
    hd95_mm         DOUBLE CHECK (hd95_mm >= 0),
    lesion_f1       DOUBLE CHECK (lesion_f1 BETWEEN 0 AND 1),
    volume_true_ml  DOUBLE CHECK (volume_true_ml >= 0),
    volume_found_ml DOUBLE CHECK (volume_found_ml >= 0),
    missing_reason  VARCHAR,
    PRIMARY KEY (model_id, subject_id, split, class)
);

-- One row per input that was refused: which file or table row, and why.
CREATE TABLE rejection (
    run_id          VARCHAR NOT NULL REFERENCES run (run_id),
    input           VARCHAR NOT NULL,
    row_number      INTEGER,
    column_name     VARCHAR,
    reason          VARCHAR NOT NULL
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
