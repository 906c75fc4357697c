"""`mscohort segment` as a person or a script meets it."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from app import cli
from pipeline.inputs import dicom
from pipeline.inputs.discovery import content_sha256
from pipeline.segmentation import bundled_models, runtime
from pipeline.segmentation.bundled_models import LoadedModel
from tests.pipeline.damaged_inputs import LEVELS
from tests.pipeline.dicom_series import write_series
from tests.pipeline.small_scans import AFFINE, Thresholds, small_volume, write_small_scan


@pytest.fixture
def flair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # A stand-in for the network, and no search for a graphics card: what is tested here is the command.
    monkeypatch.setattr(runtime, "start_runtime", lambda *_: "onnx")
    monkeypatch.setattr(bundled_models, "load_model", lambda card, **_: LoadedModel(card, (Thresholds(),)))  # type: ignore[arg-type]
    return write_small_scan(tmp_path / "P7" / "FLAIR.nii.gz")


def test_json_names_the_files_and_the_measures(flair: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["segment", os.fspath(flair), "--out", os.fspath(tmp_path / "out"), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert {"labels", "zones", "measures", "seconds", "model", "protocol"} <= set(result)
    assert Path(result["labels"]).name == "sub-P7_desc-tissue_dseg.nii.gz"
    labels = np.asarray(nib.load(result["labels"]).dataobj)
    assert labels.shape == nib.load(flair).shape
    assert np.unique(labels).tolist() == [0, 1, 2]
    assert np.unique(nib.load(result["zones"]).dataobj).max() <= 3
    pixels = int((labels == 1).sum())
    assert result["measures"]["ventricle_volume_ml"] == pytest.approx(pixels * 0.81 * 7 / 1000)
    assert result["measures"]["lesion_count"] == 2
    assert (result["protocol"], result["zone_rule"]) == ("mscohort-1", "study-code")
    assert set(result["seconds"]) == {"read", "segment", "zone", "quantify"}
    # A head of 40 mm is no head: said, not hidden.
    assert {"intracranial_volume", "few_slices"} <= {flag["name"] for flag in result["flags"]}


def test_why_there_is_no_range_and_how_unlike_the_training_a_scan_is(
    flair: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["segment", os.fspath(flair), "--out", os.fspath(tmp_path / "out")]
    assert cli.main([*words, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    known = result["reliability"]
    assert result["wmh_expected_ml"] is None
    assert known["no_range_reason"].startswith("it was learned on scans without a flag, and here ")
    assert known["unlikeness"] > 1, "six slices of squares are no head"
    assert "unfamiliar" in [flag["name"] for flag in result["flags"]]
    assert 0 <= result["lesions_sure"] <= result["measures"]["lesion_count"] == 2
    assert cli.main(words) == 0
    text = capsys.readouterr().out
    assert "No range of the lesion load is given: " in text
    assert f"Unlike the training scans by {known['unlikeness']:.1f} times" in text
    assert cli.main([*words, "--model", "mscohort-1", "--json"]) == 0
    other = json.loads(capsys.readouterr().out)
    assert (other["reliability"]["unlikeness"], other["lesions_sure"]) == (None, None)
    assert "no range" in other["reliability"]["no_range_reason"]


def test_the_summary_begins_with_the_doubts(flair: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["segment", os.fspath(flair), "--out", os.fspath(tmp_path / "out"), "--zone-rule", "contact"]
    assert cli.main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "6 axial slices, voxels of 0.9 x 0.9 x 7 mm" in lines[0]
    assert lines[1].startswith("  look at this scan: ")
    assert any(line.split()[:3] == ["Lesion", "count", "2"] for line in lines)
    assert any("rule contact" in line for line in lines)
    assert lines[-1].strip().startswith("Research use only")


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "no such file"), (b"not an image", "not a readable NIfTI file"), (b"", "is empty")],
)
def test_a_bad_file_is_one_line_before_any_network_is_loaded(
    content: bytes | None,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(bundled_models, "load_model", lambda card, **_: pytest.fail("loaded"))
    if content is not None:
        (tmp_path / "scan.nii").write_bytes(content)
    words = ["segment", os.fspath(tmp_path / "scan.nii"), "--out", os.fspath(tmp_path / "out")]
    assert cli.main(words) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(dicom.converter() is None, reason="needs dcm2niix: install the extra 'dicom'")
def test_a_dicom_series_is_measured_under_its_folders_name(
    flair: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    series = write_series(tmp_path / "P8" / "FLAIR")
    assert cli.main(["segment", os.fspath(series), "--out", os.fspath(tmp_path / "out"), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert Path(result["labels"]).name == "sub-P8_desc-tissue_dseg.nii.gz"
    assert result["measures"]["lesion_count"] == 2
    sidecar = json.loads(Path(result["sidecar"]).read_text())
    assert (sidecar["Sources"], sidecar["SourceSHA256"]) == (["FLAIR"], content_sha256(series))


def test_a_dicom_series_without_the_converter_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dicom, "converter", lambda: None)
    series = write_series(tmp_path / "P8")
    assert cli.main(["segment", os.fspath(series), "--out", os.fspath(tmp_path / "out")]) == 1
    error = capsys.readouterr().err
    assert "dcm2niix is not installed; install the extra 'dicom'" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda head: np.digitize(head, LEVELS).astype(np.uint8), "looks like a label image: 4 distinct values"),
        (lambda head: (head * 3 - 1024).astype(np.int16), "looks like CT"),
    ],
)
def test_labels_and_ct_given_by_mistake_are_refused(
    make: Callable[[np.ndarray], np.ndarray],
    said: str,
    flair: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "scan.nii.gz"
    nib.save(nib.Nifti1Image(make(small_volume()), AFFINE), path)
    assert cli.main(["segment", os.fspath(path), "--out", os.fspath(tmp_path / "out")]) == 1
    error = capsys.readouterr().err
    assert f"{path}: {said}" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_an_unknown_model_is_refused_with_those_there_are(
    flair: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["segment", os.fspath(flair), "--out", os.fspath(tmp_path), "--model", "unheard-of"]) == 1
    said = capsys.readouterr().err
    assert "model 'unheard-of' is unknown: choose one of mscohort-2, mscohort-1, mscohort-quick" in said


def test_an_unknown_zone_rule_is_wrong_usage(flair: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["segment", os.fspath(flair), "--out", os.fspath(tmp_path), "--zone-rule", "nearby"])
    assert stopped.value.code == 2
