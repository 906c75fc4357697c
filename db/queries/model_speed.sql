-- Grain: one row per model and device. Parameters: none. Units: s per scan, MB.
SELECT model_id, device, seconds_per_scan, peak_memory_mb, n_slices, n_scans
FROM model_speed
ORDER BY ALL;
