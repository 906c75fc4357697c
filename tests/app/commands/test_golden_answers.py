"""One file per `--json` answer, on a store of 72 synthetic people: a change of the contract shows in a diff."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from app import cli
from app.commands import doctor_command
from pipeline.segmentation import bundled_models, runtime
from pipeline.segmentation.bundled_models import LoadedModel
from tests.app.commands.answers import GOLDEN, assert_golden, differences, plain, shape
from tests.app.commands.test_doctor_command import PROCESSOR
from tests.app.commands.test_evaluate_command import data, trainings  # noqa: F401
from tests.pipeline.conftest import head_phantom  # noqa: F401
from tests.pipeline.small_scans import Thresholds, prepare_stand_in, write_small_scan

Capture = pytest.CaptureFixture[str]
WITHOUT = {
    "app": "serves until it is stopped",
    "atlas": "tests/app/commands/test_regions_command.py",
    "bundle": "its answer is a file; tests/app/commands/test_bundle_command.py",
    "cohort": "tests/app/views/test_any_two_groups.py",
    "change": "tests/app/commands/test_change_command.py",
    "clusters": "draws people many times; tests/app/commands/test_clusters_command.py",
    "gather": "needs the parts of a run; tests/pipeline/ingest/test_shards.py",
    "map": "its answer is images; tests/app/commands/test_map_command.py",
    "regions": "needs a registration; tests/app/commands/test_regions_command.py",
    "review": "tests/app/commands/test_review_command.py",
    "report": "its answer is a page; tests/app/commands/test_report_command.py",
    "slides": "its answer is a file; tests/app/commands/test_slides_command.py",
    "train": "takes a network; tests/app/commands/test_train_command.py",
}
"""Commands that have no file here, and why."""

STATISTICS = {
    "compare-load": ("compare", "wmh_ratio_pct"),
    "compare-size-women": ("compare", "ventricle_ratio_pct", "--sex", "F"),
    "compare-two-groups": ("compare", "wmh_ratio_pct", "--between", "sex=M,F", "--group", "HC"),
    "compare-share": ("compare", "periventricular_share_pct", "--age", "18:60"),
    "strata-load": ("strata", "wmh_area_mm2"),
    "correlate": ("correlate", "age_years", "ventricle_ratio_pct", "wmh_ratio_pct"),
    "table1": ("table1", "--age", "20:50"),
    "store-list": ("store", "list"),
    "store-audit": ("store", "audit"),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store that holds the people of ``golden/people.csv``, of whom one row is refused."""
    folder = tmp_path_factory.mktemp("golden")
    words = ("import", os.fspath(GOLDEN / "people.csv"), "--protocol", "golden-1", "--dataset", "people")
    assert cli.main([*words, "--accept-valid", "--store", os.fspath(folder / "store")]) == 0
    return folder / "store"


