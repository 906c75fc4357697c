-- Grain: one row per person of the frame "incoming". Parameters: $dataset_id.
INSERT INTO subject (dataset_id, subject_id, "group", sex, age_years)
SELECT $dataset_id, subject_id, "group", sex, age_years
FROM incoming;
