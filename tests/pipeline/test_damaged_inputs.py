"""Damaged inputs and two sound scans in one run: every damaged one is refused for its reason, nothing else is lost."""

import os
import re

import polars as pl
import pytest

from pipeline.ingest.ingest import ingest
from pipeline.inputs.discovery import discover
from tests.pipeline.damaged_inputs import DAMAGED
from tests.pipeline.small_scans import prepare_stand_in, write_small_scan

TWOFOLD = {"two_images_of_one_visit", "one_image_of_two_people"}  # both files of a pair are refused


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Ingest everything at once; return each damaged input's path and the run."""
    folder = tmp_path_factory.mktemp("damaged")
    paths = {}
    for name, (build, _) in DAMAGED.items():
        place = folder / name
        place.mkdir()
        paths[name] = build(place)
    good = [write_small_scan(folder / "good" / f"G{number}" / "FLAIR.nii.gz", number) for number in (1, 2)]
    inputs, rejections = discover([good[0], *paths.values(), good[1]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.ingest.ingest.prepare", prepare_stand_in)
        out = folder / "out"
        return folder, ingest(inputs, out, rejections=rejections, workers=2)


def test_there_are_many_ways_to_be_damaged():
    assert len(DAMAGED) >= 60


def test_the_sound_scans_are_measured(run):
    scans = pl.read_parquet(run[1].path / "scan.parquet")
    assert scans["subject_id"].to_list() == ["G1", "G2"]
    assert pl.read_parquet(run[1].path / "measure.parquet")["wmh_area_mm2"].min() > 0


@pytest.mark.parametrize("name", DAMAGED)
def test_it_is_refused_for_its_reason(run, name):
    folder, done = run
    place = os.fspath(folder / name)
    mine = [rejection for rejection in done.rejections if rejection.input.startswith(f"{place}/")]
    assert len(mine) == (2 if name in TWOFOLD else 1)
    for rejection in mine:
        assert re.search(DAMAGED[name][1], rejection.reason), rejection.reason
        assert "please report" not in rejection.reason
        assert rejection.reason.isprintable()
        assert rejection.input.isprintable()
        assert len(rejection.reason) < 400


def test_nothing_else_is_refused(run):
    assert len(run[1].rejections) == len(DAMAGED) + len(TWOFOLD)
    assert pl.read_parquet(run[1].path / "rejection.parquet").height == len(run[1].rejections)
