"""`mscohort clusters`: planted clusters are found and kept; none are said to be none; faults in one line."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from app import cli
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from tests.db.fake_run import patients, write_run

Capture = pytest.CaptureFixture[str]


def store_of(folder: Path, n: int, *, planted: bool) -> Path:
    """Return a store whose people carry their lesions on the left, or half of them on the right where planted."""
    rng = np.random.default_rng(4)
    run = write_run(folder / "run", patients(n), derivatives=folder / "files", zone_areas=(10.0, 9.0, 8.0))
    loads, lesions = (pl.read_parquet(run / f"{name}.parquet") for name in ("region_load", "lesion"))
    right = [i % 2 == 1 and planted for i in range(n)]
    for row, moved in enumerate(right):
        whole = loads["volume_ml"][2 * row]
        centre, spread = (0.1, 0.05) if planted else (0.5, 0.12)
        share = float(np.clip(centre + spread * rng.standard_normal(), 0.01, 0.99 if not planted else 0.3))
        share = 1 - share if moved else share
        for at, part in ((2 * row, 1 - share), (2 * row + 1, share)):
            loads[at, "volume_ml"], loads[at, "area_mm2"] = whole * part, whole * part / 0.006
    loads.write_parquet(run / "region_load.parquet")
    lesions.write_parquet(run / "lesion.parquet")
    publish_scans(Store(folder / "store"), run, DatasetCard("scans", "Scans"))
    return folder / "store"


def ask(capsys: Capture, *words: str | Path) -> Any:
    capsys.readouterr()
    assert cli.main([*map(os.fspath, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.slow
def test_planted_clusters_are_found_and_kept(tmp_path: Path, capsys: Capture) -> None:
    store = store_of(tmp_path, 60, planted=True)
    found = ask(capsys, "clusters", "--save", "side", "--store", store)
    assert found["k"] == 2
    assert [row["n"] for row in found["clusters"]] == [30, 30]
    assert found["saved"] == {"column": "side", "label": "Cluster: side", "n": 60, "store_version": 2}
    names = {row["subject_id"]: row["cluster"] for row in found["members"]}
    assert len({names[f"{i:02}"] for i in range(0, 60, 2)}) == 1
    # Kept clusters are a filter of every command.
    compared = ask(capsys, "strata", "wmh_area_mm2", "--where", "side=A", "--store", store)
    assert compared["n"] == {"HC": 0, "MS": 30}


@pytest.mark.slow
def test_none_are_said_to_be_none_and_cannot_be_kept(tmp_path: Path, capsys: Capture) -> None:
    store = store_of(tmp_path, 40, planted=False)
    found = ask(capsys, "clusters", "--store", store)
    assert (found["k"], found["members"], found["saved"]) == (None, [], None)
    assert found["answer"][0].startswith("No stable clusters: ")
    assert cli.main(["clusters", "--save", "x", "--store", os.fspath(store)]) == 2
    assert "there is nothing to save" in capsys.readouterr().err


def test_too_few_people(tmp_path: Path, capsys: Capture) -> None:
    found = ask(capsys, "clusters", "--store", store_of(tmp_path, 5, planted=False))
    assert found["answer"] == ["No stable clusters: 5 people have lesions in a region; clusters need 30 or more."]


def test_a_table_has_no_regions(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "t.csv").write_text("subject_id,group,sex,age_years,wmh_area_mm2\nP1,MS,F,41,60\n")
    place = ["--store", os.fspath(tmp_path / "store")]
    assert cli.main(["import", os.fspath(tmp_path / "t.csv"), "--protocol", "p-1", *place]) == 0
    assert cli.main(["clusters", *place]) == 1
    assert "nobody chosen from 't' has lesions by region" in capsys.readouterr().err
