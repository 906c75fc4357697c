"""What all pages share: the navigation, the synthetic banner, research use only."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import cli, importing
from app.components import banner, chart_script, page_style
from app.plotly_file import ADDRESS
from tests import patience
from vocabulary.measures import RESEARCH_ONLY, SYNTHETIC_NOTICE

MAIN = Path(__file__).resolve().parents[2] / "app" / "main.py"


def shown(monkeypatch: pytest.MonkeyPatch, store: Path, **widgets: object) -> str:
    """Return the HTML of the first page on a store."""
    monkeypatch.setenv("MSCOHORT_STORE", os.fspath(store))
    page = AppTest.from_file(MAIN, default_timeout=patience.SECONDS)
    for key, value in widgets.items():
        page.session_state[key] = value
    page.run()
    assert not page.exception
    return "\n".join(element.proto.body for element in page.get("html"))


@pytest.fixture(scope="module")
def mixed_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with the synthetic cohort and one real person."""
    folder = tmp_path_factory.mktemp("mixed")
    table = folder / "clinic.csv"
    table.write_text(
        "subject_id,group,sex,age_years,intracranial_area_mm2,ventricle_area_mm2,wmh_area_mm2,"
        "periventricular_area_mm2,paraventricular_area_mm2,juxtacortical_area_mm2\n"
        "P1,MS,F,41,110000,450,60,30,20,10\n"
    )
    store = os.fspath(folder / "store")
    assert cli.main(["demo", "--subjects", "60", "--scans", "0", "--store", store]) == 0
    assert cli.main(["import", os.fspath(table), "--protocol", "clinic-1", "--store", store]) == 0
    return folder / "store"


def test_what_draws_figures_is_asked_for_before_the_page_is_made(
    monkeypatch: pytest.MonkeyPatch, demo_store: Path
) -> None:
    sent: list[str] = []
    whole = importing.run

    @contextmanager
    def waited() -> Iterator[None]:
        sent.append("waited")
        with whole():
            yield

    monkeypatch.setattr(importing, "run", waited)
    monkeypatch.setattr(banner, "style", lambda: sent.append(f"{page_style.STYLE}{page_style.SCRIPT}"))
    shown(monkeypatch, demo_store)
    assert sent.index("waited") == 1
    assert ADDRESS in sent[0]
    assert ADDRESS in chart_script.SCRIPT, "and a figure that comes first asks itself"


def test_synthetic_people_are_called_so_once(monkeypatch: pytest.MonkeyPatch, demo_store: Path) -> None:
    html = shown(monkeypatch, demo_store)
    assert html.count(SYNTHETIC_NOTICE) == 1
    assert RESEARCH_ONLY in html


def test_real_data_come_first_and_lift_the_banner(monkeypatch: pytest.MonkeyPatch, mixed_store: Path) -> None:
    html = shown(monkeypatch, mixed_store)
    assert "n = 1" in html
    assert SYNTHETIC_NOTICE not in html


def test_the_banner_returns_with_the_synthetic_dataset(monkeypatch: pytest.MonkeyPatch, mixed_store: Path) -> None:
    html = shown(monkeypatch, mixed_store, dataset="demo:mscohort-demo-1")
    assert html.count(SYNTHETIC_NOTICE) == 1


def test_an_empty_store_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MSCOHORT_STORE", os.fspath(tmp_path))
    page = AppTest.from_file(MAIN, default_timeout=patience.SECONDS).run()
    assert not page.exception
    assert "No cohort yet" in page.header[0].value
    assert any(RESEARCH_ONLY in element.proto.body for element in page.get("html"))
