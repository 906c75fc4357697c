"""What lies in a folder of DICOM files, by their headers: which series, what each shows, whether it is complete.

Read with ``pydicom``, part of the optional extra ``dicom``, without any pixel.
"""

import logging
import re
import struct
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.inputs.image_facts import ImageFacts, facts_of
from pipeline.inputs.reader_words import collected_words
from vocabulary.files import file_sha256, joint_sha256
from vocabulary.messages import printable

_TAGS = (
    "Modality", "SeriesDescription", "ProtocolName", "SequenceName", "PulseSequenceName", "ImageType",
    "ScanningSequence",
    "Manufacturer", "ManufacturerModelName", "MagneticFieldStrength", "EchoTime", "RepetitionTime", "InversionTime",
    "SliceThickness", "MRAcquisitionType", "PatientSex", "PatientAge",
)  # fmt: skip
_PLACES = ("SeriesInstanceUID", "PatientID", "Rows", "Columns", "NumberOfFrames", "ImageOrientationPatient",
           "ImagePositionPatient")  # fmt: skip
_UNREADABLE = (OSError, EOFError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, struct.error,
               NotImplementedError, RecursionError)  # fmt: skip
"""What pydicom raises for damaged headers, beside its own errors."""
_MOST_WORDS = 5
UNEVEN = 0.1
"""Steps between slices that differ by more than this share of the usual step are no even spacing."""


@dataclass(frozen=True)
class DicomSeries:
    """One series of a folder.

    Attributes
    ----------
    folder : where its files lie
    files : its files, by name
    alone : the folder holds nothing else
    facts : what its first header says
    patient_id : as the header has it, which may be a hospital number: never shown, never stored unless asked for
    patients : how many different ones its headers name
    problem : why its slices make no volume, or empty
    said : what the reader said of its headers, the first few, one line each
    """

    folder: Path
    files: tuple[Path, ...]
    alone: bool
    facts: ImageFacts
    patient_id: str
    patients: int
    problem: str
    said: tuple[str, ...] = ()


def can_read() -> bool:
    """Tell whether pydicom is installed."""
    try:
        import pydicom  # noqa: F401
    except ImportError:
        return False
    return True


def read_series(files: Sequence[Path]) -> tuple[list[DicomSeries], int]:
    """Group DICOM files of one folder by series, in order of their first file.

    Returns
    -------
    The series, and how many files could not be read.
    """
    headers: dict[str, list[tuple[Path, Any]]] = defaultdict(list)
    unreadable = 0
    with collected_words(logging.getLogger("pydicom")) as said:
        for path in files:
            header = _header(path)
            if header is None:
                unreadable += 1
            elif "SeriesInstanceUID" in header or "Modality" in header:  # a DICOMDIR has neither
                headers[str(header.get("SeriesInstanceUID", ""))].append((path, header))
        alone = len(headers) == 1
        found = [_series(told, alone) for told in headers.values()]
    # The reader does not say of which file it speaks. What it quotes may be a person's number: that stays behind.
    words = tuple(dict.fromkeys(_without_values(line) for line in said))[:_MOST_WORDS]
    return [replace(series, said=words) for series in found], unreadable


def _without_values(line: str) -> str:
    """Return a reader's words without the values they quote.

    Examples
    --------
    >>> _without_values("Invalid value for VR IS: '044Y'. Please see <https://dicom.nema.org>")
    'the header reader said: Invalid value for VR IS: (a value).'
    """
    plain = re.sub(r"'.*'|\".*\"", "(a value)", line.partition(" Please see")[0])
    return f"the header reader said: {printable(plain, 160)}"


def _header(path: Path) -> Any | None:
    import pydicom
    from pydicom.errors import BytesLengthException, InvalidDicomError

    try:
        header = pydicom.dcmread(path, stop_before_pixels=True, force=True, specific_tags=[*_TAGS, *_PLACES])
        list(header)  # values are read when they are asked for: a damaged one shows itself here
    except (BytesLengthException, InvalidDicomError, *_UNREADABLE):
        return None
    return header


def _series(told: list[tuple[Path, Any]], alone: bool) -> DicomSeries:
    first = told[0][1]
    said = {key: _plain(first.get(key)) for key in _TAGS if first.get(key) not in (None, "")}
    for key in ("EchoTime", "RepetitionTime", "InversionTime"):  # DICOM has milliseconds, BIDS seconds
        if isinstance(said.get(key), float):
            said[key] /= 1000
    patients = {str(header.get("PatientID", "")) for _, header in told}
    return DicomSeries(
        folder=told[0][0].parent,
        files=tuple(path for path, _ in told),
        alone=alone,
        facts=facts_of(said, "DICOM header"),
        patient_id=str(first.get("PatientID", "")).strip(),
        patients=len(patients),
        problem=_incomplete([header for _, header in told]),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return str(value)
    if hasattr(value, "__iter__"):
        return [str(part) for part in value]
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)


def _incomplete(headers: Sequence[Any]) -> str:
    """Say why slices make no volume, or return an empty text; what the headers do not give is not judged."""
    sizes = {(str(header.get("Rows")), str(header.get("Columns"))) for header in headers}
    if len(sizes) > 1:
        return f"its slices have {len(sizes)} different sizes"
    if any(str(header.get("NumberOfFrames") or 1).strip() not in ("0", "1") for header in headers):
        return ""
    try:
        turns = np.array([[float(value) for value in header.ImageOrientationPatient] for header in headers])
        places = np.array([[float(value) for value in header.ImagePositionPatient] for header in headers])
    except (AttributeError, TypeError, ValueError):
        return ""
    if turns.shape[1:] != (6,) or places.shape[1:] != (3,) or not np.isfinite([*turns.flat, *places.flat]).all():
        return "its headers do not say where its slices lie"
    if np.abs(turns - turns[0]).max() > 0.01:
        return "its slices lie in different planes, as those of a localizer do"
    return _uneven(np.sort(places @ np.cross(turns[0, :3], turns[0, 3:])))


def _uneven(along: NDArray[np.float64]) -> str:
    """Say why slices at these places, mm along their normal, are no even stack, or return an empty text."""
    steps = np.diff(along)
    if len(steps) < 2:
        return ""
    if steps.min() < 1e-3:
        n = int((steps < 1e-3).sum())
        return f"{n + 1} of its slices lie at one place: several images of one series, or copies of its files"
    usual = float(np.median(steps))
    if usual * (1 - UNEVEN) <= steps.min() and steps.max() <= usual * (1 + UNEVEN):
        return ""
    odd = float(steps[np.argmax(np.abs(steps - usual))])
    missing = round(float(steps.sum()) / usual) - len(steps)
    lost = f"; {missing} of {missing + len(along)} slices are missing" if missing > 0 else ""
    return f"its slices are not evenly spaced: {odd:.1f} mm between two of them, {usual:.1f} mm elsewhere{lost}"


def series_digest(files: Sequence[Path]) -> str:
    """Return the SHA-256 of a series: of its files' digests, sorted, so that names and order do not matter."""
    return joint_sha256(sorted(file_sha256(path) for path in files))
