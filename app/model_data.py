"""The evaluation of every model: from the store where it holds one, else the figures that ship with the software."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from db.snapshot import Snapshot
from pipeline.segmentation.bundled_models import DEFAULT_MODEL, MODELS_FOLDER, list_models
from vocabulary.evaluation_contract import SCHEMAS

ARCHITECTURES = {
    "unet": "U-Net",
    "attention_unet": "Attention U-Net",
    "trans_unet": "Trans-U-Net",
    "deeplab": "DeepLabV3+",
}


@dataclass(frozen=True)
class ModelData:
    """Everything the Models page shows.

    Attributes
    ----------
    models : one row per model: model_id, title, architecture, n_parameters, licence, description
    scores, measures, curves, calibration, confusion, speed : as in ``vocabulary.evaluation_contract.SCHEMAS``
    source : where they come from, in words
    """

    models: pl.DataFrame
    scores: pl.DataFrame
    measures: pl.DataFrame
    curves: pl.DataFrame
    calibration: pl.DataFrame
    confusion: pl.DataFrame
    speed: pl.DataFrame
    source: str

    @property
    def titles(self) -> dict[str, str]:
        """Return model_id -> name on the page, the default model first, then others that ship, of models with a score.

        A model is called by its title, one without a title by its architecture, two of one name by both.
        """
        known = {row["model_id"]: row for row in self.models.iter_rows(named=True)}
        ships = {card.model_id for card in list_models()}
        ordered = sorted(
            set(self.scores["model_id"]), key=lambda model: (model != DEFAULT_MODEL, model not in ships, model)
        )
        named = {model: _name(known[model]) if model in known else model for model in ordered}
        said = list(named.values())
        return {model: f"{name} ({model})" if said.count(name) > 1 else name for model, name in named.items()}

    def of(self, name: str, split: str, model: str | None = None) -> pl.DataFrame:
        """Return the rows of one table, one split and, where named, one model."""
        frame: pl.DataFrame = getattr(self, name)
        wanted = frame.filter(pl.col("split") == split)
        return wanted if model is None else wanted.filter(pl.col("model_id") == model)


def _name(model: dict[str, Any]) -> str:
    if model["title"] != model["model_id"]:
        return str(model["title"])
    return ARCHITECTURES.get(model["architecture"], str(model["model_id"]))


def stored_models(snapshot: Snapshot) -> ModelData:
    """Return what one version of the store holds about models; ``scores`` is empty where it holds nothing."""
    return ModelData(
        models=snapshot.models(),
        scores=snapshot.model_scores(),
        measures=snapshot.model_measures(),
        curves=snapshot.model_curves(),
        calibration=snapshot.model_calibration(),
        confusion=snapshot.model_confusion(),
        speed=snapshot.model_speed(),
        source=f"store version {snapshot.version}",
    )


def shipped_models(folder: Path = MODELS_FOLDER) -> ModelData:
    """Return the evaluation that comes with the software; tables whose file is absent are empty."""
    cards = [[getattr(card, column) for column in SCHEMAS["models"]] for card in list_models()]
    frames = {name: _read(folder / f"{name}.csv", schema) for name, schema in SCHEMAS.items()}
    shipped = pl.DataFrame(cards, schema=SCHEMAS["models"], orient="row")
    only_evaluated = frames.pop("models").join(shipped, on="model_id", how="anti")
    return ModelData(pl.concat([shipped, only_evaluated]), source="shipped with the software", **frames)


def _read(path: Path, schema: pl.Schema) -> pl.DataFrame:
    if not path.is_file():
        return pl.DataFrame(schema=schema)
    return pl.read_csv(path, schema_overrides=schema).select(*schema)
