-- Grain: one scan per person of the frame "incoming"; a table of measures says nothing of its geometry.
-- Parameters: $dataset_id.
INSERT INTO scan (scan_id, dataset_id, subject_id)
SELECT $dataset_id || '/' || subject_id, $dataset_id, subject_id
FROM incoming;
