"""An evaluation of networks that do not exist, on patients that do not exist: every number is made up."""

from pathlib import Path

import numpy as np
import polars as pl

from analysis.model_scores.agreement import SHOWN
from pipeline.segmentation.bundled_models import DEFAULT_MODEL
from vocabulary.evaluation_contract import SCHEMAS

MODELS = {DEFAULT_MODEL: 0.0, "fake_unet": -0.05, "fake_attention_unet": -0.03, "fake_trans_unet": -0.08}
PATIENTS = {"cv5": 10, "study": 3}
_LEVELS = {"ventricle": 0.9, "wmh": 0.7}


def write_fake_evaluation(folder: Path, seed: int = 0) -> Path:
    """Write the CSV files that would ship beside the models into ``folder``, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(seed)
    tables: dict[str, list[tuple[object, ...]]] = {name: [] for name in SCHEMAS}
    for model, shift in MODELS.items():
        tables["models"].append((model, model, "fake", None, 5, "Made up.", None))
        for split, n in PATIENTS.items():
            for number in range(n):
                tables["measures"] += _measures(model, split, f"fake-{number:02}", number, shift, generator)
                tables["scores"] += _scores(model, split, f"fake-{number:02}", number, shift, generator)
            tables["curves"] += _curves(model, split, shift)
            tables["calibration"] += [
                (model, split, tissue, b, (b + 0.5) / 10, ((b + 0.5) / 10) ** 1.2, 10 ** (6 - b % 4))
                for tissue in _LEVELS
                for b in range(10)
            ]
            tables["confusion"] += _confusion(model, split)
        tables["speed"].append((model, "2 fake CPU cores", 1.5 - 10 * shift, 800.0, 20, 10))
    for name, rows in tables.items():
        pl.DataFrame(rows, schema=SCHEMAS[name], orient="row").write_csv(folder / f"{name}.csv")
    return folder


def _scores(
    model: str, split: str, patient: str, number: int, shift: float, generator: np.random.Generator
) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for tissue, level in _LEVELS.items():
        dice = level + shift + 0.01 * number - 0.05 + generator.normal(0, 0.01)
        manual = 20.0 + 3 * number
        values: dict[str, float | None] = {
            "dice": dice,
            "precision": dice + 0.03,
            "recall": dice - 0.02,
            "hd95_3d_mm": 20 * (1 - dice),
            "hd95_2d_mm": 10 * (1 - dice),
            "volume_manual_ml": manual,
            "volume_found_ml": manual * (1 + shift + generator.normal(0, 0.05)),
            "volume_error_pct": 100 * shift,
            "absolute_volume_error_pct": 100 * abs(shift),
        }
        if tissue == "wmh":
            values["lesion_f1"] = None if number == 1 and model == "fake_unet" else dice - 0.05
        rows += [
            (model, split, patient, tissue, metric, value, None if value is not None else "no lesion was drawn")
            for metric, value in values.items()
        ]
    return rows


def _measures(
    model: str, split: str, patient: str, number: int, shift: float, generator: np.random.Generator
) -> list[tuple[object, ...]]:
    """Patient 2 has no lesion by hand, so no shares there."""
    values = dict.fromkeys(SHOWN, 20.0 + 3 * number)
    rows: list[tuple[object, ...]] = []
    for name, manual in values.items():
        gone = number == 2 and name.endswith("share_pct")
        found = manual * (1 + shift + generator.normal(0, 0.05))
        rows.append((model, split, patient, name, None if gone else manual, found))
    return rows


def _curves(model: str, split: str, shift: float) -> list[tuple[object, ...]]:
    folds = 5 if split == "cv5" else 1
    return [
        (model, split, fold, epoch, metric, floor + np.exp(-epoch / (8 + fold)) - shift)
        for fold in range(folds)
        for metric, floor in (("loss", 0.1), ("val_loss", 0.15))
        for epoch in range(1, 31 - 3 * fold)
    ]


def _confusion(model: str, split: str) -> list[tuple[object, ...]]:
    counts = {
        "background": (9_990_000, 6_000, 4_000),
        "ventricle": (7_000, 93_000, 0),
        "wmh": (9_000, 30, 30_970),
    }
    names = tuple(counts)
    return [(model, split, truth, names[i], n) for truth, row in counts.items() for i, n in enumerate(row)]
