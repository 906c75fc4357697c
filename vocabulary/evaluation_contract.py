"""What an evaluation of models hands over: seven tables, the same for who fills, ships, stores and shows them."""

from collections.abc import Mapping

import polars as pl

SCHEMAS: Mapping[str, pl.Schema] = {
    # One row per model. weights_sha256 and licence are null where the weights do not ship.
    "models": pl.Schema(
        {
            "model_id": pl.String,
            "title": pl.String,
            "architecture": pl.String,
            "weights_sha256": pl.String,
            "n_parameters": pl.Int64,
            "description": pl.String,
            "licence": pl.String,
        }
    ),
    # One row per model, split, subject, class and metric; value is null where missing_reason says why.
    "scores": pl.Schema(
        {
            "model_id": pl.String,
            "split": pl.String,
            "subject_id": pl.String,
            "class": pl.String,
            "metric": pl.String,
            "value": pl.Float64,
            "missing_reason": pl.String,
        }
    ),
    # Each measure from the rater's labels (manual) and from the model's (found), null where the labels do not have it.
    "measures": pl.Schema(
        {
            "model_id": pl.String,
            "split": pl.String,
            "subject_id": pl.String,
            "measure": pl.String,
            "manual": pl.Float64,
            "found": pl.Float64,
        }
    ),
    "curves": pl.Schema(
        {
            "model_id": pl.String,
            "split": pl.String,
            "fold": pl.Int64,
            "epoch": pl.Int64,
            "metric": pl.String,
            "value": pl.Float64,
        }
    ),
    # predicted and observed are shares of 1, null in an empty bin.
    "calibration": pl.Schema(
        {
            "model_id": pl.String,
            "split": pl.String,
            "class": pl.String,
            "bin": pl.Int64,
            "predicted": pl.Float64,
            "observed": pl.Float64,
            "n_pixels": pl.Int64,
        }
    ),
    "confusion": pl.Schema(
        {
            "model_id": pl.String,
            "split": pl.String,
            "truth": pl.String,
            "predicted": pl.String,
            "n_pixels": pl.Int64,
        }
    ),
    # The model being loaded; seconds per scan, MB.
    "speed": pl.Schema(
        {
            "model_id": pl.String,
            "device": pl.String,
            "seconds_per_scan": pl.Float64,
            "peak_memory_mb": pl.Float64,
            "n_slices": pl.Int64,
            "n_scans": pl.Int64,
        }
    ),
}
"""The tables by name."""
