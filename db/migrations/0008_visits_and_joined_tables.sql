-- The age at every visit, and further tables about the people of a dataset, such as a clinical one, joined by their codes.

DROP VIEW cohort;

-- One row per scan at which a person's age is another one than at the first; NULL where the age at this visit is not known.
CREATE TABLE scan_age (
    scan_id         VARCHAR PRIMARY KEY REFERENCES scan (scan_id),
    age_years       DOUBLE CHECK (age_years BETWEEN 0 AND 120)
);

-- One row per table that was joined to a dataset: where its further columns come from.
CREATE TABLE joined_table (
    dataset_id          VARCHAR NOT NULL REFERENCES dataset (dataset_id),
    source_name         VARCHAR NOT NULL,
    source_sha256       VARCHAR NOT NULL CHECK (length(source_sha256) = 64),
    settings            VARCHAR NOT NULL,
    software_version    VARCHAR NOT NULL,
    joined_at           TIMESTAMP NOT NULL,
    n_rows              INTEGER NOT NULL CHECK (n_rows >= 0),
    n_matched           INTEGER NOT NULL CHECK (n_matched BETWEEN 0 AND n_rows),
    PRIMARY KEY (dataset_id, source_name)
);

ALTER TABLE extra_column ADD COLUMN source_name VARCHAR;

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
    CASE WHEN a.scan_id IS NULL THEN s.age_years ELSE a.age_years END AS age_years,
    m.intracranial_area_mm2,
    m.ventricle_area_mm2,
    m.wmh_area_mm2,
    m.periventricular_area_mm2,
    m.paraventricular_area_mm2,
    m.juxtacortical_area_mm2,
    coalesce(100 * m.ventricle_area_mm2 / m.intracranial_area_mm2, m.ventricle_ratio_pct) AS ventricle_ratio_pct,
    coalesce(100 * m.wmh_area_mm2 / m.intracranial_area_mm2, m.wmh_ratio_pct) AS wmh_ratio_pct,
    coalesce(
        CASE WHEN m.wmh_area_mm2 > 0 THEN 100 * m.periventricular_area_mm2 / m.wmh_area_mm2 END, m.periventricular_share_pct
    ) AS periventricular_share_pct,
    coalesce(
        CASE WHEN m.wmh_area_mm2 > 0 THEN 100 * m.paraventricular_area_mm2 / m.wmh_area_mm2 END, m.paraventricular_share_pct
    ) AS paraventricular_share_pct,
    coalesce(
        CASE WHEN m.wmh_area_mm2 > 0 THEN 100 * m.juxtacortical_area_mm2 / m.wmh_area_mm2 END, m.juxtacortical_share_pct
    ) AS juxtacortical_share_pct,
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
JOIN subject AS s ON s.dataset_id = c.dataset_id AND s.subject_id = c.subject_id
LEFT JOIN scan_age AS a ON a.scan_id = m.scan_id;

COMMENT ON TABLE scan_age IS 'One row per scan at which a person had another age than at the first';
COMMENT ON COLUMN scan_age.scan_id IS 'the scan';
COMMENT ON COLUMN scan_age.age_years IS 'age at this scan, years; NULL where not known';
COMMENT ON TABLE joined_table IS 'One row per table that was joined to a dataset by the codes of its people';
COMMENT ON COLUMN joined_table.dataset_id IS 'the dataset';
COMMENT ON COLUMN joined_table.source_name IS 'name of the file';
COMMENT ON COLUMN joined_table.source_sha256 IS 'SHA-256 of the file';
COMMENT ON COLUMN joined_table.settings IS 'how the table was read, JSON';
COMMENT ON COLUMN joined_table.software_version IS 'version of mscohort';
COMMENT ON COLUMN joined_table.joined_at IS 'when, UTC';
COMMENT ON COLUMN joined_table.n_rows IS 'rows of the table';
COMMENT ON COLUMN joined_table.n_matched IS 'rows whose code is one of the dataset';
COMMENT ON COLUMN extra_column.source_name IS 'the joined table it came with; NULL: the dataset''s own table, or the headers of its scans';
COMMENT ON VIEW cohort IS 'What every page and command reads: one row per scan and protocol, with ratios and shares in percent';
COMMENT ON COLUMN cohort.dataset_id IS 'the dataset';
COMMENT ON COLUMN cohort.subject_id IS 'pseudonymous identifier';
COMMENT ON COLUMN cohort."group" IS 'MS (multiple sclerosis) or HC (healthy control); NULL where not known';
COMMENT ON COLUMN cohort.sex IS 'F or M; NULL where not known';
COMMENT ON COLUMN cohort.age_years IS 'age at this scan, years; NULL where not known';
COMMENT ON COLUMN cohort.protocol_id IS 'how the number was measured; protocols are never pooled';
COMMENT ON COLUMN cohort.scan_id IS 'the scan: dataset/file stem, or dataset/person for an imported table';
COMMENT ON COLUMN cohort.session IS 'the visit; NULL where there is only one';
COMMENT ON COLUMN cohort.intracranial_area_mm2 IS 'intracranial area summed over the protocol''s slices, mm2';
COMMENT ON COLUMN cohort.ventricle_area_mm2 IS 'ventricle area summed over the protocol''s slices, mm2';
COMMENT ON COLUMN cohort.wmh_area_mm2 IS 'area of white matter hyperintensities (WMH) summed over the protocol''s slices, mm2';
COMMENT ON COLUMN cohort.periventricular_area_mm2 IS 'area of WMH in the periventricular zone, summed over the protocol''s slices, mm2';
COMMENT ON COLUMN cohort.paraventricular_area_mm2 IS 'area of WMH in the paraventricular zone, summed over the protocol''s slices, mm2';
COMMENT ON COLUMN cohort.juxtacortical_area_mm2 IS 'area of WMH in the juxtacortical zone, summed over the protocol''s slices, mm2';
COMMENT ON COLUMN cohort.ventricle_ratio_pct IS 'ventricle area / intracranial area x 100, percent';
COMMENT ON COLUMN cohort.wmh_ratio_pct IS 'WMH area / intracranial area x 100, percent';
COMMENT ON COLUMN cohort.periventricular_share_pct IS 'periventricular area / WMH area x 100, percent; undefined without lesions';
COMMENT ON COLUMN cohort.paraventricular_share_pct IS 'paraventricular area / WMH area x 100, percent; undefined without lesions';
COMMENT ON COLUMN cohort.juxtacortical_share_pct IS 'juxtacortical area / WMH area x 100, percent; undefined without lesions';
COMMENT ON COLUMN cohort.ventricle_volume_ml IS 'ventricle volume, slice spacing included, mL';
COMMENT ON COLUMN cohort.wmh_volume_ml IS 'WMH volume, slice spacing included, mL';
COMMENT ON COLUMN cohort.periventricular_volume_ml IS 'volume of WMH in the periventricular zone, slice spacing included, mL';
COMMENT ON COLUMN cohort.paraventricular_volume_ml IS 'volume of WMH in the paraventricular zone, slice spacing included, mL';
COMMENT ON COLUMN cohort.juxtacortical_volume_ml IS 'volume of WMH in the juxtacortical zone, slice spacing included, mL';
COMMENT ON COLUMN cohort.lesion_count IS 'number of connected lesions (26-connected)';
COMMENT ON COLUMN cohort.run_id IS 'the run that brought it';
COMMENT ON COLUMN cohort.model_id IS 'the network that measured it; NULL for an imported table';
COMMENT ON COLUMN cohort.zone_rule IS 'rule that gave each lesion its zone';
