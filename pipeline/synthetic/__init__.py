"""Synthetic FLAIR scans with known truth."""
