-- Grain: one dataset. Parameters: its columns.
INSERT INTO dataset (dataset_id, title, synthetic, citation, licence, content_sha256)
VALUES ($dataset_id, $title, $synthetic, $citation, $licence, $content_sha256);
