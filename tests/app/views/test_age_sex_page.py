"""The page Age and sex by AppTest."""

from pathlib import Path

import pytest

from tests.app.views.conftest import OpenPage, answer_of, every_tab, tables_of, text_of
from vocabulary.measures import ZONE_NOTICE

BY_BAND = {"age-part": "By age band"}


def test_opens_with_the_change_per_ten_years(open_page: OpenPage, tabriz_store: Path) -> None:
    page = open_page("age_sex", tabriz_store)
    assert not page.exception
    assert "among MS patients 35 % higher (95 % CI 18–55 %; n = 380)" in answer_of(page)
    assert ZONE_NOTICE in text_of(page)


def test_table_has_every_stratum(open_page: OpenPage, tabriz_store: Path) -> None:
    table = tables_of(open_page("age_sex", tabriz_store, **BY_BAND))[0]
    assert len(table) == 20
    assert sum(int(n.replace(",", "")) for n in table["n"]) == 1371
    oldest = table[(table["Group"] == "MS") & (table["Sex"] == "Men") & (table["Age"] == "60+")].iloc[0]
    assert (oldest["n"], oldest["SD"], oldest["95 % CI of median"]) == ("1", "–", "–")


def test_bands_can_be_edited(open_page: OpenPage, demo_store: Path) -> None:
    page = open_page("age_sex", demo_store, bands="18-49, 50+", **BY_BAND)
    assert not page.exception
    assert set(tables_of(page)[0]["Age"]) == {"18–49", "50+"}


def test_wrong_bands_are_explained_and_the_default_is_shown(open_page: OpenPage, demo_store: Path) -> None:
    page = open_page("age_sex", demo_store, bands="18-49, 30+", **BY_BAND)
    assert not page.exception
    assert "overlap" in page.warning[0].value
    assert set(tables_of(page)[0]["Age"]) == {"18–29", "30–39", "40–49", "50–59", "60+"}


@pytest.mark.parametrize("measure", ["ventricle_ratio_pct", "periventricular_share_pct", "juxtacortical_area_mm2"])
def test_every_kind_of_measure(open_page: OpenPage, demo_store: Path, measure: str) -> None:
    for tab in every_tab("age_sex"):
        page = open_page("age_sex", demo_store, measure=measure, trend_sex=True, **tab)
        assert not page.exception
        assert "in people ten years older" in answer_of(page)


def test_controls_alone_have_no_zone_figure(open_page: OpenPage, demo_store: Path) -> None:
    page = open_page("age_sex", demo_store, group=["HC"])
    assert not page.exception
    assert "drawn for people with MS; none of known age is shown" in text_of(page)


def test_one_person(open_page: OpenPage, one_person_store: Path) -> None:
    page = open_page("age_sex", one_person_store, **BY_BAND)
    assert not page.exception
    assert "it cannot be told" in answer_of(page)
    assert tables_of(page)[0]["n"].to_list() == ["1"]


def test_nobody_offers_a_reset(open_page: OpenPage, demo_store: Path) -> None:
    page = open_page("age_sex", demo_store, group=[])
    assert not page.exception
    assert page.header[0].value == "Nobody matches these filters"


def test_empty_store(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("age_sex", tmp_path)
    assert not page.exception
    assert page.header[0].value == "No cohort yet"
