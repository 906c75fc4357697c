"""The page Correlations by AppTest; what its figures show is tested beside the figures."""

from pathlib import Path

import pytest

from tests.app.views.conftest import OpenPage, answer_of, tables_of, text_of


def test_opens_with_the_clearest_difference(open_page: OpenPage, tabriz_store: Path) -> None:
    page = open_page("correlations", tabriz_store)
    assert not page.exception
    assert "age with white matter hyperintensity (WMH) ratio: r 0.23" in answer_of(page)
    assert "n = 380" in answer_of(page)
    assert page.selectbox(key="pair").value == "age_years~wmh_ratio_pct"


def test_chosen_pair_is_told(open_page: OpenPage, tabriz_store: Path) -> None:
    page = open_page("correlations", tabriz_store)
    page.selectbox(key="pair").select("age_years~ventricle_ratio_pct").run()
    assert not page.exception
    assert "r 0.32, 95 % CI 0.22-0.41, n = 380 in MS patients" in text_of(page)


def test_pair_survives_taking_its_variable_away(open_page: OpenPage, demo_store: Path) -> None:
    page = open_page("correlations", demo_store, pair="age_years~wmh_ratio_pct")
    page.multiselect(key="variables").set_value(["sex", "ventricle_ratio_pct"]).run()
    assert not page.exception
    assert page.selectbox(key="pair").value == "sex~ventricle_ratio_pct"


@pytest.mark.parametrize("variables", [[], ["age_years"]])
def test_too_few_variables_say_what_to_do(open_page: OpenPage, demo_store: Path, variables: list[str]) -> None:
    page = open_page("correlations", demo_store, variables=variables)
    assert not page.exception
    assert "choose at least two" in answer_of(page)


def test_pearson_and_partial(open_page: OpenPage, tabriz_store: Path) -> None:
    page = open_page("correlations", tabriz_store, method="pearson", partial=True)
    assert not page.exception
    assert "Pearson correlation within each group, age and sex held fixed" in text_of(page)


def test_one_group_tells_its_strongest_correlation(open_page: OpenPage, demo_store: Path) -> None:
    page = open_page("correlations", demo_store, group=["MS"])
    assert not page.exception
    assert "in MS patients" in answer_of(page)
    assert "controls" not in answer_of(page)


def test_one_person(open_page: OpenPage, one_person_store: Path) -> None:
    page = open_page("correlations", one_person_store)
    assert not page.exception
    assert "too few people" in answer_of(page)


def test_nobody_offers_a_reset(open_page: OpenPage, demo_store: Path) -> None:
    page = open_page("correlations", demo_store, group=[])
    assert not page.exception
    assert page.header[0].value == "Nobody matches these filters"
    page.button(key="reset-empty").click().run()
    assert "clearest difference" in answer_of(page)


def test_empty_store(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("correlations", tmp_path)
    assert not page.exception
    assert page.header[0].value == "No cohort yet"


def test_a_huge_cohort_is_sampled_and_said(
    open_page: OpenPage, demo_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.correlation.MOST_CORRELATED", 500)
    page = open_page("correlations", demo_store, sex=["M"], lesions=True)
    assert not page.exception
    assert "random sample of 500 of" not in text_of(page)
    page = open_page("correlations", demo_store)
    assert "Computed from a random sample of 500 of 1,380 people." in text_of(page)


def test_pingouin_is_asked_when_the_button_is_pressed_and_not_before(open_page: OpenPage, demo_store: Path) -> None:
    pytest.importorskip("pingouin")
    page = open_page("correlations", demo_store, variables=["age_years", "ventricle_ratio_pct"], adjust="bonferroni")
    assert "Checked with pingouin" not in text_of(page)
    assert "p adjusted by Bonferroni" in text_of(page)
    page.button(key="check").click().run()
    assert not page.exception
    assert "Checked with pingouin" in text_of(page)
    [check] = [table for table in tables_of(page) if "pingouin" in table]
    assert len(check) == 5
