"""The comparison pages and commands on scans: of one group only, of people nobody described, with several sessions."""

import json
import os
from pathlib import Path

import pytest

from app import cli
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from tests.app.views.conftest import OpenPage, answer_of
from tests.db.fake_run import Person, patients, write_run

COMPARISONS = ("overview", "compare", "age_sex", "correlations", "zones")


def _store(folder: Path, people: list[Person]) -> Path:
    run = write_run(folder / "run", people, derivatives=folder / "derivatives")
    publish_scans(Store(folder / "store"), run, DatasetCard("scans", "Scans"))
    return folder / "store"


@pytest.fixture(scope="module")
def ten_patients(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _store(tmp_path_factory.mktemp("ten"), list(patients(10)))


@pytest.fixture(scope="module")
def undescribed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _store(tmp_path_factory.mktemp("undescribed"), [{"subject_id": "a"}, {"subject_id": "b", "group": "MS"}])


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    again = patients(1)[0] | {"session": "2"}
    return _store(tmp_path_factory.mktemp("mixed"), [*patients(6), again, {"subject_id": "x"}])


@pytest.mark.parametrize("name", COMPARISONS)
def test_a_page_answers_for_one_group(name: str, open_page: OpenPage, ten_patients: Path) -> None:
    page = open_page(name, ten_patients)
    assert not page.exception
    assert "MS" in answer_of(page)


@pytest.mark.parametrize("name", COMPARISONS)
def test_a_page_explains_that_nobody_is_described(name: str, open_page: OpenPage, undescribed: Path) -> None:
    page = open_page(name, undescribed)
    assert not page.exception
    assert page.header[0].value == "Nobody here has a group and a sex"
    assert "--participants" in page.markdown[-1].value


def test_the_flow_counts_who_is_left_out(open_page: OpenPage, mixed: Path) -> None:
    page = open_page("overview", mixed)
    assert not page.exception
    assert answer_of(page).startswith('<p class="answer">6 people: 6 people with multiple sclerosis')
    who = next(element.proto.body for element in page.get("html") if 'class="who"' in element.proto.body)
    assert "1 without group or sex" in who
    assert "1 later scan of the same people" in who


@pytest.mark.parametrize(
    "command", ["compare wmh_ratio_pct", "strata wmh_ratio_pct", "correlate wmh_ratio_pct age_years"]
)
def test_a_command_says_how_many_are_left_out(command: str, mixed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*command.split(), "--store", os.fspath(mixed)]) == 0
    assert "1 scans without group or sex are left out" in capsys.readouterr().out
    assert cli.main([*command.split(), "--store", os.fspath(mixed), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["n_without_group_or_sex"] == 1
    assert said["n"] == {"HC": 0, "MS": 6}
