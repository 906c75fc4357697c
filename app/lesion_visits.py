"""Lesions that are new, enlarged or gone between two scans of the store, from the files of their measurement."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import nibabel
import numpy as np

from analysis.change import not_comparable
from app.scan_images import WMH, ScanFilesMissing
from pipeline.measures.lesion_change import lesion_changes
from pipeline.registration.visits import Visit, earlier_on_later

FILES = ("desc-display_FLAIR.nii.gz", "desc-brain_mask.nii.gz", "desc-tissue_dseg.nii.gz")


def candidates_between(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """Return the candidates of two visits, or why they were not compared.

    Parameters
    ----------
    earlier, later : rows of `db.snapshot.Snapshot.scans`

    Returns
    -------
    dict : from_session, to_session, refused (or None), counts (by kind), candidates (rows)

    Raises
    ------
    RegistrationError : the registration program is not installed or fails
    ScanFilesMissing : files of a visit were moved or deleted
    """
    answer: dict[str, Any] = {"from_session": earlier["session"], "to_session": later["session"]}
    reason = not_comparable(earlier, later)
    if reason is not None:
        return answer | {"refused": reason, "counts": {}, "candidates": []}
    one, other = _visit(earlier), _visit(later)
    found = lesion_changes(earlier_on_later(one, other), other.lesions, other.affine)
    counts = {kind: sum(c.kind == kind for c in found) for kind in ("new", "enlarged", "vanished")}
    return answer | {"refused": None, "counts": counts, "candidates": [asdict(c) for c in found]}


def _visit(row: Mapping[str, Any]) -> Visit:
    volumes = []
    for ending in FILES:
        path = Path(row["derivatives"]) / f"{row['stem']}_{ending}"
        try:
            volumes.append(nibabel.as_closest_canonical(nibabel.load(path)))
        except (OSError, nibabel.filebasedimages.ImageFileError) as error:
            raise ScanFilesMissing(f"{path.name} is missing or cannot be read; ingest the scan again") from error
    image, brain, tissue = (np.asarray(volume.dataobj) for volume in volumes)
    return Visit(image.astype(np.float32), brain > 0, tissue == WMH, np.asarray(volumes[0].affine, np.float64))
