"""Numbers behind a figure that are everybody's are made when asked for: what a page hands over is kept for long."""

import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from app.components import export_button, figure_panel
from app.state import Selection
from tests import patience
from tests.app.views.conftest import OpenPage

SCRIPT = "from app import state\nfrom app.views import {page}\n{page}.page(state.open_store())\n"
OF_EVERYBODY = {"compare": 1, "correlations": 1, "zones": 1}


@pytest.mark.parametrize("page", ["overview", "compare", "age_sex", "correlations", "zones"])
def test_no_figure_holds_everybody(page: str, demo_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSCOHORT_STORE", os.fspath(demo_store))
    behind: list[Any] = []
    monkeypatch.setattr(figure_panel, "_downloads", lambda _figure, data, *_: behind.append(data))
    monkeypatch.setattr(figure_panel, "on_opening", lambda *panels: [panel.draw() for panel in panels])
    app = AppTest.from_string(SCRIPT.format(page=page), default_timeout=patience.SECONDS).run()
    assert not app.exception
    made = [data() for data in behind if callable(data)]
    assert behind
    assert all(data.height < 1_000 for data in behind if isinstance(data, pl.DataFrame))
    assert len(made) == OF_EVERYBODY.get(page, 0)
    assert all(frame.height >= 1_000 and "subject_id" in frame.columns for frame in made)


@pytest.mark.parametrize(
    ("page", "titles"),
    [
        ("overview", ["From the source to the people shown", "Age and sex of each group", "No lesion at all"]),
        (
            "age_sex",
            [
                "WMH ratio by age",
                "WMH ratio by age band, women and men",
                "WMH area by zone and age band, people with MS",
            ],
        ),
        (
            "correlations",
            [
                "Correlations in controls and in MS",
                "Correlation in MS minus correlation in controls",
                "WMH ratio against male sex",
            ],
        ),
    ],
)
def test_a_page_on_paper_holds_the_figures_of_closed_tabs(
    page: str, titles: list[str], demo_store: Path, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Selection] = []
    monkeypatch.setattr(export_button, "page_files", seen.append)
    shown = open_page(page, demo_store, export=True)
    assert not shown.exception
    printed = list(seen[-1].figures.values())
    assert [figure.title for figure in printed] == titles
    assert all(figure.make().layout.height for figure in printed)
