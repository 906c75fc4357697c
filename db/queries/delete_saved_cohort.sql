-- Grain: one saved cohort. Parameters: $name.
DELETE FROM saved_cohort WHERE name = $name;
