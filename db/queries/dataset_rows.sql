-- Grain: every row of one dataset, table by table, parents before children, in the order of the columns. Parameters:
-- $dataset_id. Statement by statement; the tables are those of "restore_dataset", in the same order.
SELECT * FROM dataset WHERE dataset_id = $dataset_id ORDER BY ALL;
SELECT * FROM subject WHERE dataset_id = $dataset_id ORDER BY ALL;
SELECT * FROM scan WHERE dataset_id = $dataset_id ORDER BY ALL;
SELECT * FROM run WHERE dataset_id = $dataset_id ORDER BY ALL;
SELECT * FROM rejection WHERE run_id IN (SELECT run_id FROM run WHERE dataset_id = $dataset_id) ORDER BY ALL;
SELECT * FROM measure WHERE scan_id IN (SELECT scan_id FROM scan WHERE dataset_id = $dataset_id) ORDER BY ALL;
SELECT * FROM extra_column WHERE dataset_id = $dataset_id ORDER BY ALL;
SELECT * FROM extra_value WHERE scan_id IN (SELECT scan_id FROM scan WHERE dataset_id = $dataset_id) ORDER BY ALL;
SELECT * FROM missing_value WHERE scan_id IN (SELECT scan_id FROM scan WHERE dataset_id = $dataset_id) ORDER BY ALL;
SELECT * FROM scan_flag WHERE scan_id IN (SELECT scan_id FROM scan WHERE dataset_id = $dataset_id) ORDER BY ALL;
SELECT * FROM registration WHERE scan_id IN (SELECT scan_id FROM scan WHERE dataset_id = $dataset_id) ORDER BY ALL;
SELECT * FROM region_load WHERE scan_id IN (SELECT scan_id FROM scan WHERE dataset_id = $dataset_id) ORDER BY ALL;
SELECT * FROM reliability WHERE scan_id IN (SELECT scan_id FROM scan WHERE dataset_id = $dataset_id) ORDER BY ALL;
SELECT * FROM lesion WHERE scan_id IN (SELECT scan_id FROM scan WHERE dataset_id = $dataset_id) ORDER BY ALL;
SELECT * FROM scan_age WHERE scan_id IN (SELECT scan_id FROM scan WHERE dataset_id = $dataset_id) ORDER BY ALL;
SELECT * FROM joined_table WHERE dataset_id = $dataset_id ORDER BY ALL;
