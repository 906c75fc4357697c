-- Grain: one row per scan and protocol whose lesions are together larger than its WMH area (mm2), beyond 0.5 mm2 or 0.1 %.
SELECT l.scan_id, l.protocol_id, sum(l.area_mm2) AS lesions_mm2, any_value(m.wmh_area_mm2) AS wmh_area_mm2
FROM lesion AS l
JOIN measure AS m ON m.scan_id = l.scan_id AND m.protocol_id = l.protocol_id
GROUP BY l.scan_id, l.protocol_id
HAVING sum(l.area_mm2) - any_value(m.wmh_area_mm2) > greatest(0.5, 0.001 * any_value(m.wmh_area_mm2));
