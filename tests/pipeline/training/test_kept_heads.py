"""Scans of nobody are made once, and read the same by whoever comes later."""

import numpy as np
import pytest

from pipeline.errors import TrainingError
from pipeline.training.kept_heads import kept_heads
from pipeline.training.labelled_scans import LabelledScan


def _head():
    rng = np.random.default_rng(0)
    images = tuple(rng.normal(size=(2, 8, 8, 3)).astype(np.float32))
    codes = rng.integers(1, 32, (8, 8, 3)).astype(np.uint8)
    return LabelledScan("template-0", images, codes, codes % 3, images[0], (0.9, 0.9, 4.5))


def test_they_are_made_once_and_read_alike(tmp_path):
    made = []

    def make():
        made.append(1)
        return [_head()]

    [first], [second] = (kept_heads(tmp_path / "heads.npz", 1, make) for _ in range(2))
    assert len(made) == 1
    for one, other in zip(first.images, second.images, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(first.images[1], _head().images[1], atol=0.01)
    np.testing.assert_array_equal(first.codes, _head().codes)
    assert first.spacing_mm == (0.9, 0.9, 4.5)
    assert first.patient == "template-0"


def test_another_number_and_another_file_are_refused(tmp_path):
    kept_heads(tmp_path / "heads.npz", 1, lambda: [_head()])
    with pytest.raises(TrainingError, match="1 scans of nobody; this preset needs 2, choose another --heads"):
        kept_heads(tmp_path / "heads.npz", 2, list)
    (tmp_path / "no.npz").write_bytes(b"nothing")
    with pytest.raises(TrainingError, match="no scans of nobody can be read"):
        kept_heads(tmp_path / "no.npz", 1, list)
