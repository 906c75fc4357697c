-- Grain: one row per model, split, evaluated subject and measure. Parameters: none. manual, found: in the measure's unit, or NULL.
SELECT model_id, split, subject_id, measure, manual, found
FROM model_measure
ORDER BY ALL;
