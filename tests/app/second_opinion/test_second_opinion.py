"""The check with pingouin: the same numbers, found by a process of its own; and what is said when there is none."""

import json
import sys
from pathlib import Path

import polars as pl
import pytest

from analysis.comparison import compare
from analysis.correlation import correlate
from analysis.covariates import with_covariates
from app import cli
from app.second_opinion import ask
from app.second_opinion.ask import CheckFailed, Question, second_opinion
from app.second_opinion.questions import about_comparison, about_correlations

pytest.importorskip("pingouin")


@pytest.mark.reference
def test_every_test_both_have_agrees(released_frame: pl.DataFrame) -> None:
    questions = []
    for name in ("wmh_ratio_pct", "ventricle_ratio_pct", "periventricular_share_pct"):
        found, untested = about_comparison(released_frame, name, compare(released_frame, name), "holm")
        questions += found
        assert "Varies with age?" in untested
        assert ("Adjusted ratio" in untested) == (name == "wmh_ratio_pct")
    check = second_opinion(questions, [])
    assert check["max_abs_difference"] < 1e-9
    assert len(check["rows"]) >= 36
    assert [row for row in check["rows"] if row["note"] and "largest" not in row["note"]] == []


@pytest.mark.reference
def test_correlations_agree(released_frame: pl.DataFrame) -> None:
    variables = ["age_years", "sex", "ventricle_ratio_pct", "periventricular_share_pct"]
    questions = []
    for method in ("spearman", "pearson"):
        for partial in (False, True):
            cells = correlate(released_frame, variables, method, partial, "bh")  # type: ignore[arg-type]
            questions += about_correlations(released_frame, cells, "bh")[0]
    check = second_opinion(questions, [])
    assert check["max_abs_difference"] < 1e-9
    assert len(check["rows"]) == 4 * (2 * 12 + 1)


def test_adjustments_agree(people) -> None:
    frame = people(
        group=["HC", "MS"] * 20,
        age=[20.0 + i for i in range(40)],
        ventricle=[300.0 + 7 * (i % 11) + 9 * (i % 2) for i in range(40)],
    )
    questions = []
    for adjustment in ("holm", "bonferroni", "bh"):
        tests = compare(frame, "ventricle_area_mm2", adjustment)
        questions += about_comparison(frame, "ventricle_area_mm2", tests, adjustment)[0]
    rows = [row for row in second_opinion(questions, [])["rows"] if row["number"] == "p adjusted"]
    assert [row["difference"] < 1e-12 for row in rows] == [True] * 3
    assert all(row["note"].startswith("largest of") for row in rows)


def test_covariates_are_asked_about_too(people) -> None:
    frame = people(
        group=["HC", "MS"] * 20,
        age=[20.0 + i for i in range(40)],
        ventricle=[300.0 + 7 * (i % 11) + 9 * (i % 2) for i in range(40)],
    ).with_columns(site=pl.Series(["A", "B", "C", "A"] * 10))
    with_site = with_covariates(frame, ["site"])
    questions, _ = about_comparison(with_site, "ventricle_area_mm2", compare(with_site, "ventricle_area_mm2"), "holm")
    [adjusted] = [question for question in questions if question.label == "Adjusted ratio (coefficient)"]
    # Four columns of age, two sites against the most frequent one, the group: nobody's sex or head size varies.
    assert len(adjusted.asked["columns"]) == 7
    assert second_opinion([adjusted], [])["max_abs_difference"] < 1e-9


def test_a_wrong_number_of_ours_is_found() -> None:
    asked = {"kind": "mann_whitney", "x": [3.0, 4.0, 5.0], "y": [1.0, 2.0, 3.5]}
    check = second_opinion([Question("Mann-Whitney", asked, {"statistic": 7.0, "effect_size": 7 / 9})], [])
    rows = {row["number"]: row for row in check["rows"]}
    # U of the first: 3 is above 1 and 2, 4 and 5 above all three.
    assert (rows["statistic"]["theirs"], rows["statistic"]["difference"]) == (8, 1)
    assert check["max_abs_difference"] == 1


def test_what_pingouin_cannot_do_is_said_in_its_words() -> None:
    check = second_opinion([Question("Shapiro", {"kind": "shapiro", "x": [1.0]}, {"p_value": 0.5})], ["Odds"])
    assert check["rows"][0]["theirs"] is None
    assert check["rows"][0]["note"]
    assert (check["max_abs_difference"], check["untested"]) == (None, ["Odds"])


def test_without_pingouin_one_clear_line_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, demo_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ask, "find_spec", lambda _name: None)
    assert cli.main(["compare", "wmh_ratio_pct", "--check", "--store", str(demo_store)]) == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert said == [f"mscohort compare: {ask.NOT_INSTALLED}"]


@pytest.mark.parametrize(
    ("program", "reason"), [("import sys; sys.exit('no table')", "no table"), ("raise OSError", "OSError")]
)
def test_a_process_that_fails_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, reason: str
) -> None:
    child = tmp_path / "child.py"
    child.write_text(program)
    monkeypatch.setattr(ask, "CHILD", child)
    with pytest.raises(CheckFailed, match=reason):
        second_opinion([], [])


def test_the_command_prints_both_numbers_and_never_imports_pingouin(
    demo_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded = "pingouin" in sys.modules
    words = [
        "correlate",
        "age_years",
        "ventricle_ratio_pct",
        "--check",
        "--adjust",
        "bonferroni",
        "--store",
        str(demo_store),
    ]
    assert cli.main([*words, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["check"]["max_abs_difference"] < 1e-9
    assert answer["cells"][0]["p_adjusted"] == pytest.approx(min(1, 2 * answer["cells"][0]["p_value"]))
    assert ("pingouin" in sys.modules) == loaded
    assert cli.main(words) == 0
    told = capsys.readouterr().out
    assert "Checked with pingouin" in told
    assert "p adjusted by Bonferroni" in told
