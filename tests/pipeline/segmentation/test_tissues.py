"""Allowed sets and their folding."""

import numpy as np
import pytest

from pipeline.segmentation.tissues import Tissue, allowed_code, allowed_planes


def test_a_known_voxel_allows_one_class():
    codes = np.array([allowed_code([tissue]) for tissue in Tissue], np.uint8)
    np.testing.assert_array_equal(allowed_planes(codes, 5), np.eye(5, dtype=np.float32))


@pytest.mark.parametrize("classes", [3, 4, 5])
def test_extra_classes_become_background(classes):
    codes = np.array([allowed_code([Tissue.BRAIN, Tissue.RIM]), allowed_code([Tissue.WMH])], np.uint8)
    planes = allowed_planes(codes, classes)
    assert planes.shape == (2, classes)
    assert planes[0, 0] == (classes < 5)
    assert planes[1].tolist() == [0, 0, 1, *[0] * (classes - 3)]
