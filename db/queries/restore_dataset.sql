-- Grain: one dataset as another version holds it, parents before children, from the frames "kept_0", "kept_1", ... which
-- the statements of "dataset_rows" returned there, in the same order. No parameters.
INSERT INTO dataset BY NAME SELECT * FROM kept_0;
INSERT INTO subject BY NAME SELECT * FROM kept_1;
INSERT INTO scan BY NAME SELECT * FROM kept_2;
INSERT INTO run BY NAME SELECT * FROM kept_3;
INSERT INTO rejection BY NAME SELECT * FROM kept_4;
INSERT INTO measure BY NAME SELECT * FROM kept_5;
INSERT INTO extra_column BY NAME SELECT * FROM kept_6;
INSERT INTO extra_value BY NAME SELECT * FROM kept_7;
INSERT INTO missing_value BY NAME SELECT * FROM kept_8;
INSERT INTO scan_flag BY NAME SELECT * FROM kept_9;
INSERT INTO registration BY NAME SELECT * FROM kept_10;
INSERT INTO region_load BY NAME SELECT * FROM kept_11;
INSERT INTO reliability BY NAME SELECT * FROM kept_12;
INSERT INTO lesion BY NAME SELECT * FROM kept_13;
INSERT INTO scan_age BY NAME SELECT * FROM kept_14;
INSERT INTO joined_table BY NAME SELECT * FROM kept_15;
