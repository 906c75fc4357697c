"""Numbers behind a figure that are everybody's are made when asked for: what a page hands over is kept for long."""

import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from app.components import figure_panel
from tests import patience

SCRIPT = "from app import state\nfrom app.views import {page}\n{page}.page(state.open_store())\n"
OF_EVERYBODY = {"compare": 1, "correlations": 1, "zones": 1}


@pytest.mark.parametrize("page", ["overview", "compare", "age_sex", "correlations", "zones"])
def test_no_figure_holds_everybody(page: str, demo_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MSCOHORT_STORE", os.fspath(demo_store))
    behind: list[Any] = []
    monkeypatch.setattr(figure_panel, "_downloads", lambda _figure, data, *_: behind.append(data))
    app = AppTest.from_string(SCRIPT.format(page=page), default_timeout=patience.SECONDS).run()
    assert not app.exception
    made = [data() for data in behind if callable(data)]
    assert behind
    assert all(data.height < 1_000 for data in behind if isinstance(data, pl.DataFrame))
    assert len(made) == OF_EVERYBODY.get(page, 0)
    assert all(frame.height >= 1_000 and "subject_id" in frame.columns for frame in made)
