"""How every scan's lesion area is split between the zones, by the recorded rule and by moved limits."""

import plotly.graph_objects as go
import polars as pl

from app.figures.palette import ZONE_COLOURS
from vocabulary.measures import ZONE_LABELS, ZONES

_MARK = "#7A8794"
_ROWS = {"recorded": 0.21, "moved": -0.21}
_SPREAD = 0.11


def zone_shifts(recorded: pl.DataFrame, moved: pl.DataFrame, scan_id: str, rule: str) -> go.Figure:
    """Draw one point per scan, zone and rule; the recorded rule above the moved one.

    Parameters
    ----------
    recorded, moved : scan_id, zone, share_pct, from ``app.sentences.zone_changes.zone_shares_of``
    scan_id : the scan drawn as a diamond
    rule : name of the recorded rule
    """
    figure = go.Figure()
    for place, zone in enumerate(ZONES):
        for row, shares in (("recorded", recorded), ("moved", moved)):
            its = shares.filter(pl.col("zone") == zone).sort("scan_id")
            words = f"{ZONE_LABELS[zone]}, {rule if row == 'recorded' else 'moved limits'}"
            if not its.is_empty():
                _strip(figure, its, scan_id, _ROWS[row] - place, ZONE_COLOURS[zone], words)
    places = range(len(ZONES))
    figure.update_layout(
        height=300,
        margin={"t": 10, "r": 10, "b": 50},
        xaxis={"title": "Share of the scan's lesion area (%)", "range": [-2, 102]},
        yaxis={
            "range": [-len(ZONES) + 0.55, 0.45],
            "tickvals": [offset - place for place in places for offset in _ROWS.values()],
            "ticktext": [text for zone in ZONES for text in (ZONE_LABELS[zone], "moved")],
            "showgrid": False,
            "zeroline": False,
        },
    )
    return figure


def _strip(figure: go.Figure, shares: pl.DataFrame, scan_id: str, height: float, colour: str, words: str) -> None:
    """Draw the scans of one zone and rule: points, their median, and the scan that is looked at."""
    others = shares.filter(pl.col("scan_id") != scan_id)
    this = shares.filter(pl.col("scan_id") == scan_id)
    common = {"showlegend": False, "hovertemplate": f"%{{customdata}}<br>{words}: %{{x:.1f}} %<extra></extra>"}
    figure.add_scatter(
        x=others["share_pct"],
        y=[height + _apart(i) for i in range(others.height)],
        customdata=others["scan_id"],
        mode="markers",
        marker={"color": colour, "size": 6, "opacity": 0.75, "line": {"color": _MARK, "width": 0.5}},
        **common,
    )
    middle = shares["share_pct"].median()
    figure.add_scatter(
        x=[middle, middle],
        y=[height - 0.17, height + 0.17],
        mode="lines",
        line={"color": _MARK, "width": 2.5},
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_scatter(
        x=this["share_pct"],
        y=[height] * this.height,
        customdata=this["scan_id"],
        mode="markers",
        marker={"color": colour, "size": 13, "symbol": "diamond", "line": {"color": _MARK, "width": 1.5}},
        **common,
    )


def _apart(i: int) -> float:
    """Return a height between -1 and 1 spreads that neighbours do not share; the golden ratio fills evenly."""
    return _SPREAD * (2 * (i * 0.6180339887 % 1) - 1)
