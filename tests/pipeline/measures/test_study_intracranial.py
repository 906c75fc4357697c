"""The study's intracranial area: an ellipse worked out by hand, and the released table."""

import csv
import math
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from pipeline.measures.study_intracranial import study_intracranial_area


@pytest.fixture
def elliptic_head() -> np.ndarray:
    """Return 20 slices of 200 x 240 pixels with a head of half axes 70 and 90."""
    x, y = np.meshgrid(np.arange(200), np.arange(240), indexing="ij")
    head = np.hypot((x - 99.5) / 70, (y - 119.5) / 90) <= 1
    return np.repeat(head[:, :, None] * 0.5, 20, axis=2)


def test_area_of_an_elliptic_head_is_that_of_the_eroded_ellipse(elliptic_head: np.ndarray) -> None:
    area, reason = study_intracranial_area(elliptic_head, (1.0, 1.0, 7.0))
    assert reason == ""
    # A diamond of radius r moves the edge by r / sqrt(2) where it runs diagonally and by r on the axes; finding the
    # head widens it by a pixel first.
    low, high = 8 * math.pi * 50 * 70, 8 * math.pi * (72 - 20 / math.sqrt(2)) * (92 - 20 / math.sqrt(2))
    assert area is not None
    assert low < area < high
    assert study_intracranial_area(elliptic_head, (1.0, 1.0, 4.999999))[0] == area  # 5 mm, as an affine may say it
    fine = np.repeat(np.repeat(elliptic_head, 2, 0), 2, 1)
    assert study_intracranial_area(fine, (0.5, 0.5, 7.0))[0] == pytest.approx(area, rel=0.01)
    assert study_intracranial_area(elliptic_head[::-1, ::-1] * 900, (1.0, 1.0, 7.0))[0] == pytest.approx(area, rel=0.01)


def test_what_cannot_be_measured_has_a_reason(elliptic_head: np.ndarray) -> None:
    for volume, spacing, reason in (
        (elliptic_head[:, :, :14], (1.0, 1.0, 7.0), "14 slices"),
        (elliptic_head, (1.0, 1.0, 3.0), "3 mm apart"),
        (np.zeros((200, 240, 20)), (1.0, 1.0, 7.0), "no head was found in slice 8"),
    ):
        area, why = study_intracranial_area(volume, spacing)
        assert area is None
        assert reason in why


@pytest.mark.reference
@pytest.mark.parametrize("name", ["flair_prepared", "FLAIR"])
def test_the_released_table_is_matched_within_two_percent(reference: Path, released_table: Path, name: str) -> None:
    with released_table.open(encoding="utf-8-sig") as stream:
        released = {row["PatientID"]: float(row["TotalIntracranialArea"]) for row in csv.DictReader(stream)}
    ratios = {}
    for path in sorted((reference / "mri").glob(f"*/{name}.nii.gz")):
        image = nib.load(path)
        spacing = tuple(float(mm) for mm in nib.affines.voxel_sizes(image.affine))
        ours, reason = study_intracranial_area(np.asarray(image.dataobj, np.float32).squeeze(), spacing)
        assert ours is not None, reason
        ratios[path.parent.name] = ours / released[path.parent.name]
    # The raw scan of one patient is not among the public data.
    assert len(ratios) == (10 if name == "flair_prepared" else 9)
    assert max(abs(ratio - 1) for ratio in ratios.values()) < 0.02, ratios
