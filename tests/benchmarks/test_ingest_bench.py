"""The measurement of `mscohort ingest`: scans that all differ and are kept, memory at moments, what is printed."""

import os
from pathlib import Path

import nibabel
import numpy as np
import polars as pl
import pytest

from benchmarks import synthetic_bids
from benchmarks.ingest import _table
from benchmarks.memory import Sample, at, resident_mb, sample
from benchmarks.synthetic_bids import SAYS, varied, write_scans
from benchmarks.timing import summarise
from pipeline.synthetic.flair import SHAPE


class _Drawn:
    """Stands in for a drawn scan: bright in the middle, each slice as bright as its number."""

    affine = np.diag([0.9, 0.9, 6.9, 1.0])

    def __init__(self) -> None:
        self.data = np.zeros(SHAPE, np.float32)
        self.data[60:-60, 60:-60] = 300 + 10 * np.arange(SHAPE[2])


@pytest.fixture
def draws(monkeypatch):
    """Return the seeds that were drawn; drawing itself is left out."""
    seeds = []

    def draw(seed, **_who):
        seeds.append(seed)
        return _Drawn()

    monkeypatch.setattr(synthetic_bids, "synthetic_scan", draw)
    return seeds


def test_every_variation_differs_and_is_always_the_same():
    data = _Drawn().data[:, :, :3]
    first, second = varied(data, 1), varied(data, 2)
    assert first.shape == data.shape
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(varied(data, 1), first)


def test_scans_are_written_once_from_few_drawings(tmp_path, draws, monkeypatch):
    monkeypatch.setattr(synthetic_bids, "DISTINCT", 2)
    people = pl.read_csv(write_scans(tmp_path, 5, slices=4), separator="\t")
    paths = sorted(tmp_path.glob("sub-*/anat/*_FLAIR.nii.gz"))
    assert [path.parts[-3] for path in paths] == people["participant_id"].to_list()
    assert draws == [1, 2]
    contents = {path.read_bytes() for path in paths}
    assert len(contents) == 5

    image = nibabel.load(paths[0])
    assert image.shape == (*SHAPE[:2], 4)
    assert image.affine[2, 3] == pytest.approx(8 * 6.9)  # the middle 4 of 20 slices
    assert SAYS in image.header["descrip"].item().decode()

    kept = paths[0].stat().st_mtime_ns
    paths[3].unlink()
    seen = []
    write_scans(tmp_path, 5, slices=4, wrote=lambda *counts: seen.append(counts))
    assert (draws, seen) == ([1, 2, 2], [(5, 5)])
    assert paths[0].stat().st_mtime_ns == kept
    assert {path.read_bytes() for path in paths} == contents


@pytest.mark.parametrize("slices", [0, SHAPE[2] + 1])
def test_more_slices_than_are_drawn_are_refused(tmp_path, slices):
    with pytest.raises(ValueError, match=f"{slices} slices: expected 1 to 20"):
        write_scans(tmp_path, 1, slices)


def test_memory_is_the_largest_in_the_part_before_a_mark():
    samples = [Sample(0.0, 100, None), Sample(0.45, 130, 900), Sample(0.5, 120, 950), Sample(0.51, 500, 2000)]
    assert at(samples, 0.5) == Sample(0.5, 130, 950)
    assert at(samples, 0.1) == Sample(0.1, 100, None)
    assert at(samples, 0.3) == Sample(0.3, None, None)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc, which is not here")
def test_memory_of_this_process_is_known_and_that_of_none_is_not():
    assert sample(os.getpid(), 0.25).parent_mb > 20
    assert resident_mb(2**22 + 1) is None


def test_the_answer_names_refusals_and_what_is_unknown():
    text = _table(
        {
            "scans": 1380,
            "slices": 20,
            "n_measured": 1370,
            "n_reused": 8,
            "n_rejected": 2,
            "reasons": ["no brain found"],
            "writing_minutes": 7.0,
            "minutes": 120.04,
            "publishing_seconds": 9.96,
            "per_scan": summarise("scan", [1.0, 2.0, 3.0], stages={"segment": [2.5]}).to_dict(),
            "memory_mb": [{"done": 0.5, "parent_mb": 113.2, "worker_mb": None}],
            "input_mb": 2000.0,
            "derivatives_mb": 1500.0,
            "store_mb": 3.14,
        }
    )
    assert "1,370 measured, 8 measured before, 2 rejected\n  rejected: no brain found\n" in text
    assert "120.0 min" in text and "publication) 10.0 s" in text
    assert "median 2.00, p95 2.90, longest 3.00; median of segment 2.50" in text
    assert "before 50%: command 113 MB, largest worker unknown" in text
