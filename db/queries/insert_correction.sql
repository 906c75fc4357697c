-- Grain: one corrected value. Parameters: $dataset_id, $subject_id, $scan_id, $what, $before, $after, $initials, $corrected_at (UTC).
INSERT INTO correction (dataset_id, subject_id, correction_number, scan_id, what, before, after, initials, corrected_at)
SELECT $dataset_id, $subject_id, coalesce(max(correction_number), 0) + 1, $scan_id, $what, $before, $after, $initials, $corrected_at
FROM correction
WHERE dataset_id = $dataset_id AND subject_id = $subject_id;
