"""`mscohort regions` and `mscohort atlas`: from a file to loads by region; refusals in one line."""

import json
import os
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from app import cli
from app.commands import segment_command
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from pipeline.inputs.nifti import read_scan, write_like
from tests.db.fake_run import patients, write_run
from tests.pipeline.regions.test_atlas import NAMES, brain, labels, write
from tests.pipeline.registration.head import AFFINE, head


@pytest.fixture
def flair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scan of the average head with a lesion on the left, and a stand-in for its segmentation, which is known."""
    path = tmp_path / "sub-1_FLAIR.nii"
    nib.save(nib.Nifti1Image(head().image, AFFINE), path)
    scan = read_scan(path)
    found = head().ventricle.astype(np.uint8)
    x, y, z = np.round((np.linalg.inv(head().to_template @ AFFINE) @ [-30, 20, 30, 1])[:3]).astype(int)
    found[x - 2 : x + 3, y - 2 : y + 3, z] = 2

    def segmented(args):
        args.out.mkdir(parents=True, exist_ok=True)
        return {
            "labels": os.fspath(write_like(found, scan, args.out / "sub-1_desc-tissue_dseg.nii.gz")),
            "brain": os.fspath(write_like(head().brain, scan, args.out / "sub-1_desc-brain_mask.nii.gz")),
            "seconds": {"segment": 1.0},
            "flags": [],
            "model": "stand-in",
        }

    monkeypatch.setattr(segment_command, "run", segmented)
    return path


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, dict, str]:
    code = cli.main([*map(os.fspath, words), "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else {}, said.err


def test_loads_add_up_and_left_is_left(flair: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found, _ = run(capsys, "regions", flair, "--out", tmp_path / "out", "--store", tmp_path / "store")
    assert code == 0
    loads = {(r["name"], r["side"]): r["lesion_volume_ml"] for r in found["regions"]}
    assert sum(loads.values()) + found["unassigned_ml"] == pytest.approx(found["wmh_volume_ml"])
    frontal_left = sum(ml for (name, side), ml in loads.items() if name.startswith("frontal") and side == "left")
    assert frontal_left == pytest.approx(25 * 1.1 * np.hypot(1.1, 0) * 7 / 1000, rel=0.01)
    assert found["brain_overlap"] > 0.95
    written = read_scan(Path(found["labels"])).data
    assert (written > 0).sum() == 25
    names = Path(found["table"]).read_text(encoding="utf-8").splitlines()
    assert names[0] == "index\tname\tside"
    assert len(names) == 1 + len(found["regions"])


def test_an_unknown_atlas_is_named_before_anything_is_measured(
    flair: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(
        capsys, "regions", flair, "--out", tmp_path / "out", "--atlas", "none", "--store", tmp_path / "store"
    )
    assert code == 1
    assert "no atlas 'none'; known: bullseye" in err
    assert not (tmp_path / "out").exists()


def test_an_atlas_is_added_listed_and_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = ("--store", tmp_path / "store")
    (tmp_path / "names.txt").write_text(NAMES.replace("3 ARCH 1 2 3 255\n", ""), encoding="utf-8")
    parts = (
        *("--labels", write(tmp_path / "labels.nii", labels())),
        *("--table", tmp_path / "names.txt"),
        *("--template", write(tmp_path / "template.nii", brain(), np.float32)),
        *("--space", "test space"),
    )
    code, _, err = run(capsys, "atlas", "add", "mine", *parts, *store)
    assert (code, "has no name for number 3" in err) == (1, True)
    code, added, _ = run(capsys, "atlas", "add", "mine", *parts, "--name", "3=ARCH", *store)
    assert (code, added["n_regions"], added["sides"]) == (0, 3, {"left": 1, "right": 1, "both": 1})
    listed = run(capsys, "atlas", "list", *store)[1]["atlases"]
    assert [(atlas["name"], atlas["space"]) for atlas in listed] == [("bullseye", "ICBM152"), ("mine", "test space")]
    assert run(capsys, "atlas", "remove", "mine", *store)[0] == 0
    assert len(run(capsys, "atlas", "list", *store)[1]["atlases"]) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("add",), "needs the atlas' NAME"),
        (("add", "x", "--space", "s"), "add needs --labels, --table, --template"),
        (("remove",), "needs the atlas' NAME"),
    ],
)
def test_what_is_not_given_is_asked_for(
    words: tuple[str, ...], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, "atlas", *words, "--store", tmp_path / "store")
    assert code == 2
    assert message in err


def test_a_scan_in_the_store_answers_without_being_measured_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = write_run(tmp_path / "run", patients(2), derivatives=tmp_path / "files", no_regions=[1])
    publish_scans(Store(tmp_path / "store"), made, DatasetCard("scans", "Scans"))
    code, found, _ = run(capsys, "regions", "scans/sub-00", "--store", tmp_path / "store")
    assert code == 0
    assert (found["atlas"], found["brain_overlap"]) == ("bullseye", 0.95)
    total = sum(r["lesion_volume_ml"] for r in found["regions"]) + found["unassigned_ml"]
    assert total == pytest.approx(found["wmh_volume_ml"], abs=1e-9)
    assert [row[:2] for row in found["to_template"][:2]] == [[1.0, 0.0], [0.0, 1.0]]
    code, _, err = run(capsys, "regions", "scans/sub-01", "--store", tmp_path / "store")
    assert (code, "has no regions: no overlap" in err) == (1, True)
    code, _, err = run(capsys, "regions", "scans/sub-77", "--store", tmp_path / "store")
    assert (code, "neither a file nor a scan in the store" in err) == (1, True)
    code, _, err = run(capsys, "regions", "scans/sub-00", "--atlas", "mine", "--store", tmp_path / "store")
    assert (code, "give the file" in err) == (2, True)
    assert cli.main(["regions", "scans/sub-00", "--store", os.fspath(tmp_path / "store")]) == 0
    assert "frontal, left" in capsys.readouterr().out


def test_stored_scans_whose_files_are_gone_are_left_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = write_run(tmp_path / "run", patients(3), derivatives=tmp_path / "files", no_regions=[1])
    publish_scans(Store(tmp_path / "store"), made, DatasetCard("scans", "Scans"))
    live = Store(tmp_path / "store").current()
    code, found, _ = run(capsys, "regions", "scans", "--missing", "--store", tmp_path / "store")
    assert code == 0
    assert (found["n_scans"], found["n_had_them"], found["scans"], found["store_version"]) == (3, 2, [], None)
    assert [row["scan"] for row in found["left"]] == ["scans/sub-01"]
    assert Store(tmp_path / "store").current() == live
    code, _, err = run(capsys, "regions", "nothing", "--missing", "--store", tmp_path / "store")
    assert (code, "no dataset 'nothing'" in err) == (1, True)
