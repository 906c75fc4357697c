-- Grain: one row per model, split, fold, epoch and metric of a training. Parameters: none.
SELECT model_id, split, fold, epoch, metric, value
FROM model_curve
ORDER BY ALL;
