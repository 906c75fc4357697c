"""`mscohort change`: one line where there is nothing to compare."""

from pathlib import Path

import nibabel
import numpy as np
import pytest

from app.lesion_visits import FILES
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from pipeline.registration.affine import greedy_found
from tests.app.commands.test_statistics_commands import ask, refused, told
from tests.db.fake_run import patients, write_run
from tests.pipeline.registration.test_visits import COMES, GOES, STAY, visit


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nobody"], "the store holds no scan"),
        (["DEMO-0001"], "the store holds no scan"),
        (["DEMO-0001", "--dataset", "berlin"], "no dataset 'berlin'"),
        (["DEMO-0001", "--rescans", "berlin"], "no dataset 'berlin'"),
    ],
)
def test_nothing_to_compare_is_one_line(demo_store: Path, capsys, words: list[str], said: str) -> None:
    code, line = refused(capsys, "change", *words, "--store", str(demo_store))
    assert (code, said in line) == (1, True), line


@pytest.fixture(scope="module")
def two_visits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of a person seen twice and one seen once; every number is made up."""
    folder = tmp_path_factory.mktemp("visits")
    [one, other] = patients(2)
    run = write_run(folder / "run", [one | {"session": "1"}, one | {"session": "2"}, other], derivatives=folder / "d")
    publish_scans(Store(folder / "store"), run, DatasetCard("scans", "Scans"))
    return folder / "store"


def test_two_visits_are_compared(two_visits: Path, capsys) -> None:
    answer = ask(capsys, two_visits, "change", "00")
    assert [visit["session"] for visit in answer["visits"]] == ["1", "2"]
    load = next(row for row in answer["changes"] if row["measure"] == "wmh_volume_ml")
    assert (load["ratio"], load["beyond_bound"], load["refused"]) == (pytest.approx(1.0), False, None)
    assert load["bound_factor"] == pytest.approx(1.79, abs=0.01)
    assert "a lower bound" in answer["within"]["wmh_volume_ml"]["source"]
    assert "within what measuring again gives" in told(capsys, two_visits, "change", "00")
    code, line = refused(capsys, "change", "01", "--store", str(two_visits))
    assert (code, "the store holds one scan" in line) == (1, True)


@pytest.mark.skipif(not greedy_found(), reason="needs requirements/regions.txt")
def test_planted_lesions_are_listed_as_candidates(tmp_path: Path, capsys) -> None:
    person = patients(1)[0]
    people = [person | {"session": session} for session in "12"]
    run = write_run(tmp_path / "run", people, derivatives=tmp_path / "d")
    publish_scans(Store(tmp_path / "store"), run, DatasetCard("scans", "Scans"))
    for session, places in (("1", [*STAY, *GOES]), ("2", [*STAY, *COMES])):
        made, stem = visit(places, earlier=session == "1"), f"sub-00_ses-{session}"
        folder = tmp_path / "d" / stem.replace("_", "/") / "anat"
        folder.mkdir(parents=True)
        for ending, volume in zip(FILES, (made.image, made.brain, 2 * made.lesions), strict=True):
            nibabel.save(nibabel.Nifti1Image(volume.astype(np.float32), made.affine), folder / f"{stem}_{ending}")
    answer = ask(capsys, tmp_path / "store", "change", "00", "--lesions")
    [pair] = answer["lesions"]
    assert pair["counts"] == {"new": 2, "enlarged": 0, "vanished": 1}
    assert [one["verdict"] for one in pair["candidates"]] == [None, None, None]
    store = tmp_path / "store"
    assert "3 candidates (2 new, 0 enlarged, 1 gone); no reader" in told(capsys, store, "change", "00", "--lesions")
    answer = ask(capsys, store, "change", "00", "--verdict", "1=yes", "--verdict", "3=unsure", "--initials", "AB")
    [pair] = answer["lesions"]
    assert [one["verdict"] for one in pair["candidates"]] == ["yes", None, "unsure"]
    assert pair["verdicts"]["new"] == {"yes": 1, "no": 0, "unsure": 0, "not_looked_at": 1}
    assert "says yes to 1, is unsure of 1, looked at 2 of 3" in told(capsys, store, "change", "00", "--lesions")
    for words, said in (
        (["--verdict", "4=yes", "--initials", "AB"], "there is no candidate 4; the last two visits have 3"),
        (["--verdict", "1=no"], "initials are one to five letters"),
    ):
        code, line = refused(capsys, "change", "00", *words, "--store", str(store))
        assert (code, said in line) == (1, True), line
    for words in (["--verdict", "1"], ["--verdict", "1=maybe"], ["--verdict", "1=yes", "--verdict", "1=no"]):
        assert refused(capsys, "change", "00", *words, "--store", str(store))[0] == 2
    out = tmp_path / "out"
    assert ask(capsys, store, "export", str(out))["files"]
    rows = (out / "lesion_reviews.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 3
    assert "verdict" in rows[0]


def test_moved_files_are_one_line(two_visits: Path, capsys) -> None:
    code, line = refused(capsys, "change", "00", "--lesions", "--store", str(two_visits))
    assert (code, "missing or cannot be read" in line) == (1, True)
