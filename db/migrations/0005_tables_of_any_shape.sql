-- Tables of any shape: ratios and shares that a table gave without the areas they come from, and any other column of a table, such as
-- EDSS or scanner, typed, with its label and unit. Every table and column says what it holds, in what unit, to whatever opens the file.

CREATE TEMP TABLE old_measure AS SELECT * FROM measure;
DROP VIEW cohort;
DROP TABLE measure;

-- One row per scan and protocol. A ratio or share stands here only when a table gave it without the areas it is derived from; the
-- view cohort derives it from the areas wherever they are known. result_sha256: of everything a run of scans said about this one,
-- so that what is the same is not published again; NULL for imported tables.
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
    ventricle_ratio_pct         DOUBLE CHECK (ventricle_ratio_pct BETWEEN 0 AND 100),
    wmh_ratio_pct               DOUBLE CHECK (wmh_ratio_pct BETWEEN 0 AND 100),
    periventricular_share_pct   DOUBLE CHECK (periventricular_share_pct BETWEEN 0 AND 100.5),
    paraventricular_share_pct   DOUBLE CHECK (paraventricular_share_pct BETWEEN 0 AND 100.5),
    juxtacortical_share_pct     DOUBLE CHECK (juxtacortical_share_pct BETWEEN 0 AND 100.5),
    ventricle_volume_ml         DOUBLE CHECK (ventricle_volume_ml >= 0),
    wmh_volume_ml               DOUBLE CHECK (wmh_volume_ml >= 0),
    periventricular_volume_ml   DOUBLE CHECK (periventricular_volume_ml >= 0),
    paraventricular_volume_ml   DOUBLE CHECK (paraventricular_volume_ml >= 0),
    juxtacortical_volume_ml     DOUBLE CHECK (juxtacortical_volume_ml >= 0),
    lesion_count                INTEGER CHECK (lesion_count >= 0),
    result_sha256               VARCHAR CHECK (length(result_sha256) = 64),
    PRIMARY KEY (scan_id, protocol_id)
);
INSERT INTO measure BY NAME SELECT * FROM old_measure;
DROP TABLE old_measure;

-- One row per further column of a dataset. A number has a unit where it was said; a category is one of a few words.
CREATE TABLE extra_column (
    dataset_id      VARCHAR NOT NULL REFERENCES dataset (dataset_id),
    column_name     VARCHAR NOT NULL CHECK (regexp_full_match(column_name, '[a-z][a-z0-9_]{0,62}')),
    position        INTEGER NOT NULL CHECK (position >= 0),
    kind            VARCHAR NOT NULL CHECK (kind IN ('number', 'category')),
    label           VARCHAR NOT NULL,
    unit            VARCHAR NOT NULL,
    PRIMARY KEY (dataset_id, column_name)
);

