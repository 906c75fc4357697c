-- Grain: one row per table that was joined to a dataset, newest first. Parameters: $dataset_id. Times are UTC.
SELECT source_name, source_sha256, settings, software_version, joined_at, n_rows, n_matched
FROM joined_table
WHERE dataset_id = $dataset_id
ORDER BY joined_at DESC, source_name;
