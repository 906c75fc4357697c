"""An exported cohort on its way back: what its ``dataset.json`` says beside the table."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from db.tables.choices import ExtraChoice, TableChoices

ABOUT = "dataset.json"
_TABLES = ("cohort.csv", "cohort.parquet", "cohort.xlsx")
_LARGEST = 1 << 20


@dataclass(frozen=True)
class Exported:
    """What an export says of the table that is imported.

    Attributes
    ----------
    choices : further columns with their kinds, labels and units
    """

    dataset: str
    title: str
    protocol: str
    synthetic: bool
    citation: str | None
    licence: str | None
    choices: TableChoices


def table_of(path: Path) -> Path:
    """Return the table of an export when a folder of one is named, else the path itself."""
    if path.is_dir() and (path / ABOUT).is_file():
        return next((path / name for name in _TABLES if (path / name).is_file()), path)
    return path


def exported(path: Path) -> Exported | None:
    """Return what the ``dataset.json`` beside a table says; None where there is none or the table was changed since."""
    try:
        beside = path.parent / ABOUT
        if path.name not in _TABLES or beside.stat().st_size > _LARGEST:
            return None
        about = json.loads(beside.read_text(encoding="utf-8"))
        if about["files"][path.name] != hashlib.sha256(path.read_bytes()).hexdigest():
            return None
        extras = tuple(ExtraChoice(e["name"], e["kind"], str(e["label"]), str(e["unit"])) for e in about["extras"])
        return Exported(
            str(about["dataset"]),
            str(about["title"]),
            str(about["protocol"]),
            bool(about["synthetic"]),
            _text(about["citation"]),
            _text(about["licence"]),
            TableChoices(extras=extras, decimal="."),
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
