-- Grain: one row per model, split, true class and predicted class. Parameters: none.
SELECT model_id, split, truth, predicted, n_pixels
FROM model_confusion
ORDER BY ALL;
