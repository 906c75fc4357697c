-- Grain: one row per person without a scan, or scan without a measure. (Foreign keys see to the other direction.)
SELECT 'subject' AS orphan, s.dataset_id || '/' || s.subject_id AS identifier
FROM subject AS s
ANTI JOIN scan AS c ON c.dataset_id = s.dataset_id AND c.subject_id = s.subject_id
UNION ALL
SELECT 'scan', c.scan_id
FROM scan AS c
ANTI JOIN measure AS m ON m.scan_id = c.scan_id;
