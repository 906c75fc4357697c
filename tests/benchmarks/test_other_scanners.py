"""Masks brought to another grid by ITK's transforms, and changed lesions counted, on grids checked by hand."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.other_scanners import changed_lesions_found, in_common_space, read_affine

ITK = """#Insight Transform File V1.0
#Transform 0
Transform: MatrixOffsetTransformBase_double_3_3
Parameters: {}
FixedParameters: {}
"""


def _write(path: Path, parameters: str, centre: str = "0 0 0") -> Path:
    path.write_text(ITK.format(parameters, centre))
    return path


def test_a_shift_in_lps_moves_the_mask_the_other_way_in_ras(tmp_path: Path) -> None:
    mask = np.zeros((6, 6, 4), bool)
    mask[4, 2, 1] = True
    affine = np.diag([2.0, 2.0, 5.0, 1.0])
    # A point of the common space lies 4 mm further to the left, 5 mm higher, in the visit's own.
    transform = read_affine(_write(tmp_path / "shift.txt", "1 0 0 0 1 0 0 0 1 -4 0 5"))
    moved = in_common_space(mask, affine, transform, mask.shape, affine)
    assert np.argwhere(moved >= 0.5).tolist() == [[2, 2, 0]]


def test_a_turn_goes_around_its_centre(tmp_path: Path) -> None:
    matrix, offset = read_affine(_write(tmp_path / "turn.txt", "0 -1 0 1 0 0 0 0 1 0 0 0", "3 1 0"))
    assert matrix @ np.array([3, 1, 0]) + offset == pytest.approx([3, 1, 0])
    assert matrix @ np.array([4, 1, 0]) + offset == pytest.approx([3, 2, 0])


def test_another_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected an ITK affine"):
        read_affine(_write(tmp_path / "short.txt", "1 0 0"))


def test_small_changes_are_not_counted_but_their_volume_is() -> None:
    truth = np.zeros((10, 10, 4), bool)
    truth[:4, :4, 0] = True  # 16 voxels of 3 mm3
    truth[7, 7, 2] = True
    found = np.zeros_like(truth)
    found[0, :, 0] = True
    visible = truth & (np.arange(10) < 2)[:, None, None]
    answer = changed_lesions_found(truth, found, visible, 3.0)
    assert (answer["n_outlined"], answer["n_found"]) == (1, 1)
    assert answer["covered_share"] == pytest.approx(4 / 17)
    assert answer["visible_share"] == pytest.approx(8 / 17)
    assert answer["covered_share_of_visible"] == pytest.approx(4 / 8)
    assert answer["outlined_ml"] == pytest.approx(0.051)
