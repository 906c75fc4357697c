"""What a page without any data offers."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.components import first_steps
from tests.app.views.conftest import OpenPage, text_of


def _pressed(page: AppTest) -> AppTest:
    return next(button for button in page.button if button.label == "Build the synthetic demonstration").click().run()


def test_an_empty_page_offers_it_and_says_what_went_wrong(
    monkeypatch: pytest.MonkeyPatch, open_page: OpenPage, tmp_path: Path
) -> None:
    monkeypatch.setattr("app.demo_building.build_demo", lambda root, by: ["no space left"])
    page = _pressed(open_page("compare", tmp_path))
    assert not page.exception
    assert page.error[0].value == "no space left"


def test_who_may_not_write_is_told_who_may(
    monkeypatch: pytest.MonkeyPatch, open_page: OpenPage, tmp_path: Path
) -> None:
    monkeypatch.setattr(first_steps, "may", lambda right: right != "write")
    page = open_page("compare", tmp_path)
    assert not page.button
    assert "Who may change the store" in text_of(page)
