-- Grain: everything of one dataset, children before parents. Parameters: $dataset_id. Run statement by statement, each
-- committed by itself: a foreign key still sees a child that was deleted in the same transaction.
DELETE FROM lesion WHERE scan_id IN (SELECT scan_id FROM scan WHERE dataset_id = $dataset_id);
DELETE FROM region_load WHERE scan_id IN (SELECT scan_id FROM scan WHERE dataset_id = $dataset_id);
DELETE FROM registration WHERE scan_id IN (SELECT scan_id FROM scan WHERE dataset_id = $dataset_id);
DELETE FROM reliability WHERE scan_id IN (SELECT scan_id FROM scan WHERE dataset_id = $dataset_id);
DELETE FROM scan_flag WHERE scan_id IN (SELECT scan_id FROM scan WHERE dataset_id = $dataset_id);
DELETE FROM missing_value WHERE scan_id IN (SELECT scan_id FROM scan WHERE dataset_id = $dataset_id);
DELETE FROM extra_value WHERE scan_id IN (SELECT scan_id FROM scan WHERE dataset_id = $dataset_id);
DELETE FROM extra_column WHERE dataset_id = $dataset_id;
DELETE FROM joined_table WHERE dataset_id = $dataset_id;
DELETE FROM scan_age WHERE scan_id IN (SELECT scan_id FROM scan WHERE dataset_id = $dataset_id);
DELETE FROM measure WHERE scan_id IN (SELECT scan_id FROM scan WHERE dataset_id = $dataset_id);
DELETE FROM rejection WHERE run_id IN (SELECT run_id FROM run WHERE dataset_id = $dataset_id);
DELETE FROM run WHERE dataset_id = $dataset_id;
DELETE FROM scan WHERE dataset_id = $dataset_id;
DELETE FROM subject WHERE dataset_id = $dataset_id;
DELETE FROM dataset WHERE dataset_id = $dataset_id;
