"""DICOM series to NIfTI with the program ``dcm2niix``, the optional extra ``dicom``.

Only the image is kept: names, dates and numbers that the DICOM header may hold stay behind.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import ImageError, PipelineError
from pipeline.inputs.dicom_headers import DicomSeries, can_read, read_series
from pipeline.inputs.image_kind import header_says_flair, other_kind
from pipeline.inputs.scan_names import SUFFIXES, says_flair

_SECONDS = 300
_GRAVE = re.compile(r"missing images|not equidistant|interslice distance varies|slices are not|incomplete|unable to "
                    r"determine|conflict|not supported|truncat|out of order|instance number", re.I)  # fmt: skip
"""Warnings of the converter that doubt where slices lie or whether all are there."""


@dataclass(frozen=True)
class Converted:
    """A NIfTI file, for as long as the block runs that asked for it.

    Attributes
    ----------
    path : the file
    warnings : what the converter said about it, one line each
    """

    path: Path
    warnings: tuple[str, ...] = ()


def is_dicom(path: Path) -> bool:
    """Tell whether a file begins as DICOM files do: 128 bytes, then ``DICM``; or with a first element alone."""
    try:
        with path.open("rb") as file:
            begins = file.read(132)
    except OSError:
        return False
    if begins[128:] == b"DICM":
        return True
    # Old files have no preamble: they begin with an element of group 2 or 8, whose number is below 256.
    starts = begins[:2] in (b"\x02\x00", b"\x08\x00") and begins[3:4] == b"\x00"
    return starts and (begins[4:6].isalpha() or begins[6:8] == b"\x00\x00")


def series_files(folder: Path) -> list[Path]:
    """Return the DICOM files directly in a folder."""
    return sorted(path for path in folder.iterdir() if path.is_file() and is_dicom(path))


def converter() -> str | None:
    """Return the path of ``dcm2niix``: the one installed with this Python, else the system's; None without one."""
    beside = shutil.which("dcm2niix", path=str(Path(sys.executable).parent))
    return beside or shutil.which("dcm2niix")


def converter_problem() -> str | None:
    """Say what to do where DICOM cannot be converted, or None."""
    missing = [name for name, there in (("dcm2niix", converter()), ("pydicom", can_read())) if not there]
    if not missing:
        return None
    return (
        f"is a DICOM series, and {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed; "
        "install the extra 'dicom', or convert it to NIfTI"
    )


def series_problem(series: DicomSeries) -> str | None:
    """Say why a series cannot be measured, or None: another kind of image, several people, slices that are missing."""
    if series.patients > 1:
        return f"one series holds images of {series.patients} people by its headers; export it again"
    other = other_kind(series.facts, name_says_flair=says_flair(series.folder))
    return other or (f"{series.problem}; export the series again" if series.problem else None)


def flair_series(folder: Path) -> DicomSeries:
    """Return the one FLAIR series of a folder.

    Raises
    ------
    ImageError : no DICOM file that can be read, no FLAIR series among them, or several.
    """
    problem = converter_problem()
    if problem:
        raise ImageError(f"{folder}: {problem}")
    found, _ = read_series(series_files(folder))
    if not found:
        raise ImageError(f"{folder}: holds DICOM files that cannot be read; dcm2niix and pydicom make no image of them")
    flair = [series for series in found if header_says_flair(series.facts)] or found
    if len(flair) > 1:
        named = "FLAIR " if header_says_flair(flair[0].facts) else ""
        raise ImageError(f"{folder}: holds {len(flair)} {named}series; give each its own folder")
    reason = series_problem(flair[0])
    if reason:
        raise ImageError(f"{folder}: {reason}")
    return flair[0]


@contextmanager
def as_nifti(path: Path, files: Sequence[Path] = ()) -> Iterator[Path]:
    """Yield a NIfTI file: the path itself, or for a folder its FLAIR series, converted for as long as the block runs.

    As ``converted``, without what the converter said.
    """
    with converted(path, files) as image:
        yield image.path


@contextmanager
def converted(path: Path, files: Sequence[Path] = ()) -> Iterator[Converted]:
    """Yield a NIfTI file and what its converter said.

    Parameters
    ----------
    path : NIfTI file, or folder that holds the files of a DICOM series
    files : those of the series, where the folder holds others too; by default its FLAIR series is looked for

    Raises
    ------
    ImageError : a folder without DICOM files, or see ``flair_series`` and ``convert_series``.
    """
    if not path.is_dir():
        yield Converted(path)
        return
    if not series_files(path):
        raise ImageError(f"{path}: is a folder without DICOM files; give a NIfTI file or the folder of a DICOM series")
    series = None if files else flair_series(path)
    chosen = files or (series.files if series else ())
    with tempfile.TemporaryDirectory(prefix="mscohort-") as folder:
        image = convert_series(path, Path(folder), chosen)
        if series:
            image = replace(image, warnings=(*series.said, *image.warnings))
        try:
            yield image
        except PipelineError as error:
            # Nobody knows the converted file: the series is what cannot be measured.
            raise type(error)(str(error).replace(str(image.path), str(path))) from error


def convert_series(folder: Path, out: Path, files: Sequence[Path]) -> Converted:
    """Convert the files of one series.

    Parameters
    ----------
    folder : what to call the series in messages
    out : empty folder for the file
    files : of the series

    Raises
    ------
    ImageError : no converter, a damaged series, several volumes, or slices that are missing or unevenly spaced.
    """
    program = converter()
    if program is None:
        raise ImageError(f"{folder}: {converter_problem()}")
    taken = out / "series"
    taken.mkdir()
    for number, path in enumerate(files):
        _put(path, taken / f"{number:05d}.dcm")
    options = ["-z", "n", "-b", "n", "-d", "0", "-w", "1", "-f", "image"]
    words = [program, *options, "-o", str(out), str(taken)]
    try:
        done = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise ImageError(f"{folder}: dcm2niix did not finish within {_SECONDS} s") from error
    said = _warnings(done.stdout + done.stderr, taken)
    images = sorted(path for path in out.iterdir() if path.name.endswith(SUFFIXES))
    if not images:
        raise ImageError(f"{folder}: dcm2niix made no image of it ({(said or [f'exit {done.returncode}'])[0]})")
    grave = next((line for line in said if _GRAVE.search(line)), None)
    if grave:
        raise ImageError(f"{folder}: the converter doubts where its slices lie or whether all are there: {grave}")
    if len(images) > 1:
        raise ImageError(f"{folder}: dcm2niix made {len(images)} images of one series; export each volume by itself")
    return Converted(images[0], tuple(said))


def _put(path: Path, place: Path) -> None:
    try:
        place.hardlink_to(path.resolve())
    except OSError:  # another disk, or none that knows links
        shutil.copyfile(path, place)


def _warnings(text: str, folder: Path) -> list[str]:
    """Return the converter's warnings and errors, one line each, without folders."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    said = [line.replace(f"{folder}/", "").replace(str(folder), "the series") for line in lines]
    return list(dict.fromkeys(line[:300] for line in said if line.lower().startswith(("warning", "error"))))
