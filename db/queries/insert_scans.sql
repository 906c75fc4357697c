-- Grain: one scan per person, or person and visit, of the frame "incoming"; a table of measures says nothing of its geometry.
-- Parameters: $dataset_id.
INSERT INTO scan (scan_id, dataset_id, subject_id, session)
SELECT scan_id, $dataset_id, subject_id, session
FROM incoming;
