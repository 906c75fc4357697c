"""In how many people a region holds a lesion: left and right mirrored, one row per region, with Wilson's intervals."""

import plotly.graph_objects as go
import polars as pl

from app.figures.palette import GROUP_COLOURS
from vocabulary.measures import GROUPS

MOST_ROWS = 14


def region_rates(summary: pl.DataFrame) -> go.Figure:
    """Draw the regions in which lesions are most frequent, the most frequent first.

    Parameters
    ----------
    summary : from ``analysis.regions.summary``; regions that cross the midline are left out
    """
    sides = summary.filter(pl.col("side") != "both")
    ranked = (
        sides.group_by("region", maintain_order=True)
        .agg(pl.col("rate").mean(), pl.col("region_number").min())
        .sort(["rate", "region_number"], descending=[True, False])["region"]
        .head(MOST_ROWS)
        .to_list()
    )
    place = {region: len(ranked) - i for i, region in enumerate(ranked)}
    groups = [group for group in GROUPS if group in sides["group"].to_list()]
    figure = go.Figure()
    for number, group in enumerate(groups):
        shift = 0.0 if len(groups) == 1 else 0.17 - 0.34 * number
        for side, sign in (("left", -1), ("right", 1)):
            rows = sides.filter(
                (pl.col("group") == group) & (pl.col("side") == side) & pl.col("region").is_in(ranked)
            ).rows(named=True)
            figure.add_trace(
                go.Bar(
                    orientation="h",
                    x=[sign * 100 * row["rate"] for row in rows],
                    y=[place[row["region"]] + shift for row in rows],
                    width=0.62 if len(groups) == 1 else 0.3,
                    marker={"color": GROUP_COLOURS[group], "opacity": 0.55},
                    name=group,
                    legendgroup=group,
                    showlegend=side == "left",
                    error_x={
                        "type": "data",
                        "symmetric": False,
                        "array": [100 * (row["rate_high"] - row["rate"] if sign > 0 else row["rate"] - row["rate_low"])
                                  for row in rows],
                        "arrayminus": [
                            100 * (row["rate"] - row["rate_low"] if sign > 0 else row["rate_high"] - row["rate"])
                            for row in rows
                        ],
                        "thickness": 1.4,
                        "width": 3,
                        "color": "#6B7683",
                    },
                    customdata=[_words(row) for row in rows],
                    hovertemplate="%{customdata}<extra></extra>",
                )
            )  # fmt: skip
    figure.update_xaxes(
        title_text="People with a lesion there (%): left of the person · right of the person",
        range=[-108, 108],
        tickvals=[-100, -50, 0, 50, 100],
        ticktext=["100", "50", "0", "50", "100"],
        zeroline=True,
    )
    figure.update_yaxes(
        tickvals=list(place.values()), ticktext=list(place), range=[0.4, len(ranked) + 0.6], showgrid=False
    )
    figure.update_layout(
        height=110 + 32 * max(len(ranked), 1),
        margin={"l": 8, "r": 12, "t": 30, "b": 56},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        barmode="overlay",
        dragmode=False,
    )
    return figure


def _words(row: dict[str, float]) -> str:
    return (
        f"{row['group']}, {row['region']}, {row['side']}: {row['n_with']:,} of {row['n']:,} people<br>"
        f"{100 * row['rate']:.0f} % (95 % CI {100 * row['rate_low']:.0f} to {100 * row['rate_high']:.0f})"
    )
