-- Grain: one row per scan and protocol whose zone areas do not add up to its WMH area.
-- Tolerance: half a pixel (0.5 mm2) or 0.1 % of the WMH area, whichever is larger: areas are rounded to pixels.
SELECT
    scan_id,
    protocol_id,
    wmh_area_mm2,
    periventricular_area_mm2 + paraventricular_area_mm2 + juxtacortical_area_mm2 AS zones_mm2
FROM measure
WHERE abs(periventricular_area_mm2 + paraventricular_area_mm2 + juxtacortical_area_mm2 - wmh_area_mm2)
    > greatest(0.5, 0.001 * wmh_area_mm2);
