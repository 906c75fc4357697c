"""`mscohort doctor`: tells the truth about store, browser and packages, and what to do."""

import json
from pathlib import Path
from typing import Any

import pytest

from app import cli
from app.commands import doctor_command
from pipeline.errors import ModelError
from pipeline.segmentation.bundled_models import DEFAULT_MODEL, ModelCard
from pipeline.segmentation.device import Device

PROCESSOR = Device("cpu", "x86_64", "the TensorFlow installed is the CPU build", "tensorflow", "2.21.0", "3.15.1")


@pytest.fixture(autouse=True)
def _quick_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer for TensorFlow, which takes seconds to start; tests/pipeline/segmentation/test_device.py asks it."""
    monkeypatch.setattr(doctor_command, "find_device", lambda **_: PROCESSOR)


def doctor(capsys: pytest.CaptureFixture[str], store: Path) -> dict[str, Any]:
    capsys.readouterr()
    assert cli.main(["doctor", "--json", "--store", str(store)]) == 0
    report = json.loads(capsys.readouterr().out)
    assert isinstance(report, dict)
    return report


def test_empty_store_is_told_what_to_do_and_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "not there yet"
    report = doctor(capsys, root)
    assert report["store"]["version"] is None
    assert report["store"]["writable"] is True
    assert any("mscohort demo" in advice for advice in report["advice"])
    assert not root.exists()


def test_demo_store_is_described(demo_store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = doctor(capsys, demo_store)
    assert report["store"]["version"] == 1
    [dataset] = report["store"]["datasets"]
    assert dataset["synthetic"] is True
    assert dataset["n"] == 1380


def test_damaged_store_is_reported_not_raised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "CURRENT").write_text("nonsense\n")
    report = doctor(capsys, tmp_path)
    assert "CURRENT" in report["store"]["error"]
    assert any("rollback" in advice for advice in report["advice"])


def test_the_log_of_failed_pages_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "logs" / "dashboard.log"
    monkeypatch.setenv("MSCOHORT_LOG", str(log))
    assert doctor(capsys, tmp_path)["log"] == {"path": str(log), "exists": False, "writable": True}
    log.parent.mkdir()
    log.touch()
    assert doctor(capsys, tmp_path)["log"]["exists"] is True
    monkeypatch.setenv("MSCOHORT_LOG", str(log / "below a file"))
    report = doctor(capsys, tmp_path)
    assert report["log"]["writable"] is False
    assert any("MSCOHORT_LOG" in advice for advice in report["advice"])


def test_missing_browser_costs_images_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor_command, "find_browser", lambda: None)
    report = doctor(capsys, tmp_path)
    assert report["image_export"]["browser"] is None
    assert any("PNG or SVG" in advice for advice in report["advice"])


def test_missing_package_is_named() -> None:
    assert doctor_command._version("no-such-package-here") is None


def test_report_for_people(demo_store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert cli.main(["doctor", "--store", str(demo_store)]) == 0
    text = capsys.readouterr().out
    assert str(demo_store) in text
    assert "1380 people, synthetic" in text
    assert "duckdb" in text


def test_dicom_is_an_extra_and_nothing_that_is_missing(
    demo_store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor_command, "converter", lambda: None)
    assert doctor(capsys, demo_store)["dicom"] == {"converter": None}
    assert cli.main(["doctor", "--store", str(demo_store)]) == 0
    text = capsys.readouterr().out
    assert "DICOM    not converted: the extra 'dicom' is not installed" in text
    assert "dicom" not in text.split("Machine")[1]


def test_device_and_weights_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    networks = doctor(capsys, tmp_path)["networks"]
    assert networks["device"]["kind"] == "cpu"
    assert "CPU build" in networks["device"]["reason"]
    assert networks["error"] is None
    assert {len(model["sha256"]) for model in networks["models"]} == {64}
    assert [model["error"] for model in networks["models"]] == [None] * len(networks["models"])


def test_damaged_weights_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def damaged(card: ModelCard) -> None:
        raise ModelError(f"{card.model_id}: the weights are damaged")

    monkeypatch.setattr(doctor_command, "check_weights", damaged)
    report = doctor(capsys, tmp_path)
    assert all("damaged" in model["error"] for model in report["networks"]["models"])
    assert f"{DEFAULT_MODEL}: the weights are damaged" in report["advice"]


def test_missing_runtime_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nothing() -> str:
        raise ModelError("nothing that runs networks is installed")

    monkeypatch.setattr(doctor_command, "choose_runtime", nothing)
    monkeypatch.setattr(doctor_command, "onnxruntime_version", lambda: None)
    report = doctor(capsys, tmp_path)
    assert report["networks"]["device"] is None
    assert any("make run GPU=1" in advice for advice in report["advice"])
    assert cli.main(["doctor", "--store", str(tmp_path)]) == 0
    assert "ONNX Runtime is not installed" in capsys.readouterr().out


def test_without_tensorflow_scans_are_segmented_and_nothing_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor_command, "tensorflow_version", lambda: None)
    monkeypatch.setattr(doctor_command, "gpu_build", lambda: False)
    networks = doctor(capsys, tmp_path)["networks"]
    assert (networks["runtime"], networks["device"], networks["error"]) == ("onnx", None, None)
    assert cli.main(["doctor", "--store", str(tmp_path)]) == 0
    assert "cannot be trained: TensorFlow is not installed" in capsys.readouterr().out
