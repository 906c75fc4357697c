"""Synthetic scans as a small BIDS dataset, as the demonstration and benchmarks measure them: one person comes twice."""

from pathlib import Path

import nibabel
import numpy as np
import polars as pl

from pipeline.synthetic.flair import SyntheticScan, synthetic_scan
from pipeline.synthetic.visits import synthetic_visits

TWICE = 2
"""Number of the person who is scanned twice: the first woman with MS."""
_AGES = (38, 40)
"""Hers at both visits; ``pipeline.synthetic.visits`` draws a woman of 38."""


def write_bids(folder: Path, n: int, seed: int) -> Path:
    """Write n scans with ``participants.tsv``: two of three people with MS, women and men in turn.

    From three scans on, two are of one person: her second visit is two years after the first, with lesions that are
    new, grown and gone, and ``sessions.tsv`` gives her age at each.

    Parameters
    ----------
    folder : made if it is not there
    n : number of scans
    seed : int

    Returns
    -------
    Path of ``participants.tsv``
    """
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(1, n if n > TWICE else n + 1):
        group, sex = "HC" if number % 3 == 0 else "MS", "FM"[number % 2]
        age = int(rng.integers(20, 61))
        name = f"sub-synthetic{number:04d}"
        if n > TWICE and number == TWICE:
            age = _AGES[0]
            visits = synthetic_visits(seed * 100_000 + number)
            for session, scan in enumerate((visits.earlier, visits.later), 1):
                _write(scan, folder / name / f"ses-{session}" / "anat" / f"{name}_ses-{session}_FLAIR.nii.gz")
            sessions = pl.DataFrame({"session_id": ["ses-1", "ses-2"], "age": _AGES})
            sessions.write_csv(folder / name / f"{name}_sessions.tsv", separator="\t")
        else:
            scan = synthetic_scan(seed * 100_000 + number, group=group, sex=sex, age_years=age)
            _write(scan, folder / name / "anat" / f"{name}_FLAIR.nii.gz")
        rows.append({"participant_id": name, "group": group, "sex": sex, "age": age})
    people = folder / "participants.tsv"
    pl.DataFrame(rows).write_csv(people, separator="\t")
    return people


def _write(scan: SyntheticScan, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(np.round(scan.data).astype(np.int16), scan.affine), path)
