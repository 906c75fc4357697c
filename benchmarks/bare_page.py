"""A page that computes nothing, for `benchmarks.click_floor`: a button, who is shown, and figures made before."""

import json
from pathlib import Path
from typing import Any

import streamlit as st

from app.components.chart_script import SCRIPT
from app.plotly_file import ADDRESS

SMALL = 500

script = SCRIPT.replace(ADDRESS, "app/static/plotly.min.js")
mount = st.components.v2.component("bare_chart", js=script, isolate_styles=False)


@st.cache_resource
def figures() -> dict[str, list[Any]]:
    """Return what the real pages showed: page -> figures without and with the women."""
    kept: dict[str, list[Any]] = json.loads(Path("figures.json").read_text(encoding="utf-8"))
    return kept


def draw(figure: dict[str, Any], key: str) -> None:
    """Draw one figure as wide as it was."""
    data = {name: figure[name] for name in ("figure", "alt", "height", "config")}
    with st.container(width=figure["width"]):
        mount(key=key, data=data, height="content", on_picked_change=lambda: None)


st.set_page_config(layout="wide")
shown = st.session_state.setdefault("shown", 1)
if st.button("Women"):
    shown = st.session_state["shown"] = 1 - shown
st.html(f'<div class="figure-title">HC n = {shown}</div><div class="research-only">Research use only</div>')
in_sight = figures()[st.query_params["page"]][shown]
# Side by side where they were, three small ones in a row.
small = [figure for figure in in_sight if figure["width"] < SMALL]
for number, (column, figure) in enumerate(zip(st.columns(max(len(small), 1)), small, strict=False)):
    with column:
        draw(figure, f"small-{number}")
for number, figure in enumerate(figure for figure in in_sight if figure not in small):
    draw(figure, f"large-{number}")
