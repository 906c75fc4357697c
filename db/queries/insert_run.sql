-- Grain: one run. Parameters: its columns. Times are UTC.
INSERT INTO run (
    run_id, kind, dataset_id, protocol_id, source_name, source_sha256, settings, software_version, started_at, finished_at,
    n_accepted, n_rejected
)
VALUES (
    $run_id, $kind, $dataset_id, $protocol_id, $source_name, $source_sha256, $settings, $software_version, $started_at,
    $finished_at, $n_accepted, $n_rejected
);
