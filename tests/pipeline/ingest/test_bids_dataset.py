"""The folder of results as others read it: valid BIDS, labels named, people listed, nothing of a source's free text."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from pipeline.ingest.bids_dataset import write_participants
from pipeline.ingest.ingest import ingest
from pipeline.inputs.discovery import survey
from tests.pipeline.small_scans import AFFINE, prepare_stand_in, small_volume, write_small_scan

VALIDATOR = Path(sys.executable).with_name("bids-validator-deno")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of results: a visit, a code with a hyphen, an extracted brain, a header full of words."""
    folder = tmp_path_factory.mktemp("bids")
    write_small_scan(folder / "in" / "sub-1" / "ses-2" / "anat" / "sub-1_ses-2_FLAIR.nii.gz", 1)
    write_small_scan(folder / "in" / "P-2" / "FLAIR_brain.nii.gz", 2)
    wordy = nib.Nifti1Image(np.round(small_volume(3)).astype(np.int16), AFFINE)
    for field, text in (
        ("descrip", b"Secret Name"),
        ("aux_file", b"Secret"),
        ("intent_name", b"Secret"),
        ("db_name", b"Secret"),
    ):
        wordy.header[field] = text
    wordy.header.extensions.append(nib.nifti1.Nifti1Extension("comment", b"Secret Name, born 1970"))
    nib.save(wordy, folder / "in" / "P3_FLAIR.nii")
    (folder / "in" / "participants.tsv").write_text("participant_id\tsex\tgroup\tage\nsub-1\tF\tMS\t40\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.ingest.ingest.prepare", prepare_stand_in)
        found = survey([folder / "in"])
        ingest(found.scans, folder / "out", rejections=found.refused, workers=1)
    return folder / "out"


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines(), delimiter="\t"))


@pytest.mark.skipif(not VALIDATOR.exists(), reason="needs bids-validator-deno, of the dev requirements")
def test_the_bids_validator_finds_no_error(results: Path) -> None:
    done = subprocess.run([VALIDATOR, results, "--json"], capture_output=True, text=True, check=False)
    issues = json.loads(done.stdout)["issues"]["issues"]
    assert [issue for issue in issues if issue["severity"] == "error"] == []
    assert len({issue["code"] for issue in issues}) < 8  # it did look


def test_labels_are_named(results: Path) -> None:
    rows = _rows(results / "desc-zones_dseg.tsv")
    assert [(row["index"], row["name"]) for row in rows] == [
        ("0", "Background"),
        ("1", "Periventricular"),
        ("2", "Paraventricular"),
        ("3", "Juxtacortical"),
    ]


def test_people_are_listed_with_their_codes(results: Path) -> None:
    rows = _rows(results / "participants.tsv")
    assert [(row["participant_id"], row["code"], row["group"], row["age"]) for row in rows] == [
        ("sub-1", "1", "MS", "40"),
        ("sub-P2", "P-2", "n/a", "n/a"),
        ("sub-P3", "P3", "n/a", "n/a"),
    ]
    before = (results / "participants.tsv").read_bytes()
    write_participants(results, [])
    assert (results / "participants.tsv").read_bytes() == before


def test_an_extracted_brain_is_said(results: Path) -> None:
    said = [json.loads(path.read_text()) for path in sorted(results.rglob("*desc-display_FLAIR.json"))]
    assert [one["SkullStripped"] for one in said] == [False, True, False]


def test_of_a_sources_header_only_geometry_is_left(results: Path) -> None:
    images = sorted((results / "sub-P3").rglob("*.nii.gz"))
    assert len(images) == 5
    for path in images:
        image = nib.load(path)
        assert b"Secret" not in image.header.binaryblock
        assert list(image.header.extensions) == []
        assert np.allclose(image.affine, AFFINE)
