-- Grain: one verdict. Parameters: $scan_id, $protocol_id, $run_id, $verdict, $reason, $initials, $reviewed_at (UTC).
INSERT INTO review (scan_id, protocol_id, review_number, run_id, verdict, reason, initials, reviewed_at)
SELECT
    $scan_id,
    $protocol_id,
    coalesce(max(review_number), 0) + 1,
    $run_id,
    $verdict,
    $reason,
    $initials,
    $reviewed_at
FROM review
WHERE scan_id = $scan_id AND protocol_id = $protocol_id;
