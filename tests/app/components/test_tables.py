"""Tables as pages write them: plain HTML, every cell as it is written, whatever it holds."""

import polars as pl
import pytest
import streamlit as st

from app.components import tables
from tests.app.views.conftest import read_table


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is sent as HTML."""
    sent: list[str] = []
    monkeypatch.setattr(st, "html", lambda body, **_: sent.append(body))
    return sent


def test_hostile_cells_are_text(written: list[str]) -> None:
    hostile = ["<script>alert(1)</script>", "</td></tr></table>", "a*b_c|d$e$f", "", None, '" onclick="x']
    tables.numbers_table(pl.DataFrame({"<b>File</b>": hostile}), left=("<b>File</b>",), as_read=True)
    [body] = written
    assert "<script" not in body
    assert body.count("</table>") == 1
    shown = read_table(body)
    assert list(shown.columns) == ["<b>File</b>"]
    assert shown["<b>File</b>"].tolist() == [cell or "" for cell in hostile]


def test_numbers_stand_at_the_end_and_text_at_the_start(written: list[str]) -> None:
    tables.numbers_table(pl.DataFrame({"Group": ["MS"], "95 % CI": ["1.2-3.4"]}), left=("Group",))
    [body] = written
    assert '<td class="text">MS</td><td>1.2–3.4</td>' in body
    assert "95 % confidence interval" in body, "the terms of a table are explained below it"
