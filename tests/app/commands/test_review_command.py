"""`mscohort review`: a verdict from the command line is the one that pages, filters and norms keep to."""

from pathlib import Path

import pytest

from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from tests.app.commands.test_statistics_commands import ask, refused, told
from tests.db.fake_run import patients, write_run


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    [one, other] = patients(2)
    people = [one, other | {"session": "1"}, other | {"session": "2"}]
    run = write_run(tmp_path / "run", people, derivatives=tmp_path / "files")
    publish_scans(Store(tmp_path / "store"), run, DatasetCard("scans", "Scans"))
    return tmp_path / "store"


def test_a_verdict_is_recorded_and_the_history_is_kept(scans: Path, capsys) -> None:
    assert ask(capsys, scans, "review", "scans/sub-00")["verdict"] is None
    assert ask(capsys, scans, "review", "00", "pass", "--initials", "AB")["recorded"]
    answer = ask(capsys, scans, "review", "scans/sub-00", "fail", "--reason", "motion", "--initials", "CD")
    assert (answer["verdict"], answer["protocol"], len(answer["reviews"])) == ("fail", "mscohort-1", 2)
    text = told(capsys, scans, "review", "00")
    assert "scans/sub-00 (mscohort-1): failed" in text
    assert "failed, CD: motion" in text
    assert "passed, AB (does not count" in text
    with Store(scans).read() as snapshot:
        assert dict(snapshot.scans().select("scan_id", "reader_verdict").rows())["scans/sub-00"] == "fail"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nobody"], 1, "the store holds no scan 'nobody'"),
        (["01", "pass", "--initials", "AB"], 1, "'01' is several scans: scans/sub-01_ses-1 (mscohort-1)"),
        (["00", "pass", "--initials", "AB", "--protocol", "p"], 1, "no scan '00' measured under p"),
        (["00", "fail", "--initials", "AB"], 1, "'fail' needs a reason"),
        (["00", "pass"], 1, "initials are one to five letters"),
        (["00", "good"], 2, "invalid choice: 'good'"),
    ],
)
def test_what_is_no_verdict_is_one_line(scans: Path, capsys, words: list[str], code: int, said: str) -> None:
    found, line = refused(capsys, "review", *words, "--store", str(scans))
    assert (found, said in line) == (code, True), line
    with Store(scans).read() as snapshot:
        assert snapshot.reviews().is_empty()
