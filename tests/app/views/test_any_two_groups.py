"""Compare of any two groups: values of a column, ranges of a number, saved cohorts; page and command agree."""

import json
import os
from pathlib import Path

import pytest

from app import cli
from db.store import Store
from tests.app.views.conftest import OpenPage, answer_of, tables_of, text_of

N = 60


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Return a store of a table with a category and a number beside the measures; SPMS has twice the load of RRMS."""
    rows = ["subject_id,group,sex,age_years,intracranial_area_mm2,ventricle_area_mm2,wmh_area_mm2,course,year"]
    for i in range(N):
        group, course = ("HC", "") if i % 3 == 0 else ("MS", "RRMS" if i % 3 == 1 else "SPMS")
        load = {"": 20, "RRMS": 200, "SPMS": 400}[course] + 7 * (i % 11)
        person = f"P{i:03},{group},{'FM'[i // 3 % 2]},{20 + i // 2}"
        rows.append(f"{person},{110000 + 100 * i},{400 + i},{load},{course},{2018 + i % 8}")
    table = tmp_path / "t.csv"
    table.write_text("\n".join(rows) + "\n")
    words = ["import", os.fspath(table), "--protocol", "own-1", "--dataset", "t", "--store", os.fspath(tmp_path / "s")]
    assert cli.main([*words, "--extra", "course", "--extra", "year"]) == 0
    return tmp_path / "s"


def asked(store: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    capsys.readouterr()
    assert cli.main([*words, "--store", os.fspath(store), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_page_and_command_say_the_same_of_two_values(
    store: Path, open_page: OpenPage, capsys: pytest.CaptureFixture[str]
) -> None:
    found = asked(store, capsys, "compare", "wmh_ratio_pct", "--between", "course=SPMS,RRMS")
    page = open_page("compare", store, between="course", first="SPMS", second="RRMS")
    assert not page.exception
    assert found["answer"][0].split(" (")[0] in answer_of(page)
    assert "SPMS carry" in answer_of(page)
    assert "RRMS of the same age" in answer_of(page)
    assert found["n"] == {"HC": 20, "MS": 20}
    assert found["groups"]["HC"]["name"] == "RRMS"
    headings = list(tables_of(page)[0].columns)
    assert "n SPMS" in headings
    assert "ratio SPMS / RRMS" in list(tables_of(page)[0]["Effect"])
    for words in (answer_of(page), *tables_of(page)[0]["Effect"]):
        assert " HC" not in words
        assert "controls" not in words
    assert "SPMS (n = 20) with RRMS (n = 20)" in text_of(page)


def test_ranges_of_a_number_make_groups(store: Path, open_page: OpenPage) -> None:
    page = open_page("compare", store, between="year", first="2022:", second=":2021")
    assert not page.exception
    assert "year 2022 or more" in answer_of(page).lower()


def test_an_incomplete_choice_compares_ms_and_hc(store: Path, open_page: OpenPage) -> None:
    page = open_page("compare", store, between="year")
    assert not page.exception
    assert "MS patients carry" in answer_of(page)
    page = open_page("compare", store, between="course", first="RRMS", second="RRMS")
    assert "Choose two different values" in page.info[0].value


def test_people_in_both_groups_are_in_neither_and_counted(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, ages in (("younger", ":40"), ("older", "35:")):
        asked(store, capsys, "cohort", "save", name, "--age", ages)
    found = asked(store, capsys, "compare", "ventricle_ratio_pct", "--cohorts", "older,younger")
    both = found["groups"]["n_in_both"]
    assert both == sum(35 <= 20 + i // 2 <= 40 for i in range(N))
    assert found["n"]["MS"] + found["n"]["HC"] + both == N


def test_a_saved_cohort_is_a_rule_with_a_hash(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = asked(store, capsys, "cohort", "save", "women with MS", "--sex", "F", "--group", "MS")
    assert (saved["changed"], saved["n"]) == (True, {"HC": 0, "MS": 20})
    again = asked(store, capsys, "cohort", "save", "women with MS", "--sex", "F", "--group", "MS")
    assert (again["changed"], again["rule_sha256"]) == (False, saved["rule_sha256"])
    [held] = asked(store, capsys, "cohort", "list")["cohorts"]
    assert held["rule_sha256"] == saved["rule_sha256"]
    used = asked(store, capsys, "compare", "wmh_ratio_pct", "--cohort", "women with MS", "--age", ":30")
    assert used["n"]["HC"] == 0
    assert used["filters"]["cohort"]["name"] == "women with MS"
    assert "of the cohort women with MS (multiple sclerosis, women)" in used["filter_text"]
    with Store(store).read() as snapshot:
        assert snapshot.audit()["saved_cohort_rule_hash"] == 0
    assert cli.main(["cohort", "save", "women with MS", "--sex", "M", "--store", os.fspath(store)]) == 1
    assert "saved already, with another rule" in capsys.readouterr().err
    asked(store, capsys, "cohort", "remove", "women with MS")
    assert cli.main(["compare", "wmh_ratio_pct", "--cohort", "women with MS", "--store", os.fspath(store)]) == 1
    assert "no cohort 'women with MS' is saved; there is: none" in capsys.readouterr().err


def test_a_cohort_is_saved_chosen_and_forgotten_on_the_page(store: Path, open_page: OpenPage) -> None:
    page = open_page("compare", store, sex=["F"])
    page.text_input(key="cohort-name").set_value("only  women").run()
    page.button(key="cohort-save").click().run()
    assert page.success[0].value.startswith("Saved: only women, 30 people")
    chosen = open_page("compare", store, cohort="only women")
    assert "(cohort only women)" in answer_of(chosen)
    chosen.button(key="cohort-remove").click().run()
    assert not chosen.exception
    assert "no longer saved" in chosen.success[0].value


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--between", "course=SPMS"), "is not COLUMN=A,B"),
        (("--between", "course=SPMS,PPMS"), "nobody has course 'PPMS'; there is: RRMS, SPMS"),
        (("--between", "course=SPMS,SPMS"), "both groups are called 'SPMS'"),
        (("--between", "stage=1,2"), "no column 'stage'"),
        (("--cohorts", "a"), "takes two names"),
        (("--cohorts", "a,b"), "no cohort 'a' is saved"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    store: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, str], line: str
) -> None:
    assert cli.main(["compare", "wmh_ratio_pct", *words, "--store", os.fspath(store)]) == 1
    said = capsys.readouterr().err
    assert line in said
    assert "Traceback" not in said
