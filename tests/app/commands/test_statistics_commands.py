"""`mscohort compare`, `strata` and `correlate`: the contract of their JSON, their words, their refusals."""

import json
from pathlib import Path
from typing import Any

import pytest

from app import cli

Capture = pytest.CaptureFixture[str]


def ask(capsys: Capture, store: Path, *words: str) -> dict[str, Any]:
    capsys.readouterr()
    assert cli.main([*words, "--store", str(store), "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    answer = json.loads(out)
    assert isinstance(answer, dict)
    return answer


def told(capsys: Capture, store: Path, *words: str) -> str:
    capsys.readouterr()
    assert cli.main([*words, "--store", str(store)]) == 0
    return capsys.readouterr().out


def refused(capsys: Capture, *words: str) -> tuple[int, str]:
    """Return the exit code and the last line on stderr; stdout must stay empty."""
    capsys.readouterr()
    try:
        code = cli.main(list(words))
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    return code, err.strip().splitlines()[-1]


@pytest.mark.reference
def test_compare_keeps_its_contract(tabriz_store: Path, capsys: Capture) -> None:
    answer = ask(capsys, tabriz_store, "compare", "wmh_ratio_pct")
    assert answer["measure"] == "wmh_ratio_pct"
    assert answer["n"] == {"HC": 999, "MS": 381}
    assert answer["n_missing"] == 0
    tests = {test["name"]: test for test in answer["tests"]}
    assert {"mann_whitney", "welch_t", "adjusted_log_ratio"} <= set(tests)
    keys = {"statistic", "p_value", "p_adjusted", "effect", "effect_size", "ci_low", "ci_high"}
    assert all(keys <= set(test) for test in answer["tests"])
    assert tests["mann_whitney"]["statistic"] == 314758
    assert tests["mann_whitney"]["effect_size"] == pytest.approx(0.653926892772, abs=1e-12)
    assert tests["mann_whitney"]["p_value"] == pytest.approx(4.868302e-79, rel=1e-6)
    assert answer["answer"][0].startswith("MS patients carry 15.1 times (95 % CI 12.5-18.1)")


@pytest.mark.reference
def test_compare_ventricles(tabriz_store: Path, capsys: Capture) -> None:
    answer = ask(capsys, tabriz_store, "compare", "ventricle_ratio_pct")
    tests = {test["name"]: test for test in answer["tests"]}
    assert tests["welch_t"]["statistic"] == pytest.approx(-0.886426, abs=1e-6)
    assert tests["welch_t"]["df"] == pytest.approx(572.887, abs=1e-3)
    assert tests["mann_whitney"]["statistic"] == 172186


@pytest.mark.reference
def test_correlate_keeps_its_contract(tabriz_store: Path, capsys: Capture) -> None:
    answer = ask(capsys, tabriz_store, "correlate", "age_years", "ventricle_ratio_pct")
    assert answer["method"] == "spearman"
    found = {cell["group"]: cell["r"] for cell in answer["cells"]}
    assert found == pytest.approx({"HC": 0.250305681954, "MS": 0.318758850384}, abs=1e-12)
    keys = {"group", "x", "y", "r", "ci_low", "ci_high", "p_value", "p_adjusted", "n"}
    assert keys <= set(answer["cells"][0])
    assert len(answer["differences"]) == 1


@pytest.mark.reference
def test_filters_reach_the_answer(tabriz_store: Path, capsys: Capture) -> None:
    answer = ask(
        capsys, tabriz_store, "compare", "wmh_area_mm2", "--sex", "f", "--age", "18:39", "--lesion-positive",
        "--outliers", "far", "--group", "MS,HC",
    )  # fmt: skip
    assert answer["filters"]["sexes"] == ["F"]
    assert (answer["filters"]["age_min"], answer["filters"]["age_max"]) == (18, 39)
    assert answer["filters"]["lesion_positive"] is True
    assert sum(answer["n"].values()) < 700
    only = ask(capsys, tabriz_store, "compare", "wmh_area_mm2", "--group", "MS", "--age", ":39")
    assert only["n"]["HC"] == 0
    assert all(test["p_value"] is None and test["note"] for test in only["tests"])


@pytest.mark.reference
def test_matched_controls_reach_every_answer_with_their_balance(tabriz_store: Path, capsys: Capture) -> None:
    for words in (
        ["compare", "wmh_ratio_pct"],
        ["strata", "wmh_ratio_pct"],
        ["correlate", "age_years", "wmh_ratio_pct"],
    ):
        answer = ask(capsys, tabriz_store, *words, "--matched", "1", "--caliper", "3")
        assert (answer["filters"]["matched"], answer["filters"]["caliper"]) == (1, 3)
        assert answer["n"]["HC"] == answer["n"]["MS"] > 370
        ages = [row for row in answer["matching"]["balance"] if row["covariate"] == "age_years"]
        assert abs(ages[1]["standardised_difference"]) < 0.1 < abs(ages[0]["standardised_difference"])
    assert "Balance, standardised differences" in told(capsys, tabriz_store, "compare", "wmh_ratio_pct", "--matched")
    assert "matching" not in ask(capsys, tabriz_store, "compare", "wmh_ratio_pct")


@pytest.mark.reference
def test_a_measure_nobody_has_is_null_with_a_reason(tabriz_store: Path, capsys: Capture) -> None:
    answer = ask(capsys, tabriz_store, "compare", "lesion_count")
    assert answer["n_missing"] == 1380
    assert {test["note"] for test in answer["tests"]} != {None}


@pytest.mark.reference
def test_strata_are_printed_with_their_n(tabriz_store: Path, capsys: Capture) -> None:
    answer = ask(capsys, tabriz_store, "strata", "wmh_area_mm2", "--bands", "18-44,45+")
    assert answer["bands"] == ["18-44", "45+"]
    assert len(answer["strata"]) == 8
    assert sum(row["n"] for row in answer["strata"]) + answer["outside"]["age_unknown"] == 1380


@pytest.mark.reference
def test_people_get_words_and_a_table(tabriz_store: Path, capsys: Capture) -> None:
    assert "15.1 times" in told(capsys, tabriz_store, "compare", "wmh_area_mm2")
    assert "fewer than 5 people" in told(capsys, tabriz_store, "strata", "ventricle_ratio_pct")
    said = told(capsys, tabriz_store, "correlate", "age_years", "wmh_area_mm2", "wmh_ratio_pct", "--partial")
    assert "measure the same thing" in said
    assert "(381 MS, 999 HC)" in said


def test_synthetic_data_is_labelled(demo_store: Path, capsys: Capture) -> None:
    assert "Synthetic demonstration data" in told(capsys, demo_store, "compare", "wmh_area_mm2")
    assert ask(capsys, demo_store, "strata", "wmh_area_mm2")["synthetic"] is True


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["compare", "brain"], "invalid choice: 'brain'"),
        (["compare", "wmh_area_mm2", "--group", "PD"], "'PD' is not one of HC, MS"),
        (["compare", "wmh_area_mm2", "--sex", ","], "expected one or more of F, M"),
        (["compare", "wmh_area_mm2", "--age", "39:18"], "'39:18' is not a range of ages"),
        (["compare", "wmh_area_mm2", "--age", "young"], "'young' is not a range of ages"),
        (["compare", "wmh_area_mm2", "--outliers", "all"], "invalid choice: 'all'"),
        (["compare", "wmh_area_mm2", "--matched", "9"], "'9' is not a number of controls per patient, 1 to 5"),
        (["compare", "wmh_area_mm2", "--caliper", "nan"], "'nan' is not a number of years from 0 to 50"),
        (["strata", "wmh_area_mm2", "--bands", "18-39,30+"], "overlap"),
        (["correlate", "age_years"], "two or more different measures"),
        (["correlate", "age_years", "age_years"], "two or more different measures"),
    ],
)
def test_wrong_usage_is_two(words: list[str], said: str, tmp_path: Path, capsys: Capture) -> None:
    code, line = refused(capsys, *words, "--store", str(tmp_path))
    assert code == 2
    assert said in line


@pytest.mark.parametrize("words", [["compare", "wmh_area_mm2"], ["correlate", "age_years", "wmh_area_mm2"]])
def test_an_empty_store_is_one_clear_line(words: list[str], tmp_path: Path, capsys: Capture) -> None:
    code, line = refused(capsys, *words, "--store", str(tmp_path / "none"))
    assert code == 1
    assert line.startswith(f"mscohort {words[0]}: ")


def test_an_unknown_dataset_names_those_there_are(demo_store: Path, capsys: Capture) -> None:
    code, line = refused(capsys, "compare", "wmh_area_mm2", "--dataset", "berlin", "--store", str(demo_store))
    assert code == 1
    assert "no dataset 'berlin'; it has:" in line
