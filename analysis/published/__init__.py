"""The published study, recomputed number by number from the cohort table, with what a sound analysis says instead."""