def ask(capsys: Capture, *words: str | Path) -> Any:
    """Return what a command prints with ``--json``."""
    capsys.readouterr()
    assert cli.main([*map(os.fspath, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", STATISTICS)
def test_answers_about_a_store(name: str, store: Path, capsys: Capture) -> None:
    assert_golden(name, plain(ask(capsys, *STATISTICS[name], "--store", store), store.parent))


def test_import_and_rollback(tmp_path: Path, capsys: Capture) -> None:
    shutil.copy(GOLDEN / "people.csv", tmp_path)
    place = ("--store", tmp_path / "store")
    words = ("import", tmp_path / "people.csv", "--protocol", "golden-1", "--accept-valid", *place)
    assert_golden("import", plain(ask(capsys, *words), tmp_path))
    code = (tmp_path / "people.csv").read_text(encoding="utf-8").splitlines()[1].partition(",")[0]
    (tmp_path / "clinic.csv").write_text(f"id,EDSS,course,note\n{code},2.5,RRMS,x\nX9,3,SPMS,y\n", encoding="utf-8")
    words = ("join", tmp_path / "clinic.csv", "--dataset", "people", "--extra", "EDSS", "--extra", "course", *place)
    assert_golden("join", plain(ask(capsys, *words), tmp_path))
    assert_golden("store-update", plain(ask(capsys, "store", "update", *place), tmp_path))
    ask(capsys, "demo", "--subjects", "20", "--scans", "0", *place)
    assert_golden("store-rollback", plain(ask(capsys, "store", "rollback", *place), tmp_path))


def test_demo(tmp_path: Path, capsys: Capture) -> None:
    answer = ask(capsys, "demo", "--subjects", "40", "--scans", "0", "--store", tmp_path / "store")
    assert_golden("demo", plain(answer, tmp_path))


def test_export(store: Path, tmp_path: Path, capsys: Capture) -> None:
    assert_golden("export", shape(ask(capsys, "export", tmp_path / "out", "--store", store)))


def test_segment(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    # Everything but the network is real: a threshold stands in for it.
    monkeypatch.setattr(runtime, "start_runtime", lambda *_, **__: "onnx")
    monkeypatch.setattr(bundled_models, "load_model", lambda card, *_, **__: LoadedModel(card, (Thresholds(),)))  # type: ignore[arg-type]
    flair = write_small_scan(tmp_path / "P7" / "FLAIR.nii.gz")
    assert_golden("segment", plain(ask(capsys, "segment", flair, "--out", tmp_path / "out"), tmp_path))


def test_ingest(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.ingest.ingest.prepare", prepare_stand_in)
    for number in range(2):
        write_small_scan(tmp_path / "in" / f"P{number}" / "FLAIR.nii.gz", number)
    (tmp_path / "in" / "P3").mkdir()
    (tmp_path / "in" / "P3" / "FLAIR.nii").write_text("no scan")
    (tmp_path / "people.csv").write_text("id,group,sex,age\nP0,MS,F,44\nP9,HC,M,31\n")
    words = ("ingest", tmp_path / "in", "--participants", tmp_path / "people.csv", "--store", tmp_path / "store")
    assert_golden("ingest-dry-run", plain(ask(capsys, *words, "--dry-run"), tmp_path))
    assert_golden("ingest", plain(ask(capsys, *words, "--workers", "1"), tmp_path))


def test_doctor(store: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it finds belongs to a machine; what it looks at belongs to the contract."""
    monkeypatch.setattr(doctor_command, "find_device", lambda *_, **__: PROCESSOR)
    monkeypatch.setattr(doctor_command, "find_browser", lambda: "/chromium")
    monkeypatch.setattr(doctor_command, "converter", lambda *_, **__: "dcm2niix")
    monkeypatch.setattr(doctor_command, "_version", lambda name: "1.0")
    monkeypatch.setattr(doctor_command, "tensorflow_version", lambda *_, **__: "1.0")
    assert_golden("doctor", shape(ask(capsys, "doctor", "--store", store)))


def test_models(capsys: Capture) -> None:
    assert_golden("model-list", shape(ask(capsys, "model", "list")))


def test_norms(tmp_path: Path, capsys: Capture) -> None:
    place = ("--store", tmp_path / "none")
    words = ("--age", "42", "--sex", "F", "--protocol", "tabriz-2026-published", "--measure", "ventricle_ratio_pct=.36")
    assert_golden("norms-score", plain(ask(capsys, "norms", "score", *words, *place), tmp_path))
    assert_golden("norms-list", shape(ask(capsys, "norms", "list", *place)))


@pytest.mark.reference
def test_reproduce(tabriz_store: Path, capsys: Capture) -> None:
    """Hold the counts; the rows are held number by number in tests/analysis/published."""
    answer = ask(capsys, "reproduce", "--store", tabriz_store)
    counts = {key: value for key, value in answer.items() if isinstance(value, int | str)}
    kinds = {key: shape(value) for key, value in answer.items() if key not in counts and key != "by_source"}
    assert_golden("reproduce", counts | {"by_source": answer["by_source"]} | kinds)


def test_evaluate(data: Path, trainings: Path, capsys: Capture) -> None:  # noqa: F811
    assert_golden("evaluate", shape(ask(capsys, "evaluate", data, "--model", trainings, "--no-store")))


def test_every_command_has_a_file() -> None:
    held = {path.stem.partition("-")[0] for path in GOLDEN.glob("*.json")}
    assert set(cli.COMMANDS) - held == set(WITHOUT)


def test_a_changed_contract_is_told_place_by_place() -> None:
    held = {"n": {"HC": 3, "MS": 2}, "tests": [{"p_value": 0.25, "name": "welch_t"}], "ci": None}
    assert differences(json.loads(json.dumps(held)), held) == []
    found = {"n": {"HC": 3}, "tests": [{"p_value": 0.2500001, "name": "welch"}], "ci": 0.5, "more": 1}
    assert differences(found, held) == [
        "/more is new",
        "/n/MS is gone",
        "/tests[0]/p_value is 0.2500001, 0.25 in the file",
        "/tests[0]/name is 'welch', 'welch_t' in the file",
        "/ci is 0.5, None in the file",
    ]
    assert differences({"p": 0.25000000001, "n": 3}, {"p": 0.25, "n": 3}) == []
    assert differences({"n": 3.0}, {"n": True}) == ["/n is 3.0, True in the file"]
