"""Labels to measures: lesion zones, areas and volumes, quality flags."""
