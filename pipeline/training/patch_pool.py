"""Patches drawn once for many trainings: each shows one patient, so that every fold takes those it may learn from.

Drawing is what a training waits for beside a graphics card. Five folds, a network of everybody, a teacher and its pupil
would draw nearly the same patches a dozen times.
"""

import json
import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from itertools import starmap
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from pipeline.errors import TrainingError
from pipeline.training.labelled_scans import LabelledScan
from pipeline.training.patch_source import PatchSource
from vocabulary.files import write_json

TEMPLATE = "template"
"""Whose patches the heads of nobody are; every training may learn from them."""
_PART, _HEADS = 5000, 4
"""Most patches of a part, which one process draws, and most heads of nobody in it."""
_AT_ONCE = 50
_INDEX, _IMAGES, _CODES = "pool.json", "images.npy", "codes.npy"


@dataclass(frozen=True)
class PatchPool:
    """Patches and whose they are; the arrays stay on disk.

    Attributes
    ----------
    images : (N, size, size, channels) float16, head units
    codes : (N, size, size) uint8 allowed sets (see ``pipeline.tissues``)
    owners : (N,) names of patients, or ``TEMPLATE``
    """

    images: NDArray[np.float16]
    codes: NDArray[np.uint8]
    owners: NDArray[np.str_]

    def of(self, patients: Collection[str]) -> NDArray[np.intp]:
        """Return the numbers of the patches that show one of these patients, or nobody."""
        return np.flatnonzero(np.isin(self.owners, [*patients, TEMPLATE]))


@dataclass(frozen=True)
class _Part:
    owner: str
    first: int
    count: int
    drawing: dict[str, Any]


def patch_pool(
    folder: Path,
    scans: Sequence[LabelledScan],
    template: Sequence[LabelledScan],
    *,
    count: int,
    template_share: float,
    workers: int = 0,
    **drawing: Any,
) -> PatchPool:
    """Return the pool a folder holds, or draw it and keep it there.

    Parameters
    ----------
    folder : another process that asks meanwhile waits
    scans : of all patients; every scan gets as many patches, and lesions are only pasted within a patient
    template : scans of nobody
    count : patches, about
    template_share : of the patches, those of nobody
    workers : processes that draw; their number does not change what is drawn
    drawing : see ``PatchSource``

    Raises
    ------
    TrainingError : the folder holds patches of other patients or settings, or there is no room for them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = _parts(scans, template, count, template_share, drawing)
    about = _about(parts, drawing)
    with FileLock(folder / ".lock"):
        if not (folder / _INDEX).is_file():
            _draw(folder, parts, workers)
            write_json(about, folder / _INDEX)
        held = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
    if held != json.loads(json.dumps(about)):
        raise TrainingError(f"{folder}: patches of other patients or settings; delete it or choose another --pool")
    owners = np.repeat([part.owner for part in parts], [part.count for part in parts])
    return PatchPool(np.load(folder / _IMAGES, mmap_mode="r"), np.load(folder / _CODES, mmap_mode="r"), owners)


def _about(parts: Sequence[_Part], drawing: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in drawing.items() if name not in ("shapes", "variation")}
    told["shapes"] = len(drawing.get("shapes", ()))
    told["variation"] = asdict(drawing["variation"]) if drawing.get("variation") else None
    return {"parts": [(part.owner, part.first, part.count) for part in parts], "drawing": told}


def _parts(
    scans: Sequence[LabelledScan],
    template: Sequence[LabelledScan],
    count: int,
    template_share: float,
    drawing: Mapping[str, Any],
) -> list[_Part]:
    n_template = round(count * template_share) if template else 0
    wanted = [(scan.patient, [scan], (count - n_template) // len(scans)) for scan in scans]
    groups = [template[start : start + _HEADS] for start in range(0, len(template), _HEADS)]
    wanted += [(TEMPLATE, list(group), n_template * len(group) // len(template)) for group in groups]
    parts: list[_Part] = []
    first = 0
    for owner, shown, patches in wanted:
        kind = "template" if owner == TEMPLATE else "scans"
        whose = {"scans": [], "template": [], kind: shown, "template_share": float(kind == "template")}
        for start in range(0, patches, _PART):
            size = min(_PART, patches - start)
            parts.append(_Part(owner, first, size, {**drawing, **whose}))
            first += size
    return parts


def _draw(folder: Path, parts: Sequence[_Part], workers: int) -> None:
    total, side, channels = parts[-1].first + parts[-1].count, parts[0].drawing["size"], parts[0].drawing["channels"]
    needed, free = total * side**2 * (2 * channels + 1), shutil.disk_usage(folder).free
    if needed > free:  # a file mapped into memory would end the process where the disk is full
        raise TrainingError(
            f"{folder}: the patches need {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are free; choose another --pool"
        )
    for name, kind, shape in ((_IMAGES, np.float16, (side, side, channels)), (_CODES, np.uint8, (side, side))):
        np.lib.format.open_memmap(folder / name, "w+", kind, (total, *shape)).flush()
    one = partial(_draw_part, folder)
    if not workers:
        list(starmap(one, enumerate(parts)))
        return
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        list(pool.map(one, range(len(parts)), parts))


def _draw_part(folder: Path, number: int, part: _Part) -> None:
    images, codes = (np.load(folder / name, mmap_mode="r+") for name in (_IMAGES, _CODES))
    source = PatchSource(**{**part.drawing, "batch": 1})
    for start in range(0, part.count, _AT_ONCE):
        rng = np.random.default_rng((source.seed, number, start))
        drawn = [source.sample(rng) for _ in range(min(_AT_ONCE, part.count - start))]
        here = slice(part.first + start, part.first + start + len(drawn))
        images[here] = np.stack([image for image, _ in drawn])
        codes[here] = np.stack([code for _, code in drawn])