-- One row per scan and further column that has a value.
CREATE TABLE extra_value (
    scan_id         VARCHAR NOT NULL REFERENCES scan (scan_id),
    column_name     VARCHAR NOT NULL,
    number_value    DOUBLE CHECK (isfinite(number_value)),
    text_value      VARCHAR CHECK (length(text_value) BETWEEN 1 AND 120),
    PRIMARY KEY (scan_id, column_name),
    CHECK ((number_value IS NULL) <> (text_value IS NULL))
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
JOIN subject AS s ON s.dataset_id = c.dataset_id AND s.subject_id = c.subject_id;

COMMENT ON TABLE schema_version IS 'Which migrations this file has';
COMMENT ON COLUMN schema_version.number IS 'number of the migration, from 1';
COMMENT ON COLUMN schema_version.name IS 'name of the migration';
COMMENT ON TABLE protocol IS 'How numbers were measured: slices, units, masks, zone rule, model';
COMMENT ON COLUMN protocol.protocol_id IS 'name of the protocol';
COMMENT ON COLUMN protocol.title IS 'title for a person';
COMMENT ON COLUMN protocol.description IS 'what the numbers are, and what cannot be read off them';
COMMENT ON COLUMN protocol.zone_rule IS 'rule that gives each lesion its zone';
COMMENT ON COLUMN protocol.citation IS 'how to cite it';
COMMENT ON TABLE dataset IS 'One row per dataset: people measured and released together';
COMMENT ON COLUMN dataset.dataset_id IS 'name of the dataset';
COMMENT ON COLUMN dataset.title IS 'title for a person';
COMMENT ON COLUMN dataset.synthetic IS 'true: made up, no real person';
COMMENT ON COLUMN dataset.citation IS 'how to cite it';
COMMENT ON COLUMN dataset.licence IS 'licence';
COMMENT ON COLUMN dataset.content_sha256 IS 'SHA-256 of the dataset''s content, whatever file it came from';
COMMENT ON TABLE run IS 'One row per import, ingest or demo build';
COMMENT ON COLUMN run.run_id IS 'name of the run';
COMMENT ON COLUMN run.kind IS 'demo, import (a table) or ingest (scans)';
COMMENT ON COLUMN run.dataset_id IS 'the dataset it wrote';
COMMENT ON COLUMN run.protocol_id IS 'how the number was measured; protocols are never pooled';
COMMENT ON COLUMN run.source_name IS 'name of the file or folder it read';
COMMENT ON COLUMN run.source_sha256 IS 'SHA-256 of what it read';
COMMENT ON COLUMN run.settings IS 'everything that decided the outcome, JSON';
COMMENT ON COLUMN run.software_version IS 'version of mscohort';
COMMENT ON COLUMN run.started_at IS 'start, UTC';
COMMENT ON COLUMN run.finished_at IS 'end, UTC';
COMMENT ON COLUMN run.n_accepted IS 'scans or table rows taken in';
COMMENT ON COLUMN run.n_rejected IS 'inputs refused, see rejection';
COMMENT ON TABLE subject IS 'One row per person of a dataset; pseudonymous identifiers only';
COMMENT ON COLUMN subject.dataset_id IS 'the dataset';
COMMENT ON COLUMN subject.subject_id IS 'pseudonymous identifier';
COMMENT ON COLUMN subject."group" IS 'MS (multiple sclerosis) or HC (healthy control); NULL where not known';
COMMENT ON COLUMN subject.sex IS 'F or M; NULL where not known';
COMMENT ON COLUMN subject.age_years IS 'age at the first scan, years; NULL where not known';
COMMENT ON TABLE scan IS 'One row per scan of a person; geometry is NULL when only a table was imported';
COMMENT ON COLUMN scan.scan_id IS 'the scan: dataset/file stem, or dataset/person for an imported table';
COMMENT ON COLUMN scan.dataset_id IS 'the dataset';
COMMENT ON COLUMN scan.subject_id IS 'the person';
COMMENT ON COLUMN scan.session IS 'the visit; NULL where there is only one';
COMMENT ON COLUMN scan.stem IS 'beginning of the names of the scan''s label images';
COMMENT ON COLUMN scan.derivatives IS 'folder of the label images, relative to the store when inside it';
COMMENT ON COLUMN scan.file_name IS 'name of the image that was measured';
COMMENT ON COLUMN scan.source_sha256 IS 'SHA-256 of the image that was measured';
COMMENT ON COLUMN scan.n_slices IS 'number of slices';
COMMENT ON COLUMN scan.pixel_mm_x IS 'size of a pixel, mm';
COMMENT ON COLUMN scan.pixel_mm_y IS 'size of a pixel, mm';
COMMENT ON COLUMN scan.slice_spacing_mm IS 'distance between slices, mm';
COMMENT ON TABLE measure IS 'One row per scan and protocol; NULL was not measured, missing_value says why';
COMMENT ON COLUMN measure.scan_id IS 'the scan: dataset/file stem, or dataset/person for an imported table';
COMMENT ON COLUMN measure.protocol_id IS 'how the number was measured; protocols are never pooled';
COMMENT ON COLUMN measure.run_id IS 'the run that brought it';
COMMENT ON COLUMN measure.model_id IS 'the network that measured it; NULL for an imported table';
COMMENT ON COLUMN measure.zone_rule IS 'rule that gave each lesion its zone';
COMMENT ON COLUMN measure.intracranial_area_mm2 IS 'intracranial area summed over the protocol''s slices, mm2';
COMMENT ON COLUMN measure.ventricle_area_mm2 IS 'ventricle area summed over the protocol''s slices, mm2';
COMMENT ON COLUMN measure.wmh_area_mm2 IS 'area of white matter hyperintensities (WMH) summed over the protocol''s slices, mm2';
COMMENT ON COLUMN measure.periventricular_area_mm2 IS 'area of WMH in the periventricular zone, summed over the protocol''s slices, mm2';
COMMENT ON COLUMN measure.paraventricular_area_mm2 IS 'area of WMH in the paraventricular zone, summed over the protocol''s slices, mm2';
COMMENT ON COLUMN measure.juxtacortical_area_mm2 IS 'area of WMH in the juxtacortical zone, summed over the protocol''s slices, mm2';
COMMENT ON COLUMN measure.ventricle_ratio_pct IS 'ventricle area / intracranial area x 100, percent; here only when given without the areas, else see the view cohort';
COMMENT ON COLUMN measure.wmh_ratio_pct IS 'WMH area / intracranial area x 100, percent; here only when given without the areas, else see the view cohort';
COMMENT ON COLUMN measure.periventricular_share_pct IS 'periventricular area / WMH area x 100, percent; undefined without lesions; here only when given without the areas, else see the view cohort';
COMMENT ON COLUMN measure.paraventricular_share_pct IS 'paraventricular area / WMH area x 100, percent; undefined without lesions; here only when given without the areas, else see the view cohort';
COMMENT ON COLUMN measure.juxtacortical_share_pct IS 'juxtacortical area / WMH area x 100, percent; undefined without lesions; here only when given without the areas, else see the view cohort';
COMMENT ON COLUMN measure.ventricle_volume_ml IS 'ventricle volume, slice spacing included, mL';
COMMENT ON COLUMN measure.wmh_volume_ml IS 'WMH volume, slice spacing included, mL';
COMMENT ON COLUMN measure.periventricular_volume_ml IS 'volume of WMH in the periventricular zone, slice spacing included, mL';
COMMENT ON COLUMN measure.paraventricular_volume_ml IS 'volume of WMH in the paraventricular zone, slice spacing included, mL';
COMMENT ON COLUMN measure.juxtacortical_volume_ml IS 'volume of WMH in the juxtacortical zone, slice spacing included, mL';
COMMENT ON COLUMN measure.lesion_count IS 'number of connected lesions (26-connected)';
COMMENT ON COLUMN measure.result_sha256 IS 'SHA-256 of everything the run said about the scan; NULL for an imported table';
COMMENT ON TABLE missing_value IS 'One row per value that is NULL for a reason';
COMMENT ON COLUMN missing_value.scan_id IS 'the scan: dataset/file stem, or dataset/person for an imported table';
COMMENT ON COLUMN missing_value.protocol_id IS 'how the number was measured; protocols are never pooled';
COMMENT ON COLUMN missing_value.column_name IS 'which value';
COMMENT ON COLUMN missing_value.reason IS 'why there is none';
COMMENT ON TABLE extra_column IS 'One row per further column of an imported table, such as EDSS or scanner';
COMMENT ON COLUMN extra_column.dataset_id IS 'the dataset';
COMMENT ON COLUMN extra_column.column_name IS 'name of the column';
COMMENT ON COLUMN extra_column."position" IS 'its place among the further columns, from 0';
COMMENT ON COLUMN extra_column.kind IS 'number or category';
COMMENT ON COLUMN extra_column.label IS 'label for a person';
COMMENT ON COLUMN extra_column.unit IS 'unit of a number; empty where none was said';
COMMENT ON TABLE extra_value IS 'One row per scan and further column that has a value';
COMMENT ON COLUMN extra_value.scan_id IS 'the scan: dataset/file stem, or dataset/person for an imported table';
COMMENT ON COLUMN extra_value.column_name IS 'the column, see extra_column';
COMMENT ON COLUMN extra_value.number_value IS 'value of a number, in the unit of extra_column';
COMMENT ON COLUMN extra_value.text_value IS 'value of a category';
COMMENT ON TABLE lesion IS 'One row per slice of a lesion: zones are decided slice by slice';
COMMENT ON COLUMN lesion.scan_id IS 'the scan: dataset/file stem, or dataset/person for an imported table';
COMMENT ON COLUMN lesion.protocol_id IS 'how the number was measured; protocols are never pooled';
COMMENT ON COLUMN lesion.lesion_number IS 'number of the row within the scan, from 1';
COMMENT ON COLUMN lesion.whole_lesion_number IS 'rows of one number touch across slices: one lesion in space';
COMMENT ON COLUMN lesion.slice_index IS 'slice along the superior axis, from 0';
COMMENT ON COLUMN lesion.zone IS 'periventricular, paraventricular or juxtacortical: a distance zone, no McDonald criterion';
COMMENT ON COLUMN lesion.region IS 'anatomical region, where an atlas was used';
COMMENT ON COLUMN lesion.area_mm2 IS 'area in the slice, mm2';
COMMENT ON COLUMN lesion.volume_ml IS 'area x slice spacing, mL';
COMMENT ON COLUMN lesion.distance_to_ventricle_mm IS 'from the nearest point to the ventricle, in the slice, mm';
COMMENT ON COLUMN lesion.centroid_to_ventricle_mm IS 'from the centroid to the ventricle, in the slice, mm';
COMMENT ON COLUMN lesion.distance_to_cortex_mm IS 'from the nearest point to the cortical border, in the slice, mm';
COMMENT ON COLUMN lesion.touches_ventricle IS 'touches the ventricle in the slice';
COMMENT ON COLUMN lesion.touches_cortex IS 'touches the cortical border in the slice';
COMMENT ON COLUMN lesion.centroid_x_mm IS 'centroid in scanner coordinates, to the right, mm';
COMMENT ON COLUMN lesion.centroid_y_mm IS 'centroid in scanner coordinates, to the front, mm';
COMMENT ON COLUMN lesion.centroid_z_mm IS 'centroid in scanner coordinates, upwards, mm';
COMMENT ON TABLE region_load IS 'One row per scan and anatomical region';
COMMENT ON COLUMN region_load.scan_id IS 'the scan: dataset/file stem, or dataset/person for an imported table';
COMMENT ON COLUMN region_load.protocol_id IS 'how the number was measured; protocols are never pooled';
COMMENT ON COLUMN region_load.region IS 'name of the region';
COMMENT ON COLUMN region_load.area_mm2 IS 'WMH area in the region, mm2';
COMMENT ON COLUMN region_load.volume_ml IS 'WMH volume in the region, mL';
COMMENT ON COLUMN region_load.lesion_count IS 'number of lesions in the region';
COMMENT ON TABLE scan_flag IS 'One row per reason to look at a scan again before believing its numbers';
COMMENT ON COLUMN scan_flag.scan_id IS 'the scan: dataset/file stem, or dataset/person for an imported table';
COMMENT ON COLUMN scan_flag.protocol_id IS 'how the number was measured; protocols are never pooled';
COMMENT ON COLUMN scan_flag.flag IS 'name of the doubt';
COMMENT ON COLUMN scan_flag.detail IS 'what was found and expected';
COMMENT ON TABLE rejection IS 'One row per input that was refused; the refused value itself is not kept';
COMMENT ON COLUMN rejection.run_id IS 'the run that refused it';
COMMENT ON COLUMN rejection.input IS 'file or scan';
COMMENT ON COLUMN rejection.row_number IS 'row as a spreadsheet counts, header = 1; NULL for a scan';
COMMENT ON COLUMN rejection.column_name IS 'column of the table';
COMMENT ON COLUMN rejection.reason IS 'why it was refused';
COMMENT ON TABLE model IS 'One row per network that measured scans or was evaluated';
COMMENT ON COLUMN model.model_id IS 'name of the network';
COMMENT ON COLUMN model.title IS 'title for a person';
COMMENT ON COLUMN model.architecture IS 'kind of network';
COMMENT ON COLUMN model.weights_sha256 IS 'SHA-256 of its weights; NULL where they do not ship';
COMMENT ON COLUMN model.n_parameters IS 'number of its parameters';
COMMENT ON COLUMN model.description IS 'what it is and how it was trained';
COMMENT ON COLUMN model.licence IS 'licence of the weights';
COMMENT ON TABLE model_score IS 'One row per network, split, evaluated patient, class and metric';
COMMENT ON COLUMN model_score.model_id IS 'the network, see model';
COMMENT ON COLUMN model_score.split IS 'cv5: patient-level five-fold cross-validation; study: the study''s own seven for training and three for testing';
COMMENT ON COLUMN model_score.subject_id IS 'the evaluated patient, of the evaluation data';
COMMENT ON COLUMN model_score.metric IS 'name of the score';
COMMENT ON COLUMN model_score.value IS 'the score; in mm where the metric ends in mm, in mL where in ml, else from 0 to 1';
COMMENT ON COLUMN model_score.missing_reason IS 'why there is no score';
COMMENT ON COLUMN model_score."class" IS 'ventricle or WMH';
COMMENT ON TABLE model_measure IS 'One row per measure of an evaluated patient';
COMMENT ON COLUMN model_measure.model_id IS 'the network, see model';
COMMENT ON COLUMN model_measure.split IS 'cv5: patient-level five-fold cross-validation; study: the study''s own seven for training and three for testing';
COMMENT ON COLUMN model_measure.subject_id IS 'the evaluated patient';
COMMENT ON COLUMN model_measure.measure IS 'name of the measure';
COMMENT ON COLUMN model_measure.manual IS 'from the rater''s labels, in the measure''s unit';
COMMENT ON COLUMN model_measure.found IS 'from the network''s labels, in the measure''s unit';
COMMENT ON TABLE model_curve IS 'One row per epoch and metric of a training';
COMMENT ON COLUMN model_curve.model_id IS 'the network, see model';
COMMENT ON COLUMN model_curve.split IS 'cv5: patient-level five-fold cross-validation; study: the study''s own seven for training and three for testing';
COMMENT ON COLUMN model_curve.fold IS 'fold of the cross-validation';
COMMENT ON COLUMN model_curve.epoch IS 'epoch, from 0';
COMMENT ON COLUMN model_curve.metric IS 'name of the metric';
COMMENT ON COLUMN model_curve.value IS 'its value';
COMMENT ON TABLE model_calibration IS 'One row per bin of predicted probability';
COMMENT ON COLUMN model_calibration.model_id IS 'the network, see model';
COMMENT ON COLUMN model_calibration.split IS 'cv5: patient-level five-fold cross-validation; study: the study''s own seven for training and three for testing';
COMMENT ON COLUMN model_calibration.bin IS 'number of the bin, from 0';
COMMENT ON COLUMN model_calibration.predicted IS 'mean predicted probability, 0-1';
COMMENT ON COLUMN model_calibration.observed IS 'share of pixels that are the class, 0-1';
COMMENT ON COLUMN model_calibration.n_pixels IS 'number of pixels';
COMMENT ON COLUMN model_calibration."class" IS 'ventricle or WMH';
COMMENT ON TABLE model_confusion IS 'One row per true and predicted class, pixels of all patients together';
COMMENT ON COLUMN model_confusion.model_id IS 'the network, see model';
COMMENT ON COLUMN model_confusion.split IS 'cv5: patient-level five-fold cross-validation; study: the study''s own seven for training and three for testing';
COMMENT ON COLUMN model_confusion.truth IS 'class drawn by the rater';
COMMENT ON COLUMN model_confusion.predicted IS 'class given by the network';
COMMENT ON COLUMN model_confusion.n_pixels IS 'number of pixels';
COMMENT ON TABLE model_speed IS 'One row per network and device it was timed on';
COMMENT ON COLUMN model_speed.model_id IS 'the network, see model';
COMMENT ON COLUMN model_speed.device IS 'the device';
COMMENT ON COLUMN model_speed.seconds_per_scan IS 'seconds per scan, the network being loaded';
COMMENT ON COLUMN model_speed.peak_memory_mb IS 'largest memory, MB';
COMMENT ON COLUMN model_speed.n_slices IS 'slices of the timed scans';
COMMENT ON COLUMN model_speed.n_scans IS 'number of timed scans';
COMMENT ON VIEW cohort IS 'What every page and command reads: one row per scan and protocol, with ratios and shares in percent';
COMMENT ON COLUMN cohort.dataset_id IS 'the dataset';
COMMENT ON COLUMN cohort.subject_id IS 'pseudonymous identifier';
COMMENT ON COLUMN cohort."group" IS 'MS (multiple sclerosis) or HC (healthy control); NULL where not known';
COMMENT ON COLUMN cohort.sex IS 'F or M; NULL where not known';
COMMENT ON COLUMN cohort.age_years IS 'age at the first scan, years; NULL where not known';
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
