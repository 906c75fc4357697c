-- Every measure of the patients a model was tested on: from the rater's labels and from the model's, in the measure's own unit;
-- NULL where the labels do not have it, such as the share of a zone where there is no lesion.
CREATE TABLE model_measure (
    model_id VARCHAR NOT NULL REFERENCES model (model_id),
    split VARCHAR NOT NULL,
    subject_id VARCHAR NOT NULL,
    measure VARCHAR NOT NULL,
    manual DOUBLE CHECK (manual IS NULL OR isfinite(manual)),
    found DOUBLE CHECK (found IS NULL OR isfinite(found)),
    PRIMARY KEY (model_id, split, subject_id, measure)
);
