-- Grain: one row per person of the frame "incoming"; the age is that of the first visit. Parameters: $dataset_id.
INSERT INTO subject (dataset_id, subject_id, "group", sex, age_years)
SELECT $dataset_id, subject_id, max("group"), max(sex), min(age_years)
FROM incoming
GROUP BY subject_id;
