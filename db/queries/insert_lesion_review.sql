-- Grain: one verdict. Parameters: every column but review_number, which counts on. Volumes in mL, centres in mm, times in UTC.
INSERT INTO lesion_review (
    earlier_scan_id, later_scan_id, protocol_id, kind, centroid_x_mm, centroid_y_mm, centroid_z_mm, review_number, slice_index,
    before_ml, after_ml, n_candidates, earlier_run_id, later_run_id, verdict, initials, reviewed_at
)
SELECT
    $earlier_scan_id,
    $later_scan_id,
    $protocol_id,
    $kind,
    $centroid_x_mm,
    $centroid_y_mm,
    $centroid_z_mm,
    coalesce(max(review_number), 0) + 1,
    $slice_index,
    $before_ml,
    $after_ml,
    $n_candidates,
    $earlier_run_id,
    $later_run_id,
    $verdict,
    $initials,
    $reviewed_at
FROM lesion_review
WHERE
    earlier_scan_id = $earlier_scan_id
    AND later_scan_id = $later_scan_id
    AND protocol_id = $protocol_id
    AND kind = $kind
    AND centroid_x_mm = $centroid_x_mm
    AND centroid_y_mm = $centroid_y_mm
    AND centroid_z_mm = $centroid_z_mm;
