-- Grain: one corrected value, newest first. Parameters: $dataset_id, $subject_id, each NULL for all.
SELECT dataset_id, subject_id, correction_number, scan_id, what, before, after, initials, corrected_at
FROM correction
WHERE ($dataset_id IS NULL OR dataset_id = $dataset_id) AND ($subject_id IS NULL OR subject_id = $subject_id)
ORDER BY corrected_at DESC, dataset_id, subject_id, correction_number DESC;
