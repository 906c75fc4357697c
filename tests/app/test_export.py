"""Files that leave the dashboard: safe in a spreadsheet, complete without a network, labelled when synthetic."""

import csv
import io

import plotly.graph_objects as go
import polars as pl
import pytest

from app import export
from vocabulary.measures import SYNTHETIC_NOTICE


def read_back(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_spreadsheet_runs_no_formula(text: str) -> None:
    [row] = read_back(export.csv_bytes(pl.DataFrame({"subject_id": [text], "value": [-1.5]})))
    assert row["subject_id"] == f"'{text}"
    assert row["value"] == "-1.5"


def test_plain_text_missing_values_and_non_ascii_survive() -> None:
    frame = pl.DataFrame({"subject_id": ["P-1", "تبریز"], "value": [None, 0.1]})
    content = export.csv_bytes(frame)
    assert content.startswith(b"\xef\xbb\xbf")
    assert [row["subject_id"] for row in read_back(content)] == ["P-1", "تبریز"]
    assert [row["value"] for row in read_back(content)] == ["", "0.1"]


def test_synthetic_data_say_so_in_every_row() -> None:
    rows = read_back(export.csv_bytes(pl.DataFrame({"subject_id": ["DEMO-1", "DEMO-2"]}), synthetic=True))
    assert [row["data_note"] for row in rows] == [SYNTHETIC_NOTICE] * 2
    assert "data_note" not in read_back(export.csv_bytes(pl.DataFrame({"subject_id": ["P1"]})))[0]


def test_the_html_page_needs_no_network() -> None:
    page = export.html_bytes(go.Figure(go.Scatter(x=[1], y=[2])), "figure", "MS < HC & more").decode()
    assert '<html lang="en">' in page[:200]
    assert "<title>MS &lt; HC &amp; more</title>" in page[:200]
    assert "<script src" not in page
    assert len(page) > 1_000_000


def test_without_a_browser_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "can_draw_images", lambda: False)
    with pytest.raises(export.ExportError, match="install one, or download the HTML"):
        export.image_bytes(go.Figure(), "png")
