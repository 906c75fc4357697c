"""DICOM series to NIfTI with the program ``dcm2niix``, the optional extra ``dicom``.

Only the image is kept: names, dates and numbers that the DICOM header may hold stay behind.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import ImageError, PipelineError
from pipeline.inputs.scan_names import SUFFIXES, bare

_FLAIR_WORDS = ("flair", "dark-fluid", "dark fluid", "darkfluid", "tirm")
_SECONDS = 300


def is_dicom(path: Path) -> bool:
    """Tell whether a file begins as DICOM files do: 128 bytes, then ``DICM``."""
    try:
        with path.open("rb") as file:
            return file.read(132)[128:] == b"DICM"
    except OSError:
        return False


def series_files(folder: Path) -> list[Path]:
    """Return the DICOM files directly in a folder."""
    return sorted(path for path in folder.iterdir() if path.is_file() and is_dicom(path))


def converter() -> str | None:
    """Return the path of ``dcm2niix``: the one installed with this Python, else the system's; None without one."""
    beside = shutil.which("dcm2niix", path=str(Path(sys.executable).parent))
    return beside or shutil.which("dcm2niix")


def converter_problem() -> str | None:
    """Say what to do where DICOM cannot be converted, or None."""
    if converter():
        return None
    return "is a DICOM series, and dcm2niix is not installed; install the extra 'dicom', or convert it to NIfTI"


@contextmanager
def as_nifti(path: Path) -> Iterator[Path]:
    """Yield a NIfTI file: the path itself, or for a folder its FLAIR series, converted for as long as the block runs.

    Parameters
    ----------
    path : NIfTI file, or folder that holds the files of one DICOM series

    Raises
    ------
    ImageError : a folder without DICOM files, or see ``convert_series``.
    """
    if not path.is_dir():
        yield path
        return
    if not series_files(path):
        raise ImageError(f"{path}: is a folder without DICOM files; give a NIfTI file or the folder of a DICOM series")
    with tempfile.TemporaryDirectory(prefix="mscohort-") as folder:
        converted = convert_series(path, Path(folder))
        try:
            yield converted
        except PipelineError as error:
            # Nobody knows the converted file: the series is what cannot be measured.
            raise type(error)(str(error).replace(str(converted), str(path))) from error


def convert_series(folder: Path, out: Path) -> Path:
    """Convert the FLAIR series of a folder and return the NIfTI file.

    Parameters
    ----------
    folder : holds the series' files directly; other series beside it are left out by their description
    out : empty folder for the file

    Raises
    ------
    ImageError : no converter, a damaged series, or no single FLAIR series.
    """
    program = converter()
    if program is None:
        raise ImageError(f"{folder}: {converter_problem()}")
    options = ["-z", "n", "-b", "y", "-ba", "y", "-d", "0", "-w", "1", "-f", "series_%s"]
    words = [program, *options, "-o", str(out), str(folder)]
    try:
        done = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise ImageError(f"{folder}: dcm2niix did not finish within {_SECONDS} s") from error
    images = sorted(path for path in out.iterdir() if path.name.endswith(SUFFIXES))
    if not images:
        lines = (done.stderr + done.stdout).splitlines()
        why = next((line for line in lines if line.lower().startswith(("error", "warning"))), f"exit {done.returncode}")
        raise ImageError(f"{folder}: dcm2niix made no image of it ({why})")
    flair = [path for path in images if any(word in _description(path) for word in _FLAIR_WORDS)]
    chosen = flair or images
    if len(chosen) > 1:
        raise ImageError(f"{folder}: holds {len(chosen)} {'FLAIR ' if flair else ''}series; give each its own folder")
    return chosen[0]


def _description(image: Path) -> str:
    try:
        said = json.loads(image.with_name(f"{bare(image)}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return " ".join(str(said.get(key, "")) for key in ("SeriesDescription", "ProtocolName", "SequenceName")).lower()
