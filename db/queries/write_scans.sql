-- Grain: the scans of one run whose results are new, from the frames "incoming_scan", "incoming_measure", "incoming_lesion",
-- "incoming_registration", "incoming_region_load", "incoming_reliability", "incoming_missing_value", "incoming_flag",
-- "incoming_extra_value" (each with scan_id),
-- "incoming_extra_column" and "incoming_rejection". Parameters: see each statement. Run
-- statement by statement, each committed by itself: a key still sees a row that was deleted in the same transaction.

-- The dataset; its hash follows once the rows are there. Parameters: $dataset_id, $title, $synthetic, $citation, $licence.
INSERT INTO dataset (dataset_id, title, synthetic, citation, licence, content_sha256)
VALUES ($dataset_id, $title, $synthetic, $citation, $licence, repeat('0', 64))
ON CONFLICT (dataset_id) DO UPDATE SET
    title = excluded.title,
    citation = coalesce(excluded.citation, citation),
    licence = coalesce(excluded.licence, licence);

-- The model that measured. Parameters: its columns. A title given elsewhere stays.
INSERT INTO model (model_id, title, architecture, weights_sha256, n_parameters, description, licence)
VALUES ($model_id, $model_id, $architecture, $weights_sha256, $n_parameters, $description, $model_licence)
ON CONFLICT (model_id) DO UPDATE SET
    architecture = excluded.architecture,
    weights_sha256 = excluded.weights_sha256,
    n_parameters = excluded.n_parameters,
    description = excluded.description,
    licence = excluded.licence;

-- The run; one that is told again keeps its place. Parameters: its columns. Times are UTC.
INSERT INTO run (
    run_id, kind, dataset_id, protocol_id, source_name, source_sha256, settings, software_version, started_at, finished_at,
    n_accepted, n_rejected
)
VALUES (
    $run_id, 'ingest', $dataset_id, $protocol_id, $source_name, $source_sha256, $settings, $software_version, $started_at,
    $finished_at, $n_accepted, $n_rejected
)
ON CONFLICT (run_id) DO UPDATE SET
    settings = excluded.settings,
    software_version = excluded.software_version,
    started_at = excluded.started_at,
    finished_at = excluded.finished_at,
    n_accepted = excluded.n_accepted,
    n_rejected = excluded.n_rejected;

-- People; ages follow by write_ages. What one run does not know does not wipe out what another did. Parameters: $dataset_id.
INSERT INTO subject (dataset_id, subject_id, "group", sex, age_years)
SELECT $dataset_id, subject_id, max("group"), max(sex), min(age_years)
FROM incoming_scan
GROUP BY subject_id
ON CONFLICT (dataset_id, subject_id) DO UPDATE SET
    "group" = coalesce(excluded."group", "group"),
    sex = coalesce(excluded.sex, sex);

-- Scans. Parameters: $dataset_id.
INSERT INTO scan (
    scan_id, dataset_id, subject_id, session, file_name, source_sha256, n_slices, pixel_mm_x, pixel_mm_y, slice_spacing_mm,
    stem, derivatives
)
SELECT
    scan_id, $dataset_id, subject_id, session, file_name, source_sha256, n_slices, pixel_mm_x, pixel_mm_y, slice_spacing_mm,
    stem, derivatives
FROM incoming_scan
ON CONFLICT (scan_id) DO UPDATE SET
    session = excluded.session,
    file_name = excluded.file_name,
    source_sha256 = excluded.source_sha256,
    n_slices = excluded.n_slices,
    pixel_mm_x = excluded.pixel_mm_x,
    pixel_mm_y = excluded.pixel_mm_y,
    slice_spacing_mm = excluded.slice_spacing_mm,
    stem = excluded.stem,
    derivatives = excluded.derivatives;

-- What an earlier run measured under the same protocol goes. Parameters: $protocol_id.
DELETE FROM lesion WHERE protocol_id = $protocol_id AND scan_id IN (SELECT scan_id FROM incoming_scan);
DELETE FROM registration WHERE protocol_id = $protocol_id AND scan_id IN (SELECT scan_id FROM incoming_scan);
DELETE FROM region_load WHERE protocol_id = $protocol_id AND scan_id IN (SELECT scan_id FROM incoming_scan);
DELETE FROM reliability WHERE protocol_id = $protocol_id AND scan_id IN (SELECT scan_id FROM incoming_scan);
DELETE FROM scan_flag WHERE protocol_id = $protocol_id AND scan_id IN (SELECT scan_id FROM incoming_scan);
DELETE FROM missing_value WHERE protocol_id = $protocol_id AND scan_id IN (SELECT scan_id FROM incoming_scan);
DELETE FROM measure WHERE protocol_id = $protocol_id AND scan_id IN (SELECT scan_id FROM incoming_scan);

-- Measures: areas in mm2, volumes in mL. Parameters: $protocol_id, $run_id, $model_id, $zone_rule.
INSERT INTO measure BY NAME
SELECT
    i.* EXCLUDE (stem),
    $protocol_id AS protocol_id,
    $run_id AS run_id,
    $model_id AS model_id,
    $zone_rule AS zone_rule
FROM incoming_measure AS i;

-- Lesions slice by slice, registrations, regional loads, how far a scan can be trusted, reasons for missing measures, reasons to doubt a scan. Parameters: $protocol_id.
INSERT INTO lesion BY NAME
SELECT * EXCLUDE (stem), $protocol_id AS protocol_id
FROM incoming_lesion;
INSERT INTO registration BY NAME
SELECT * EXCLUDE (stem), $protocol_id AS protocol_id
FROM incoming_registration;
INSERT INTO region_load BY NAME
SELECT * EXCLUDE (stem), $protocol_id AS protocol_id
FROM incoming_region_load;
INSERT INTO reliability BY NAME
SELECT * EXCLUDE (stem), $protocol_id AS protocol_id
FROM incoming_reliability;
INSERT INTO missing_value BY NAME
SELECT * EXCLUDE (stem), $protocol_id AS protocol_id
FROM incoming_missing_value;
INSERT INTO scan_flag BY NAME
SELECT * EXCLUDE (stem), $protocol_id AS protocol_id
FROM incoming_flag;

-- How the scans were acquired, as further columns of the dataset. Parameters: $dataset_id.
INSERT INTO extra_column (dataset_id, column_name, position, kind, label, unit)
SELECT $dataset_id, name, position, kind, label, unit
FROM incoming_extra_column
ON CONFLICT (dataset_id, column_name) DO NOTHING;
DELETE FROM extra_value
WHERE
    scan_id IN (SELECT scan_id FROM incoming_scan)
    AND column_name IN (SELECT column_name FROM extra_column WHERE dataset_id = $dataset_id AND source_name IS NULL);
INSERT INTO extra_value (scan_id, column_name, number_value, text_value)
SELECT scan_id, column_name, number_value, text_value
FROM incoming_extra_value;

-- Refused inputs; what an earlier run of this dataset said of the same input goes. Parameters: $run_id, $dataset_id.
DELETE FROM rejection
WHERE
    run_id = $run_id
    OR (
        input IN (SELECT input FROM incoming_rejection)
        AND run_id IN (SELECT run_id FROM run WHERE dataset_id = $dataset_id)
    );
INSERT INTO rejection (run_id, input, reason)
SELECT $run_id, input, reason
FROM incoming_rejection;
