"""Every page on cohorts that have only some measures: nothing crashes, and the page says what it needs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import cli
from tests.app.views.conftest import answer_of, every_tab

PAGES = (
    "overview",
    "compare",
    "age_sex",
    "correlations",
    "zones",
    "norms",
    "patient",
    "published",
    "scans",
    "data",
    "methods",
)
SUBSETS = {
    "volumes": ("ventricle_volume_ml,wmh_volume_ml,lesion_count", lambda i: f"{9 + i % 7},{i % 5 * 1.5},{i % 5}"),
    "zone volumes": (
        "wmh_volume_ml,periventricular_volume_ml,paraventricular_volume_ml,juxtacortical_volume_ml",
        lambda i: f"{3 + i % 5},{2 + i % 5},{0.9 - i % 3 / 10:.1f},{0.1 + i % 3 / 10:.1f}" if i % 9 else "0,0,0,0",
    ),
    "wmh": ("wmh_area_mm2", lambda i: f"{i % 6 * 40}"),
    "ratios": ("ventricle_ratio_pct,wmh_ratio_pct", lambda i: f"{0.4 + i % 7 / 20},{i % 6 / 20}"),
    "further": ("EDSS,scanner", lambda i: f"{i % 9 / 2},{'AB'[i % 2]}"),
}


@pytest.fixture(scope="module", params=SUBSETS)
def subset_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store that holds forty people of whom only some measures are known."""
    folder = tmp_path_factory.mktemp(request.param)
    columns, cells = SUBSETS[request.param]
    rows = [f"P{i},{20 + i},{'FM'[i % 2]},{'MS' if i % 3 else 'HC'},{cells(i)}" for i in range(40)]
    (folder / "t.csv").write_text("\n".join([f"subject_id,age,sex,group,{columns}", *rows]))
    words = ["import", str(folder / "t.csv"), "--protocol", "own-1", "--store", str(folder / "store"), "--extra", "*"]
    assert cli.main(words) == 0
    return folder / "store"


@pytest.mark.parametrize("name", PAGES)
def test_pages_do_with_what_there_is(name: str, subset_store: Path, open_page: Callable[..., AppTest]) -> None:
    for tab in every_tab(name):
        page = open_page(name, subset_store, **tab)
        assert not page.exception, [tab, [error.value for error in page.exception]]


def test_pages_say_what_they_need(subset_store: Path, open_page: Callable[..., AppTest]) -> None:
    zones = open_page("zones", subset_store)
    if "zone volumes" in str(subset_store):
        assert "By volume, among people with lesions, a typical split in MS patients (n = 26)" in answer_of(zones)
    else:
        assert "This needs the WMH area or volume of each zone, which this dataset does" in zones.info[0].value
    overview = open_page("overview", subset_store)
    further = "further" in str(subset_store)
    assert bool(overview.info) is further
    if not further:
        assert "without any lesion" in answer_of(overview)


@pytest.mark.parametrize("words", [("strata", "wmh_area_mm2"), ("compare", "wmh_ratio_pct")])
def test_commands_do_with_what_there_is(words: tuple[str, ...], subset_store: Path) -> None:
    assert cli.main([*words, "--lesion-positive", "--store", str(subset_store), "--json"]) in (0, 1)
