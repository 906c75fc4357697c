"""How the lesion area is split between the zones under two rules, one bar each."""

import plotly.graph_objects as go
import polars as pl

from app.figures.palette import ZONE_COLOURS
from vocabulary import ZONE_LABELS, ZONES


def zone_shares(shares: pl.DataFrame) -> go.Figure:
    """Draw one bar per rule, its parts adding up to 100 %.

    Parameters
    ----------
    shares : rule, zone, share_pct, area_mm2, n; rules from top to bottom in order of appearance
    """
    figure = go.Figure()
    for zone in ZONES:
        its = shares.filter(pl.col("zone") == zone)
        figure.add_bar(
            y=its["rule"],
            x=its["share_pct"],
            orientation="h",
            name=ZONE_LABELS[zone],
            marker={"color": ZONE_COLOURS[zone], "line": {"color": "#555555", "width": 0.5}},
            text=[f"{share:.0f} %" if share and share >= 4 else "" for share in its["share_pct"]],
            textfont={"color": "#111111"},
            insidetextanchor="middle",
            customdata=its.select("area_mm2", "n").rows(),
            hovertemplate="%{y}<br>" + ZONE_LABELS[zone]
            + ": %{x:.1f} %, %{customdata[0]:,.0f} mm² in %{customdata[1]:,} lesion parts<extra></extra>",
        )  # fmt: skip
    figure.update_layout(
        barmode="stack",
        height=220,
        xaxis={"title": "Share of the lesion area (%)", "range": [0, 100]},
        yaxis={"autorange": "reversed"},
        legend={"orientation": "h", "y": 1.25},
    )
    return figure
