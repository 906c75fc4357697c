import json
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from app import cli
from pipeline.errors import ImageMissing
from pipeline.inputs.discovery import survey
from pipeline.inputs.remote import bring, is_remote
from tests.pipeline.small_scans import write_small_scan

ADDRESS = "memory://clinic/study"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[fsspec.AbstractFileSystem]:
    """A place elsewhere with two people, one without a code above the image, and what nobody looks for."""
    filesystem = fsspec.filesystem("memory")
    for seed, subject in enumerate(("sub-01", "sub-02")):
        image = write_small_scan(tmp_path / "made" / f"{subject}_FLAIR.nii.gz", seed)
        filesystem.pipe_file(f"/clinic/study/{subject}/anat/{subject}_FLAIR.nii.gz", image.read_bytes())
    filesystem.pipe_file("/clinic/study/participants.tsv", b"participant_id\tgroup\tsex\tage\nsub-01\tMS\tF\t31\n")
    filesystem.pipe_file("/clinic/study/.hidden/key", b"x")
    filesystem.pipe_file("/clinic/study/derivatives/sub-01/masks.nii.gz", b"x")
    yield filesystem
    filesystem.rm("/clinic", recursive=True)


@pytest.mark.usefixtures("place")
def test_a_study_elsewhere_is_copied_whole_and_read_like_one_here(tmp_path: Path) -> None:
    brought = bring(ADDRESS, tmp_path)
    assert (brought.copied, brought.kept) == (3, 0)
    assert sorted(name.removeprefix(ADDRESS) for name, _ in brought.left) == [
        "/.hidden/key",
        "/derivatives/sub-01/masks.nii.gz",
    ]
    scans = survey([brought.path]).scans
    assert [(scan.subject_id, scan.group, scan.age_years) for scan in scans] == [("01", "MS", 31.0), ("02", None, None)]
    assert not [file for file in tmp_path.rglob("*") if file.name.startswith(".sub")]


def test_what_did_not_change_there_is_not_copied_again(place: fsspec.AbstractFileSystem, tmp_path: Path) -> None:
    bring(ADDRESS, tmp_path)
    place.pipe_file("/clinic/study/participants.tsv", b"participant_id\tgroup\tsex\tage\nsub-01\tHC\tF\t32\n")
    again = bring(ADDRESS, tmp_path)
    assert (again.copied, again.kept) == (1, 2)
    assert "HC" in (again.path / "participants.tsv").read_text()


def test_a_copy_that_was_cut_short_is_fetched_anew(place: fsspec.AbstractFileSystem, tmp_path: Path) -> None:
    first = bring(ADDRESS, tmp_path)
    note = first.path.with_name(f".{first.path.name}.copied")
    note.write_text(note.read_text()[:-20])
    assert bring(ADDRESS, tmp_path).copied == 1


def test_folders_of_this_machine_name_nobody(place: fsspec.AbstractFileSystem, tmp_path: Path) -> None:
    place.pipe_file("/clinic/study2/FLAIR.nii.gz", place.cat_file("/clinic/study/sub-01/anat/sub-01_FLAIR.nii.gz"))
    found = survey([bring("memory://clinic/study2", tmp_path / "P07" / "results").path])
    assert not found.scans
    assert "P07" not in found.refused[0].reason


def test_one_file_elsewhere(place: fsspec.AbstractFileSystem, tmp_path: Path) -> None:
    brought = bring(f"{ADDRESS}/sub-01/anat/sub-01_FLAIR.nii.gz", tmp_path)
    assert [scan.subject_id for scan in survey([brought.path]).scans] == ["01"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("memory://nobody/here", "nothing is there"),
        ("gopher://x/y", "expected a path of this machine or an address"),
    ],
)
def test_one_line_for_an_address_that_leads_nowhere(address: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ImageMissing, match=said):
        bring(address, tmp_path)
    assert not list(tmp_path.iterdir())


def test_without_fsspec_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "fsspec.core", None)
    with pytest.raises(ImageMissing, match=r"mscohort\[remote\]"):
        bring(ADDRESS, tmp_path)


def test_paths_of_this_machine_are_no_addresses() -> None:
    assert not any(is_remote(path) for path in ("a.nii", "/data/x", r"C:\data", "C:/data", "./s3:/x"))


@pytest.mark.usefixtures("place")
def test_a_dry_run_says_what_was_fetched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["ingest", ADDRESS, "--dry-run", "--out", str(tmp_path / "out"), "--store", str(tmp_path / "store")]
    assert cli.main([*words, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [item["n_copied"] for item in answer["fetched"]] == [3]
    assert [scan["subject_id"] for scan in answer["scans"]] == ["01", "02"]
    assert cli.main(words) == 0
    told = capsys.readouterr().out
    assert f"{ADDRESS}: 0 files copied (0.0 MiB), 3 here before" in told
    assert f"not copied: {ADDRESS}/.hidden/key: hidden file" in told
