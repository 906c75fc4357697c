"""Thousands of synthetic scans on disk in minutes: some people are drawn, the others are cheap variations of them.

A variation mirrors, shifts, scales and adds noise, each by its own seed, so that every file has a content of its own.
Every file says that it is synthetic.
"""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.synthetic.flair import SHAPE, synthetic_scan
from vocabulary.files import write_whole

DISTINCT = 40
"""People that are drawn; a drawing takes seconds, a variation a fraction of one."""
SAYS = "synthetic FLAIR, shows no real person"
_LARGEST_SHIFT = 4


def write_scans(folder: Path, n: int, slices: int, wrote: Callable[[int, int], None] | None = None) -> Path:
    """Write n scans of so many slices as a BIDS dataset; those already there are kept.

    Parameters
    ----------
    folder : made if it is not there
    slices : of each scan, 1 to 20, from the middle of the head
    wrote : called with the number of scans there and n

    Returns
    -------
    Path of ``participants.tsv``

    Raises
    ------
    ValueError : fewer than 1 or more slices than are drawn.
    """
    if not 1 <= slices <= SHAPE[2]:
        raise ValueError(f"{slices} slices: expected 1 to {SHAPE[2]}")
    folder.mkdir(parents=True, exist_ok=True)
    said = {"Name": f"{n} scans: {SAYS}", "BIDSVersion": "1.10.0", "DatasetType": "raw"}
    (folder / "dataset_description.json").write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    people = [_person(number) for number in range(1, n + 1)]
    participants = folder / "participants.tsv"
    pl.DataFrame(people).write_csv(participants, separator="\t")
    paths = {number: _path(folder, person["participant_id"]) for number, person in enumerate(people, 1)}
    missing = {number for number, path in paths.items() if not path.exists()}
    for drawn in range(1, min(n, DISTINCT) + 1):
        if its := [number for number in range(drawn, n + 1, DISTINCT) if number in missing]:
            person = _person(drawn)
            scan = synthetic_scan(drawn, group=person["group"], sex=person["sex"], age_years=person["age"])
            first = (SHAPE[2] - slices) // 2
            affine = scan.affine.copy()
            affine[:3, 3] += first * affine[:3, 2]
            for number in its:
                _write(varied(scan.data[:, :, first : first + slices], number), affine, paths[number])
                missing.discard(number)
                if wrote:
                    wrote(n - len(missing), n)
    return participants


def varied(data: NDArray[np.float32], number: int) -> NDArray[np.int16]:
    """Return the scan mirrored or not, shifted in its plane, scaled and noisier, by the number alone.

    Parameters
    ----------
    data : (X, Y, Z), with air at the edges
    """
    rng = np.random.default_rng((1380, number))
    mirrored = data[::-1] if rng.random() < 0.5 else data
    moved = np.roll(mirrored, rng.integers(-_LARGEST_SHIFT, _LARGEST_SHIFT + 1, 2), axis=(0, 1))
    noise = rng.normal(0, 0.02 * np.percentile(data, 95), (2, *data.shape))
    return np.round(rng.uniform(0.7, 1.4) * np.hypot(moved + noise[0], noise[1])).astype(np.int16)


def _person(number: int) -> dict[str, str | int]:
    """Return who a scan is of: a variation has group, sex and about the age of the one it comes from."""
    drawn = (number - 1) % DISTINCT + 1
    age = 20 + drawn * 7 % 41 + (number - drawn) // DISTINCT % 3
    return {
        "participant_id": f"sub-synthetic{number:04d}",
        "group": "HC" if drawn % 3 == 0 else "MS",
        "sex": "FM"[drawn % 2],
        "age": age,
    }


def _path(folder: Path, participant: str | int) -> Path:
    return folder / str(participant) / "anat" / f"{participant}_FLAIR.nii.gz"


def _write(data: NDArray[np.int16], affine: NDArray[np.float64], path: Path) -> None:
    image = nibabel.Nifti1Image(data, affine)
    image.header["descrip"] = SAYS.encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(gzip.compress(image.to_bytes(), mtime=0), path)
