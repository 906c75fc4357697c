-- Lesions of a scan on the common grid of ICBM152, voxels of 2 mm (vocabulary.lesion_grid). Scans registered before have none.

ALTER TABLE registration ADD COLUMN lesion_voxels UINTEGER[];
ALTER TABLE registration ADD COLUMN seen_runs UINTEGER[];

COMMENT ON COLUMN registration.lesion_voxels IS 'numbers of the voxels of the common grid in a lesion, ascending; NULL where no map was kept';
COMMENT ON COLUMN registration.seen_runs IS 'runs of voxels of the common grid that the scan shows: first, end (not in it), first, end and so on';
