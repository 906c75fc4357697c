-- Grain: one row per verdict of a reader on a lesion that differs between two visits, newest first.
-- Parameters: $dataset_id, $subject_id, each NULL for all. Units: volumes in mL, centres in mm (scanner RAS+ of the later scan).
-- current: the verdict counts, being the last one on this candidate, and on the measurements that the store holds now.
SELECT
    c.dataset_id,
    c.subject_id,
    r.earlier_scan_id,
    r.later_scan_id,
    r.protocol_id,
    r.kind,
    r.slice_index,
    r.centroid_x_mm,
    r.centroid_y_mm,
    r.centroid_z_mm,
    r.before_ml,
    r.after_ml,
    r.n_candidates,
    r.review_number,
    r.verdict,
    r.initials,
    r.reviewed_at,
    coalesce(r.earlier_run_id = e.run_id AND r.later_run_id = l.run_id, FALSE)
    AND r.review_number = max(r.review_number) OVER (
        PARTITION BY
            r.earlier_scan_id, r.later_scan_id, r.protocol_id, r.kind, r.centroid_x_mm, r.centroid_y_mm, r.centroid_z_mm
    ) AS current
FROM lesion_review AS r
JOIN scan AS c ON c.scan_id = r.later_scan_id
LEFT JOIN measure AS e ON e.scan_id = r.earlier_scan_id AND e.protocol_id = r.protocol_id
LEFT JOIN measure AS l ON l.scan_id = r.later_scan_id AND l.protocol_id = r.protocol_id
WHERE ($dataset_id IS NULL OR c.dataset_id = $dataset_id) AND ($subject_id IS NULL OR c.subject_id = $subject_id)
ORDER BY
    r.reviewed_at DESC, c.dataset_id, r.earlier_scan_id, r.later_scan_id, r.kind, r.centroid_z_mm, r.centroid_x_mm, r.centroid_y_mm,
    r.review_number DESC;
