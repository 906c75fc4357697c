-- Grain: the ages of people at their scans, from the frame "incoming_age" (scan_id, age_years; years). A person has the age of the first
-- visit, the lowest; a scan at which it is another one has a row of its own. Parameters: $dataset_id. Run statement by statement.
CREATE OR REPLACE TEMP TABLE told_age AS
SELECT
    c.scan_id,
    c.subject_id,
    coalesce(i.age_years, CASE WHEN a.scan_id IS NULL THEN s.age_years ELSE a.age_years END) AS age_years
FROM scan AS c
JOIN subject AS s ON s.dataset_id = c.dataset_id AND s.subject_id = c.subject_id
LEFT JOIN scan_age AS a ON a.scan_id = c.scan_id
LEFT JOIN incoming_age AS i ON i.scan_id = c.scan_id
WHERE
    c.dataset_id = $dataset_id
    AND c.subject_id IN (SELECT o.subject_id FROM incoming_age AS j JOIN scan AS o ON o.scan_id = j.scan_id);
DELETE FROM scan_age WHERE scan_id IN (SELECT scan_id FROM told_age);
UPDATE subject
SET age_years = t.age_years
FROM (SELECT subject_id, min(age_years) AS age_years FROM told_age GROUP BY subject_id) AS t
WHERE subject.dataset_id = $dataset_id AND subject.subject_id = t.subject_id AND subject.age_years IS DISTINCT FROM t.age_years;
INSERT INTO scan_age (scan_id, age_years)
SELECT t.scan_id, t.age_years
FROM told_age AS t
JOIN subject AS s ON s.dataset_id = $dataset_id AND s.subject_id = t.subject_id
WHERE t.age_years IS DISTINCT FROM s.age_years;
DROP TABLE told_age;
