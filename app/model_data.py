"""The evaluation of every model: from the store where it holds one, else the figures that ship with the software."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from db.snapshot import Snapshot
from pipeline.shipped import DEFAULT_MODEL, MODELS_FOLDER, list_models

ARCHITECTURES = {
    "unet": "U-Net",
    "attention_unet": "Attention U-Net",
    "trans_unet": "Trans-U-Net",
    "deeplab": "DeepLabV3+",
}
SCHEMAS = {
    "scores": {
        "model_id": pl.String,
        "split": pl.String,
        "subject_id": pl.String,
        "class": pl.String,
        "metric": pl.String,
        "value": pl.Float64,
        "missing_reason": pl.String,
    },
    "curves": {
        "model_id": pl.String,
        "split": pl.String,
        "fold": pl.Int64,
        "epoch": pl.Int64,
        "metric": pl.String,
        "value": pl.Float64,
    },
    "calibration": {
        "model_id": pl.String,
        "split": pl.String,
        "class": pl.String,
        "bin": pl.Int64,
        "predicted": pl.Float64,
        "observed": pl.Float64,
        "n_pixels": pl.Int64,
    },
    "confusion": {
        "model_id": pl.String,
        "split": pl.String,
        "truth": pl.String,
        "predicted": pl.String,
        "n_pixels": pl.Int64,
    },
    "speed": {
        "model_id": pl.String,
        "device": pl.String,
        "seconds_per_scan": pl.Float64,
        "peak_memory_mb": pl.Float64,
        "n_slices": pl.Float64,
        "n_scans": pl.Int64,
    },
}
"""Columns of the five files that ship beside the models, and of the store's tables."""


@dataclass(frozen=True)
class ModelData:
    """Everything the Models page shows.

    Attributes
    ----------
    models : one row per model: model_id, title, architecture, n_parameters, licence, description; the default first
    scores, curves, calibration, confusion, speed : as in ``SCHEMAS``
    source : where they come from, in words
    """

    models: pl.DataFrame
    scores: pl.DataFrame
    curves: pl.DataFrame
    calibration: pl.DataFrame
    confusion: pl.DataFrame
    speed: pl.DataFrame
    source: str

    @property
    def titles(self) -> dict[str, str]:
        """Return model_id -> title, the default first, of models that have a score."""
        scored = set(self.scores["model_id"])
        known = {row["model_id"]: row["title"] for row in self.models.iter_rows(named=True)}
        named = {model: title for model, title in known.items() if model in scored}
        return named | {model: title_of(model) for model in sorted(scored - set(named))}

    def of(self, name: str, split: str, model: str | None = None) -> pl.DataFrame:
        """Return the rows of one table, one split and, where named, one model."""
        frame: pl.DataFrame = getattr(self, name)
        wanted = frame.filter(pl.col("split") == split)
        return wanted if model is None else wanted.filter(pl.col("model_id") == model)


def title_of(model_id: str) -> str:
    """Name a model that has no card.

    Examples
    --------
    >>> title_of("compact_trans_unet"), title_of("mscohort-1")
    ('Trans-U-Net', 'mscohort-1')
    """
    ending = max((name for name in ARCHITECTURES if model_id.endswith(name)), key=len, default="")
    return ARCHITECTURES.get(ending, model_id)


def stored_models(snapshot: Snapshot) -> ModelData:
    """Return what one version of the store holds about models; ``scores`` is empty where it holds nothing."""
    return ModelData(
        models=_default_first(snapshot.models()),
        scores=snapshot.model_scores(),
        curves=snapshot.model_curves(),
        calibration=snapshot.model_calibration(),
        confusion=snapshot.model_confusion(),
        speed=snapshot.model_speed(),
        source=f"store version {snapshot.version}",
    )


def shipped_models(folder: Path = MODELS_FOLDER) -> ModelData:
    """Return the evaluation that comes with the software; tables whose file is absent are empty."""
    cards = [
        (card.model_id, card.title, card.architecture, card.n_parameters, card.licence, card.description)
        for card in list_models()
    ]
    columns = ("model_id", "title", "architecture", "n_parameters", "licence", "description")
    frames = {name: _read(folder / f"{name}.csv", schema) for name, schema in SCHEMAS.items()}
    return ModelData(pl.DataFrame(cards, schema=columns, orient="row"), source="shipped with the software", **frames)


def _read(path: Path, schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    if not path.is_file():
        return pl.DataFrame(schema=schema)
    return pl.read_csv(path, schema_overrides=schema).select(*schema)


def _default_first(models: pl.DataFrame) -> pl.DataFrame:
    return models.sort(pl.col("model_id") != DEFAULT_MODEL, "model_id")
