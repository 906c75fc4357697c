"""The folder of results as a BIDS derivative dataset: what it is, what its labels mean, who its people are."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from pipeline.errors import OutputError
from vocabulary.files import write_json, write_whole
from vocabulary.measures import RESEARCH_ONLY, ZONE_NOTICE, ZONES

DESCRIPTION = "dataset_description.json"
PARTICIPANTS = "participants.tsv"
_NOT_BIDS = ("/records", "/records/**", "/runs", "/runs/**", "/shards", "/shards/**", "/.lock*")
_TISSUES = ((0, "Background", "BG", "#000000"), (1, "Ventricle", "VEN", "#0072B2"), (2, "White matter hyperintensity",
            "WMH", "#E69F00"))  # fmt: skip
_ZONE_COLOURS = {"periventricular": "#D55E00", "paraventricular": "#E69F00", "juxtacortical": "#F0E442"}
_ABBREVIATIONS = {"periventricular": "PEWMH", "paraventricular": "PAWMH", "juxtacortical": "JCWMH"}
_COLUMNS = ("participant_id", "code", "group", "sex", "age")

_GRID = {"SpatialReference": "orig"}
SIDECARS: dict[str, dict[str, Any]] = {
    "desc-tissue_dseg.json": _GRID,
    "desc-zones_dseg.json": _GRID | {"Description": f"Lesions by zone. {ZONE_NOTICE} {RESEARCH_ONLY}"},
    "desc-brain_mask.json": _GRID | {"Description": "Intracranial mask found with the labels.", "Type": "Brain"},
    "desc-wmh_probseg.json": _GRID | {"Description": "Probability of white matter hyperintensity.", "Type": "Lesion"},
}
"""What holds for every scan, by file at the top of the dataset; a scan's own sidecars say the rest."""

_PEOPLE: dict[str, dict[str, Any]] = {
    "code": {"Description": "Pseudonymous code as it was given; participant_id holds its letters and digits only"},
    "group": {"Description": "Group", "Levels": {"MS": "multiple sclerosis", "HC": "healthy control"}},
    "sex": {"Description": "Sex", "Levels": {"F": "female", "M": "male"}},
    "age": {"Description": "Age at the first visit given", "Units": "years"},
}
_README = """# Measured by MS Cohort Explorer

Labels and measures of FLAIR images, one folder per person, in the grid of the image that was measured.
{research}

- `*_desc-tissue_dseg.nii.gz`: ventricles and white matter hyperintensities; `desc-tissue_dseg.tsv` names the labels.
- `*_desc-zones_dseg.nii.gz`: lesions by zone; `desc-zones_dseg.tsv` names them. {zones}
- `*_desc-brain_mask.nii.gz`, `*_desc-wmh_probseg.nii.gz`: intracranial mask, probability of hyperintensity.
- `*_desc-display_FLAIR.nii.gz`: the image in 256 grey levels, for viewers.
- `*_desc-tissue_dseg.json`: measures, flags, model, zone rule and versions.

`records` and `runs` belong to the program, which goes on with them where it was stopped.
"""


class Participant(Protocol):
    """What the table of participants asks of a scan."""

    @property
    def stem(self) -> str:
        """Return what the scan's files are called."""
        ...

    @property
    def subject_id(self) -> str:
        """Return whose scan it is."""
        ...

    @property
    def group(self) -> str | None:
        """Return MS or HC."""
        ...

    @property
    def sex(self) -> str | None:
        """Return F or M."""
        ...

    @property
    def age_years(self) -> float | None:
        """Return the age at the scan."""
        ...


def describe_dataset(out: Path, dataset: str) -> None:
    """Write what holds for all scans of a folder; refuse the results of another dataset.

    Raises
    ------
    OutputError : the folder holds another dataset, or other things.
    """
    path = out / DESCRIPTION
    if path.is_file():
        try:
            name = json.loads(path.read_text(encoding="utf-8"))["Name"]
        except (ValueError, KeyError, TypeError) as error:
            raise OutputError(f"{path}: not a description of results; choose another folder with --out") from error
        if name != dataset:
            raise OutputError(f"{out}: holds the results of dataset {name!r}, not of {dataset!r}; choose another --out")
    elif any(not child.name.startswith(".lock") for child in out.iterdir()):
        raise OutputError(f"{out}: holds other things than results of this program; choose an empty folder with --out")
    said = {
        "Name": dataset,
        "BIDSVersion": "1.10.0",
        "DatasetType": "derivative",
        "GeneratedBy": [{"Name": "mscohort", "Version": version("mscohort")}],
    }
    write_json(said, path, indent=2)
    for name, content in SIDECARS.items():
        write_json(content, out / name, indent=2)
    zones = [
        (number, zone.capitalize(), _ABBREVIATIONS[zone], _ZONE_COLOURS[zone]) for number, zone in enumerate(ZONES, 1)
    ]
    labels = ("index", "name", "abbreviation", "color")
    _write_table(out / "desc-tissue_dseg.tsv", labels, _TISSUES)
    _write_table(out / "desc-zones_dseg.tsv", labels, [_TISSUES[0], *zones])
    write_whole(_README.format(research=RESEARCH_ONLY, zones=ZONE_NOTICE).encode(), out / "README.md")
    write_whole("".join(f"{name}\n" for name in _NOT_BIDS).encode(), out / ".bidsignore")


def write_participants(out: Path, scans: Sequence[Participant]) -> None:
    """Add the people of these scans to the dataset's table; what is not known now does not wipe out what was."""
    path = out / PARTICIPANTS
    rows = {row["participant_id"]: row for row in _read_people(path)}
    first: dict[str, float] = {}
    for scan in scans:
        if scan.age_years is not None:
            first[scan.subject_id] = min(scan.age_years, first.get(scan.subject_id, scan.age_years))
    for scan in scans:
        key = scan.stem.split("_")[0]
        age = None if scan.subject_id not in first else f"{first[scan.subject_id]:g}"
        told = {"code": scan.subject_id, "group": scan.group, "sex": scan.sex, "age": age}
        known = {name: value for name, value in told.items() if value}
        rows[key] = dict.fromkeys(_COLUMNS, "n/a") | rows.get(key, {}) | {"participant_id": key} | known
    if rows:
        _write_table(path, _COLUMNS, [[row[name] for name in _COLUMNS] for _, row in sorted(rows.items())])
        write_json(_PEOPLE, out / "participants.json", indent=2)


def _read_people(path: Path) -> list[dict[str, str]]:
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")), delimiter="\t"))
    except (OSError, UnicodeDecodeError, csv.Error):
        return []
    return [row for row in rows if set(_COLUMNS) <= set(row) and all(isinstance(row[name], str) for name in _COLUMNS)]


def _write_table(path: Path, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    text = io.StringIO()
    table = csv.writer(text, delimiter="\t", lineterminator="\n")
    table.writerow(header)
    table.writerows(rows)
    write_whole(text.getvalue().encode(), path)
