"""What a sidecar or a DICOM header says of an image: how it was acquired, what it shows, who lay in the scanner.

Both are read into one form, so that one rule (``pipeline.inputs.image_kind``) judges every door. Nothing that could
name a person is kept: of the free text only words are looked for.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.inputs.identity import entities_of
from pipeline.inputs.scan_names import bare
from vocabulary.people import age_of, sex_of

_VENDORS = {
    "siemens": "Siemens",
    "ge": "GE",
    "general": "GE",
    "philips": "Philips",
    "toshiba": "Canon",
    "canon": "Canon",
    "hitachi": "Hitachi",
    "fujifilm": "Fujifilm",
    "uih": "United Imaging",
    "united": "United Imaging",
    "esaote": "Esaote",
    "neusoft": "Neusoft",
}
_SAFE_TEXT = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .+/()-]{0,39}")


@dataclass(frozen=True)
class Acquisition:
    """How an image was acquired; None where nothing said so. No personal data.

    Attributes
    ----------
    manufacturer, scanner_model : such as Siemens, Avanto
    field_strength_t : tesla
    echo_time_ms, repetition_time_ms, inversion_time_ms : milliseconds
    slice_thickness_mm : mm, without the gap
    acquisition_type : 2D or 3D
    """

    manufacturer: str | None = None
    scanner_model: str | None = None
    field_strength_t: float | None = None
    echo_time_ms: float | None = None
    repetition_time_ms: float | None = None
    inversion_time_ms: float | None = None
    slice_thickness_mm: float | None = None
    acquisition_type: str | None = None


@dataclass(frozen=True)
class ImageFacts:
    """Everything a sidecar or a header says that is of use here.

    Attributes
    ----------
    source : which of the two, as text: "sidecar", "DICOM header"
    acquisition : Acquisition
    modality : such as MR, CT; None where it is not said
    words : descriptions of the series, in lower case, for looking for words only
    image_type, scanning_sequence : DICOM's codes, upper case
    sex, age_years : of the person, F or M and years, or None
    skull_stripped : the sidecar says that the brain was extracted
    """

    source: str = ""
    acquisition: Acquisition = field(default_factory=Acquisition)
    modality: str | None = None
    words: str = ""
    image_type: tuple[str, ...] = ()
    scanning_sequence: tuple[str, ...] = ()
    sex: str | None = None
    age_years: float | None = None
    skull_stripped: bool = False


NOTHING = ImageFacts()


def facts_of(said: Mapping[str, Any], source: str) -> ImageFacts:
    """Read facts from keys as BIDS and DICOM call them; whatever is not as it should be is not known.

    Parameters
    ----------
    said : key -> value; times in seconds as in BIDS (a time that can only be milliseconds is read as such)
    source : what to call it

    Examples
    --------
    >>> times = facts_of({"EchoTime": 0.12, "InversionTime": 2500, "MagneticFieldStrength": "1.5"}, "sidecar")
    >>> times.acquisition.echo_time_ms, times.acquisition.inversion_time_ms, times.acquisition.field_strength_t
    (120.0, 2500.0, 1.5)
    """
    kind = str(said.get("MRAcquisitionType", "")).strip().upper()
    age = age_of(str(said.get("PatientAge", "")).strip())
    return ImageFacts(
        source=source,
        acquisition=Acquisition(
            manufacturer=_vendor(said.get("Manufacturer")),
            scanner_model=_text(said.get("ManufacturersModelName", said.get("ManufacturerModelName"))),
            field_strength_t=_field(said.get("MagneticFieldStrength")),
            echo_time_ms=_milliseconds(said.get("EchoTime"), 5),
            repetition_time_ms=_milliseconds(said.get("RepetitionTime", said.get("RepetitionTimeExcitation")), 100),
            inversion_time_ms=_milliseconds(said.get("InversionTime"), 50),
            slice_thickness_mm=_between(said.get("SliceThickness"), 0.1, 50),
            acquisition_type=kind if kind in ("2D", "3D") else None,
        ),
        modality=str(said["Modality"]).strip() if said.get("Modality") else None,
        words=" ".join(str(said.get(key, "")) for key in _DESCRIPTIONS).lower().strip(),
        image_type=_codes(said.get("ImageType")),
        scanning_sequence=_codes(said.get("ScanningSequence")),
        sex=sex_of(str(said.get("PatientSex", ""))),
        age_years=None if age is None or not age.years else age.years,  # 000Y stands for an age that was taken out
        skull_stripped=said.get("SkullStripped") is True,
    )


_DESCRIPTIONS = ("SeriesDescription", "ProtocolName", "SequenceName", "PulseSequenceName")


def read_sidecar(image: Path) -> ImageFacts:
    """Return what the JSON files beside an image say of it, those of the dataset's higher folders included.

    A file that cannot be read says nothing of the image.
    """
    said: dict[str, Any] = {}
    for path in _sidecars(image):
        try:
            told = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        except (OSError, ValueError, RecursionError):
            continue
        said |= told if isinstance(told, dict) else {}
    return facts_of(said, "sidecar") if said else NOTHING


def _sidecars(image: Path) -> list[Path]:
    """Return a BIDS image's sidecars, the most general first; of any other image only the one of its own name."""
    own = image.with_name(f"{bare(image)}.json")
    if "sub" not in entities_of(image.name) or not bare(image).endswith("_FLAIR"):
        return [own]
    folders = [image.parent]
    while (
        "sub" in entities_of(folders[-1].name) or folders[-1].name == "anat" or "ses" in entities_of(folders[-1].name)
    ):
        folders.append(folders[-1].parent)
    words = bare(image).split("_")
    shorter = {"_".join((*words[:number], "FLAIR")) for number in range(len(words) - 1)}
    general = [folder / f"{name}.json" for folder in reversed(folders) for name in sorted(shorter, key=len)]
    return [path for path in general if path != own] + [own]


def _number(value: object) -> float | None:
    if isinstance(value, list) and value:
        value = value[0]
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _between(value: object, low: float, high: float) -> float | None:
    number = _number(value)
    return number if number is not None and low <= number <= high else None


def _milliseconds(value: object, beyond_seconds: float) -> float | None:
    number = _number(value)
    if number is None or number <= 0:
        return None
    milliseconds = number if number > beyond_seconds else number * 1000
    return round(milliseconds, 3) if milliseconds < 120_000 else None


def _field(value: object) -> float | None:
    number = _number(value)
    if number is not None and number > 100:  # older headers give gauss
        number /= 10_000
    return round(number, 3) if number is not None and 0.01 <= number <= 21 else None


def _vendor(value: object) -> str | None:
    first = re.split(r"[^a-z]+", str(value or "").strip().lower())[0]
    return _VENDORS.get(first)


def _text(value: object) -> str | None:
    text = " ".join(str(value or "").split())
    return text if _SAFE_TEXT.fullmatch(text) else None


def _codes(value: object) -> tuple[str, ...]:
    values: Sequence[object] = value if isinstance(value, list | tuple) else re.split(r"[\\,/ ]+", str(value or ""))
    return tuple(str(code).strip().upper() for code in values if str(code).strip())
