"""Other tools' masks in one table: the same scores, the same patients, and whatever is missing named."""

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from benchmarks.peers import main

SHAPE = (40, 44, 6)
AFFINE = np.diag([0.9, 0.9, 7.0, 1.0])


def _save(path: Path, values: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(values, AFFINE), path)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return three labelled patients, each with one lesion of 4 x 4 x 2 voxels."""
    rng = np.random.default_rng(0)
    for patient in ("P1", "P2", "P3"):
        labels = np.zeros(SHAPE, np.uint16)
        labels[10:14, 10:14, 2:4] = 65535
        _save(tmp_path / "data" / patient / "three_class_manual.nii.gz", labels)
        image = (1 + rng.random(SHAPE)).astype(np.float32)
        image[:3] = 0
        _save(tmp_path / "data" / patient / "flair_prepared.nii.gz", image)
    return tmp_path / "data"


def _masks(folder: Path, patients: list[str], shift: int, value: int = 1) -> None:
    for patient in patients:
        mask = np.zeros(SHAPE, np.uint8)
        mask[10 + shift : 14 + shift, 10:14, 2:4] = value
        _save(folder / f"{patient}_seg.nii.gz", mask)


def test_tools_are_scored_on_the_patients_all_of_them_have(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _masks(tmp_path / "a", ["P1", "P2", "P3"], 0)
    _masks(tmp_path / "b", ["P1", "P2"], 2, value=2)
    words = ["--data", str(data), "--tool", f"a={tmp_path / 'a'}", "--tool", f"b={tmp_path / 'b'}"]
    main([*words, "--json"])
    said = capsys.readouterr()
    answer = json.loads(said.out)
    dice = {row["tool"]: (row["n"], row["mean"]) for row in answer["summary"] if row["metric"] == "dice"}
    assert dice == {"a": (2, 1.0), "b": (2, 0.5)}
    assert answer["passed_over"] == [{"tool": "b", "patient": "P3", "reason": "no mask whose path contains P3"}]
    assert "b, patient P3: not scored" in said.err
    main(words)
    assert "n = 2 patients that all tools have" in capsys.readouterr().out


def test_masks_that_cannot_be_scored_are_named(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _masks(tmp_path / "a", ["P1"], 0)
    _save(tmp_path / "a" / "P2.nii.gz", np.zeros((2, 2, 2), np.uint8))
    (tmp_path / "a" / "P3.nii").write_bytes(b"no image")
    _save(tmp_path / "a" / "again" / "P1.nii.gz", np.zeros(SHAPE, np.uint8))
    main(["--data", str(data), "--tool", f"a={tmp_path / 'a'}", "--json"])
    reasons = {row["patient"]: row["reason"] for row in json.loads(capsys.readouterr().out)["passed_over"]}
    assert reasons["P1"].startswith("2 masks")
    assert "the labels have (40, 44, 6)" in reasons["P2"]
    assert "cannot be read" in reasons["P3"]


def test_a_folder_that_is_not_there_is_wrong_usage(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--data", str(data), "--tool", "a=nowhere"])
    assert stopped.value.code == 2
    assert "expected NAME=FOLDER" in capsys.readouterr().err
