"""`mscohort change`: one line where there is nothing to compare."""

from pathlib import Path

import pytest

from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from tests.app.commands.test_statistics_commands import ask, refused, told
from tests.db.fake_run import patients, write_run


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
