-- Grain: one row per import, ingest or demo build, newest first. Parameters: none. Times are UTC.
SELECT
    run_id,
    kind,
    dataset_id,
    protocol_id,
    source_name,
    source_sha256,
    settings,
    software_version,
    started_at,
    finished_at,
    n_accepted,
    n_rejected
FROM run
ORDER BY finished_at DESC, run_id;
