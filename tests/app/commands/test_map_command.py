"""`mscohort map`: counts by hand from a store of made-up scans, files that other programs read, faults in one line."""

import json
import os
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import polars as pl
import pytest

from app import cli
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from tests.db.fake_run import patients, write_run

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    people = [person | {"group": "HC" if i % 2 else "MS"} for i, person in enumerate(patients(12))]
    run = write_run(tmp_path / "run", people, derivatives=tmp_path / "files", no_regions=(3,))
    publish_scans(Store(tmp_path / "store"), run, DatasetCard("scans", "Scans"))
    return tmp_path / "store"


def ask(capsys: Capture, *words: str | Path) -> Any:
    capsys.readouterr()
    assert cli.main([*map(os.fspath, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_maps_are_counts_on_the_common_grid(store: Path, tmp_path: Path, capsys: Capture) -> None:
    # Every made-up scan has a lesion in voxels 500,000 and 500,001, and shows voxels 200,000 to 899,999.
    found = ask(capsys, "map", "--out", tmp_path / "out", "--test", "--permutations", "20", "--store", store)
    assert found["n"] == {"HC": 5, "MS": 6}
    assert found["without_map"] == 1
    assert found["groups"]["MS"]["frequency"] == 1.0
    assert found["groups"]["HC"]["voxels_with_a_lesion"] == 2
    assert found["test"]["voxels_tested"] == 2
    assert found["test"]["smallest_p_cluster"] == 1.0  # everybody has it
    image = nibabel.nifti1.load(found["files"]["frequency-MS"])
    values = image.get_fdata()
    assert values.shape == (99, 117, 95)
    x, y, z = (int(steps[0]) for steps in np.where(values == 1.0))
    assert x + 99 * (y + 117 * z) == 500_000
    assert np.isnan(values[0, 0, 0])
    assert image.affine[:3, 3].tolist() == [-98, -134, -72]
    assert nibabel.nifti1.load(found["files"]["n-HC"]).get_fdata().max() == 5
    table = pl.read_csv(found["files"]["voxels"])
    assert table["n_with_lesion_MS"].to_list() == [6, 6]
    assert table["x_mm"].to_list() == [-98 + 2 * x, -96 + 2 * x]


def test_the_same_maps_have_the_same_bytes(store: Path, tmp_path: Path, capsys: Capture) -> None:
    one, two = (ask(capsys, "map", "--out", tmp_path / name, "--store", store)["files"] for name in ("a", "b"))
    assert {k: Path(p).read_bytes() for k, p in one.items()} == {k: Path(p).read_bytes() for k, p in two.items()}


def test_people_without_maps_are_refused_in_one_line(store: Path, tmp_path: Path, capsys: Capture) -> None:
    assert cli.main(["map", "--out", os.fspath(tmp_path / "o"), "--age", "90:", "--store", os.fspath(store)]) == 1
    assert "nobody chosen from 'scans' has a lesion map" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_a_test_needs_two_groups(store: Path, tmp_path: Path, capsys: Capture) -> None:
    words = ["map", "--out", os.fspath(tmp_path / "o"), "--test", "--group", "MS", "--store", os.fspath(store)]
    assert cli.main(words) == 2
    assert "one of them has nobody" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made(store: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "file").write_text("")
    assert cli.main(["map", "--out", os.fspath(tmp_path / "file" / "o"), "--store", os.fspath(store)]) == 1
    assert "the folder cannot be made" in capsys.readouterr().err
