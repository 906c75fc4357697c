-- Grain: one row per scan of a dataset and fact that is not known of its person: group, sex, age at the scan. Parameters: $dataset_id,
-- $reason. Run statement by statement.
DELETE FROM missing_value
WHERE
    column_name IN ('group', 'sex', 'age_years')
    AND scan_id IN (SELECT scan_id FROM scan WHERE dataset_id = $dataset_id);
INSERT INTO missing_value (scan_id, protocol_id, column_name, reason)
SELECT scan_id, protocol_id, fact.column_name, $reason
FROM (
    SELECT scan_id, protocol_id, unnest([
        {'column_name': 'group', 'known': "group" IS NOT NULL},
        {'column_name': 'sex', 'known': sex IS NOT NULL},
        {'column_name': 'age_years', 'known': age_years IS NOT NULL}
    ]) AS fact
    FROM cohort
    WHERE dataset_id = $dataset_id
)
WHERE NOT fact.known;
