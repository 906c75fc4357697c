-- Grain: one row per scan whose own age is none, or below that at the person's first, which is the lowest.
SELECT a.scan_id, a.age_years, s.age_years AS age_at_first_years
FROM scan_age AS a
JOIN scan AS c ON c.scan_id = a.scan_id
JOIN subject AS s ON s.dataset_id = c.dataset_id AND s.subject_id = c.subject_id
WHERE s.age_years IS NULL OR a.age_years <= s.age_years;
