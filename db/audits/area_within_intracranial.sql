-- Grain: one row per scan and protocol whose ventricles or lesions are larger than the space they lie in. Areas in mm2.
SELECT scan_id, protocol_id, intracranial_area_mm2, ventricle_area_mm2, wmh_area_mm2
FROM measure
WHERE ventricle_area_mm2 > intracranial_area_mm2 OR wmh_area_mm2 > intracranial_area_mm2;
