-- Grain: the further columns of a joined table and their values, from the frames "incoming_extra_columns" (name, kind, label, unit,
-- position, source_name), "incoming_extra_values" (scan_id, column_name, number_value, text_value), all of a column's, and
-- "incoming_people" (subject_id, group, sex; NULL stays as it was). Parameters: see each statement. Run statement by statement.

-- Parameters: $dataset_id.
DELETE FROM extra_value
WHERE
    column_name IN (SELECT name FROM incoming_extra_columns)
    AND scan_id IN (SELECT scan_id FROM scan WHERE dataset_id = $dataset_id);
DELETE FROM extra_column WHERE dataset_id = $dataset_id AND column_name IN (SELECT name FROM incoming_extra_columns);
INSERT INTO extra_column (dataset_id, column_name, position, kind, label, unit, source_name)
SELECT $dataset_id, name, position, kind, label, unit, source_name
FROM incoming_extra_columns;
INSERT INTO extra_value (scan_id, column_name, number_value, text_value)
SELECT scan_id, column_name, number_value, text_value
FROM incoming_extra_values;

-- Parameters: $dataset_id.
UPDATE subject
SET "group" = coalesce(i."group", subject."group"), sex = coalesce(i.sex, subject.sex)
FROM incoming_people AS i
WHERE subject.dataset_id = $dataset_id AND subject.subject_id = i.subject_id;

-- Where the columns came from. Parameters: the columns of joined_table.
INSERT INTO joined_table (dataset_id, source_name, source_sha256, settings, software_version, joined_at, n_rows, n_matched)
VALUES ($dataset_id, $source_name, $source_sha256, $settings, $software_version, $joined_at, $n_rows, $n_matched)
ON CONFLICT (dataset_id, source_name) DO UPDATE SET
    source_sha256 = excluded.source_sha256,
    settings = excluded.settings,
    software_version = excluded.software_version,
    joined_at = excluded.joined_at,
    n_rows = excluded.n_rows,
    n_matched = excluded.n_matched;

-- Reasons for facts that are known by now. Parameters: $dataset_id.
DELETE FROM missing_value
USING cohort AS v
WHERE
    v.dataset_id = $dataset_id
    AND v.scan_id = missing_value.scan_id
    AND v.protocol_id = missing_value.protocol_id
    AND (
        (missing_value.column_name = 'group' AND v."group" IS NOT NULL)
        OR (missing_value.column_name = 'sex' AND v.sex IS NOT NULL)
        OR (missing_value.column_name = 'age_years' AND v.age_years IS NOT NULL)
    );
