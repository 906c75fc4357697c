"""Many scans to a run folder: worker processes, records, derivatives."""
