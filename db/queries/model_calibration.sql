-- Grain: one row per model, split, class and bin of predicted probability. Parameters: none. predicted, observed: means, 0-1.
SELECT model_id, split, class, bin, predicted, observed, n_pixels
FROM model_calibration
ORDER BY ALL;
