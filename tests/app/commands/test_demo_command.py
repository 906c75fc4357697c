"""`mscohort demo`: what it builds, what it leaves alone, what it refuses."""

import json
import os
from pathlib import Path

import polars as pl
import pytest
from filelock import FileLock

from analysis.synthetic.cohort import synthetic_cohort
from app import cli
from db.import_table import import_frame
from db.store import Store

pytestmark = pytest.mark.slow


def demo(capsys: pytest.CaptureFixture[str], root: Path, *words: str) -> dict:
    assert cli.main(["demo", "--store", os.fspath(root), "--json", "--scans", "0", *words]) == 0
    return json.loads(capsys.readouterr().out)


def test_builds_the_published_structure_labelled_synthetic(tmp_path, capsys):
    answer = demo(capsys, tmp_path)
    assert answer["n"] == {"HC": 999, "MS": 381}
    assert (answer["dataset"], answer["protocol"], answer["synthetic"]) == ("demo", "mscohort-demo-1", True)
    assert answer["n_missing_age"] == 9
    with Store(tmp_path).read() as snapshot:
        [row] = snapshot.datasets().to_dicts()
        cohort = snapshot.cohort("demo")
    assert row["synthetic"] is True
    assert "synthetic" in row["title"].lower()
    drawn = synthetic_cohort(answer["seed"])
    assert cohort.select(drawn.columns).sort("subject_id").equals(drawn.sort("subject_id"))


def test_the_same_seed_changes_nothing_and_another_one_replaces(tmp_path, capsys):
    first = demo(capsys, tmp_path, "--seed", "5", "--subjects", "50")
    again = demo(capsys, tmp_path, "--seed", "5", "--subjects", "50")
    assert (again["changed"], again["version"], again["content_sha256"]) == (False, 1, first["content_sha256"])
    other = demo(capsys, tmp_path, "--seed", "6", "--subjects", "40")
    assert (other["changed"], other["version"], other["n_subjects"]) == (True, 2, 40)
    with Store(tmp_path).read() as snapshot:
        assert snapshot.datasets()["n"].to_list() == [40]


def test_if_empty_leaves_a_filled_store_alone(tmp_path, capsys):
    assert demo(capsys, tmp_path, "--if-empty", "--subjects", "50")["changed"] is True
    answer = demo(capsys, tmp_path, "--if-empty", "--seed", "9")
    assert (answer["skipped"], answer["datasets"]) == (True, ["demo"])
    assert Store(tmp_path).current().number == 1


def begin(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    """Stop a demonstration of 50 people while its scans are measured, as a kill does: nothing is tidied up."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("app.commands.demo_command._measure_scans", killed)
        assert cli.main(["demo", "--store", os.fspath(root), "--seed", "5", "--subjects", "50", "--scans", "0"]) == 1
    capsys.readouterr()


def test_one_stopped_midway_is_finished_as_it_was_begun_and_once_only(tmp_path, capsys, monkeypatch):
    begin(capsys, monkeypatch, tmp_path)
    assert cli.main(["demo", "--store", os.fspath(tmp_path), "--if-empty", "--json"]) == 0
    said = capsys.readouterr()
    answer = json.loads(said.out)
    assert "it is finished now" in said.err
    assert (answer["skipped"], answer["seed"], answer["n_subjects"]) == (False, 5, 50)
    assert answer["scans_note"] == "scans left out, as asked"  # by who began it
    assert demo(capsys, tmp_path, "--if-empty")["skipped"] is True


def test_one_stopped_midway_stays_so_beside_the_data_of_somebody(tmp_path, capsys, monkeypatch):
    begin(capsys, monkeypatch, tmp_path)
    real = synthetic_cohort(1, 20).with_columns(subject_id=pl.col("subject_id").str.replace("DEMO", "REAL"))
    import_frame(Store(tmp_path), real, dataset="mine", protocol_id="some-protocol", synthetic=False)
    answer = demo(capsys, tmp_path, "--if-empty")
    assert (answer["skipped"], answer["datasets"]) == (True, ["demo", "mine"])


def test_one_that_another_process_is_building_is_left_to_it(tmp_path, capsys, monkeypatch):
    begin(capsys, monkeypatch, tmp_path)
    with FileLock(tmp_path / "demo-begun.json.lock"):
        assert demo(capsys, tmp_path, "--if-empty")["skipped"] is True
    assert demo(capsys, tmp_path, "--if-empty")["skipped"] is False


def test_a_note_of_the_beginning_that_cannot_be_read_is_passed_over(tmp_path, capsys, monkeypatch):
    begin(capsys, monkeypatch, tmp_path)
    for nonsense in (b"", b"[]", b'{"seed": "many"}', b"\xff"):
        (tmp_path / "demo-begun.json").write_bytes(nonsense)
        assert demo(capsys, tmp_path, "--if-empty")["skipped"] is True


def test_never_overwrites_real_data_named_demo(tmp_path, capsys):
    real = synthetic_cohort(1, 20).with_columns(subject_id=pl.col("subject_id").str.replace("DEMO", "REAL"))
    import_frame(Store(tmp_path), real, dataset="demo", protocol_id="some-protocol", synthetic=False)
    assert cli.main(["demo", "--store", os.fspath(tmp_path)]) == 1
    error = capsys.readouterr().err.strip().splitlines()
    assert len(error) == 1
    assert "real data under the name 'demo'" in error[0]
    with Store(tmp_path).read() as snapshot:
        assert snapshot.cohort("demo")["subject_id"].str.starts_with("REAL").all()


def test_says_what_it_did_in_words(tmp_path, capsys):
    for expected in ("50 synthetic people (36 HC, 14 MS) built", "already in the store, nothing changed"):
        assert cli.main(["demo", "--store", os.fspath(tmp_path), "--subjects", "50", "--scans", "0"]) == 0
        said = capsys.readouterr()
        assert expected in said.out
        assert "no real person is shown" in said.out
        assert "50 synthetic people (seed" in said.err
    assert cli.main(["demo", "--store", os.fspath(tmp_path), "--if-empty"]) == 0
    assert "already holds demo" in capsys.readouterr().out


def test_scans_are_drawn_measured_and_labelled_synthetic(tmp_path, capsys):
    pytest.importorskip("tensorflow")
    words = ["--subjects", "30", "--scans", "2"]
    answer = demo(capsys, tmp_path, *words)
    assert (answer["n_scans"], answer["scans_note"], answer["changed"]) == (2, "", True)
    with Store(tmp_path).read() as snapshot:
        scans = snapshot.scans()
        held = dict(snapshot.datasets().select("dataset_id", "synthetic").iter_rows())
    assert held == {"demo": True, "demo-scans": True}
    assert scans["synthetic"].all()
    assert scans["ventricle_volume_ml"].is_between(5, 80).all()
    assert scans["age_years"].is_between(20, 60).all()
    assert all(Path(folder).is_dir() for folder in scans["derivatives"])
    assert demo(capsys, tmp_path, *words)["changed"] is False


WRONG = [["--subjects", "0"], ["--subjects", "many"], ["--scans", "-1"], ["--seed", "-1"], ["--sed", "1"]]


@pytest.mark.parametrize("words", WRONG)
def test_wrong_usage_exits_with_2(tmp_path, words):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["demo", "--store", os.fspath(tmp_path), *words])
    assert stopped.value.code == 2
    assert not (tmp_path / "CURRENT").exists()
