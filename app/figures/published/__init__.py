"""Figures of the published study beside its recomputation."""
