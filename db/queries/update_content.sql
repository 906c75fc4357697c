-- Grain: one dataset. Parameters: $dataset_id, $content_sha256.
UPDATE dataset SET content_sha256 = $content_sha256 WHERE dataset_id = $dataset_id;
