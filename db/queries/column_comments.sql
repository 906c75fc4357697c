-- Grain: one row per column of a table or view that says what it holds. Parameters: none.
SELECT table_name, column_name, "comment"
FROM duckdb_columns()
WHERE NOT internal AND "comment" IS NOT NULL
ORDER BY table_name, column_index;
