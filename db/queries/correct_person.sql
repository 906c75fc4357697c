-- Grain: one person and one scan of theirs. Parameters: $dataset_id, $subject_id, $scan_id, $group, $sex, $age_years (years), $session.
-- The age is that at the scan: of the person where they have but one scan, else of the visit.
UPDATE subject SET "group" = $group, sex = $sex WHERE dataset_id = $dataset_id AND subject_id = $subject_id;

UPDATE scan SET session = $session WHERE scan_id = $scan_id;

DELETE FROM scan_age WHERE scan_id = $scan_id;

UPDATE subject
SET age_years = $age_years
WHERE dataset_id = $dataset_id
AND subject_id = $subject_id
AND (SELECT count(*) FROM scan AS c WHERE c.dataset_id = $dataset_id AND c.subject_id = $subject_id) = 1;

INSERT INTO scan_age (scan_id, age_years)
SELECT $scan_id, $age_years
WHERE (SELECT count(*) FROM scan AS c WHERE c.dataset_id = $dataset_id AND c.subject_id = $subject_id) > 1;

DELETE FROM missing_value
USING cohort AS v
WHERE
    v.dataset_id = $dataset_id
    AND v.subject_id = $subject_id
    AND v.scan_id = missing_value.scan_id
    AND v.protocol_id = missing_value.protocol_id
    AND (
        (missing_value.column_name = 'group' AND v."group" IS NOT NULL)
        OR (missing_value.column_name = 'sex' AND v.sex IS NOT NULL)
        OR (missing_value.column_name = 'age_years' AND v.age_years IS NOT NULL)
    );

INSERT INTO missing_value (scan_id, protocol_id, column_name, reason)
SELECT w.scan_id, w.protocol_id, w.column_name, 'taken back by hand'
FROM (
    SELECT v.scan_id, v.protocol_id, unnest([
        {'column_name': 'group', 'missing': v."group" IS NULL},
        {'column_name': 'sex', 'missing': v.sex IS NULL},
        {'column_name': 'age_years', 'missing': v.age_years IS NULL}
    ], recursive := true)
    FROM cohort AS v
    WHERE v.dataset_id = $dataset_id AND v.subject_id = $subject_id
) AS w
ANTI JOIN missing_value AS m
    ON m.scan_id = w.scan_id AND m.protocol_id = w.protocol_id AND m.column_name = w.column_name
WHERE w.missing;
