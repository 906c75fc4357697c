"""Scans of nobody kept in a file, so that trainings side by side, or one after another, make them once."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from filelock import FileLock

from pipeline.errors import TrainingError
from pipeline.training.labelled_scans import LabelledScan
from vocabulary.files import whole_file


def kept_heads(path: Path, count: int, make: Callable[[], list[LabelledScan]]) -> list[LabelledScan]:
    """Return the scans a file holds, or make them and keep them there.

    Images are kept as float16, a hundredth of the interquartile range at most from what was made, and whoever makes the
    file gets what is read from it, too.

    Parameters
    ----------
    path : .npz file; another process that asks meanwhile waits
    count : number of scans it must hold
    make : returns them, with nothing in them but images, codes and spacing

    Raises
    ------
    TrainingError : the file holds something else, or another number.
    """
    with FileLock(path.with_name(f".{path.name}.lock")):
        if not path.is_file():
            _write(path, make())
        try:
            with np.load(path, allow_pickle=False) as held:
                scans = [_read(held, number) for number in range(int(held["count"]))]
        except (OSError, ValueError, KeyError) as error:
            raise TrainingError(f"{path}: no scans of nobody can be read from it ({error}); delete it") from error
    if len(scans) != count:
        raise TrainingError(f"{path}: {len(scans)} scans of nobody; this preset needs {count}, choose another --heads")
    return scans


def _write(path: Path, scans: list[LabelledScan]) -> None:
    arrays: dict[str, np.ndarray] = {"count": np.array(len(scans))}
    for number, scan in enumerate(scans):
        arrays |= {
            f"{number}-images": np.stack(scan.images).astype(np.float16),
            f"{number}-codes": scan.codes,
            f"{number}-truth": scan.truth,
            f"{number}-spacing": np.array(scan.spacing_mm),
        }
    with whole_file(path) as unfinished, unfinished.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def _read(held: "np.lib.npyio.NpzFile", number: int) -> LabelledScan:
    images = tuple(held[f"{number}-images"].astype(np.float32))
    x, y, z = (float(size) for size in held[f"{number}-spacing"])
    return LabelledScan(
        f"template-{number}", images, held[f"{number}-codes"], held[f"{number}-truth"], images[0], (x, y, z)
    )
