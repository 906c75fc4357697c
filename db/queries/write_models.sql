-- Grain: the models of the frame "incoming_models"; what the store said of them is replaced from the frames "incoming_scores",
-- "incoming_measures", "incoming_curves", "incoming_calibration", "incoming_confusion" and "incoming_speed". Parameters: none.
-- Run statement by statement, each committed by itself: a key still sees a row that was deleted in the same transaction.
INSERT INTO model (model_id, title, architecture, weights_sha256, n_parameters, description, licence)
SELECT model_id, title, architecture, weights_sha256, n_parameters, description, licence
FROM incoming_models
ON CONFLICT (model_id) DO UPDATE SET
    title = excluded.title,
    architecture = excluded.architecture,
    weights_sha256 = excluded.weights_sha256,
    n_parameters = excluded.n_parameters,
    description = excluded.description,
    licence = excluded.licence;

DELETE FROM model_score WHERE model_id IN (SELECT model_id FROM incoming_models);
DELETE FROM model_measure WHERE model_id IN (SELECT model_id FROM incoming_models);
DELETE FROM model_curve WHERE model_id IN (SELECT model_id FROM incoming_models);
DELETE FROM model_calibration WHERE model_id IN (SELECT model_id FROM incoming_models);
DELETE FROM model_confusion WHERE model_id IN (SELECT model_id FROM incoming_models);
DELETE FROM model_speed WHERE model_id IN (SELECT model_id FROM incoming_models);

INSERT INTO model_score BY NAME SELECT * FROM incoming_scores;
INSERT INTO model_measure BY NAME SELECT * FROM incoming_measures;
INSERT INTO model_curve BY NAME SELECT * FROM incoming_curves;
INSERT INTO model_calibration BY NAME SELECT * FROM incoming_calibration;
INSERT INTO model_confusion BY NAME SELECT * FROM incoming_confusion;
INSERT INTO model_speed BY NAME SELECT * FROM incoming_speed;
