-- Grain: one row per model that measured scans or was evaluated. Parameters: none. weights_sha256: NULL where they do not ship.
SELECT model_id, title, architecture, weights_sha256, n_parameters, description, licence
FROM model
ORDER BY model_id;
