"""Synthetic scans as a small BIDS dataset, as the demonstration and benchmarks measure them: one person comes twice."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import nibabel
import numpy as np
import polars as pl

from pipeline.synthetic.anatomy import anatomy
from pipeline.synthetic.flair import SyntheticScan, synthetic_scan
from pipeline.synthetic.visits import synthetic_visits

TWICE = 2
"""Number of the person who is scanned twice: the first woman with MS."""
_AGES = (38, 40)
"""Hers at both visits; ``pipeline.synthetic.visits`` draws a woman of 38."""


def write_bids(folder: Path, n: int, seed: int, threads: int = 1) -> Path:
    """Write n scans with ``participants.tsv``: two of three people with MS, women and men in turn.

    From three scans on, two are of one person: her second visit is two years after the first, with lesions that are
    new, grown and gone, and ``sessions.tsv`` gives her age at each.

    Parameters
    ----------
    folder : made if it is not there
    n : number of scans
    seed : int
    threads : so many people are drawn at once, each in some 500 MB; the scans are the same

    Returns
    -------
    Path of ``participants.tsv``
    """
    rng = np.random.default_rng(seed)
    rows, drawings = [], []
    for number in range(1, n if n > TWICE else n + 1):
        group, sex = "HC" if number % 3 == 0 else "MS", "FM"[number % 2]
        age = int(rng.integers(20, 61))
        name = f"sub-synthetic{number:04d}"
        if n > TWICE and number == TWICE:
            age = _AGES[0]
            drawings.append(partial(_write_visits, folder / name, seed * 100_000 + number))
        else:
            drawings.append(partial(_write_scan, folder / name, seed * 100_000 + number, group, sex, age))
        rows.append({"participant_id": name, "group": group, "sex": sex, "age": age})
    anatomy()  # what they share, computed once
    with ThreadPoolExecutor(threads) as crew:
        for drawn in [crew.submit(drawing) for drawing in drawings]:
            drawn.result()
    people = folder / "participants.tsv"
    pl.DataFrame(rows).write_csv(people, separator="\t")
    return people


def _write_scan(folder: Path, seed: int, group: str, sex: str, age_years: int) -> None:
    scan = synthetic_scan(seed, group=group, sex=sex, age_years=age_years)
    _write(scan, folder / "anat" / f"{folder.name}_FLAIR.nii.gz")


def _write_visits(folder: Path, seed: int) -> None:
    visits = synthetic_visits(seed)
    for session, scan in enumerate((visits.earlier, visits.later), 1):
        _write(scan, folder / f"ses-{session}" / "anat" / f"{folder.name}_ses-{session}_FLAIR.nii.gz")
    sessions = pl.DataFrame({"session_id": ["ses-1", "ses-2"], "age": _AGES})
    sessions.write_csv(folder / f"{folder.name}_sessions.tsv", separator="\t")


def _write(scan: SyntheticScan, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(np.round(scan.data).astype(np.int16), scan.affine), path)
