-- Grain: one row per model, split, evaluated subject, class and metric. Parameters: none. value: NULL with its missing_reason.
SELECT model_id, split, subject_id, class, metric, value, missing_reason
FROM model_score
ORDER BY ALL;
