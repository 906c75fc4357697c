"""Left against right: the median index of a region with its interval; the person's left is drawn at the left."""

import plotly.graph_objects as go
import polars as pl

from app.figures.palette import GROUP_COLOURS
from vocabulary.measures import GROUPS


def side_index(asymmetry: pl.DataFrame) -> go.Figure:
    """Draw on which side a region's lesions lie: 1 all on the left, -1 all on the right, 0 as much on both.

    Parameters
    ----------
    asymmetry : from ``analysis.regions.asymmetry``, rows of at least one person
    """
    regions = asymmetry["region"].unique(maintain_order=True).to_list()
    place = {region: len(regions) - i for i, region in enumerate(regions)}
    groups = [group for group in GROUPS if group in asymmetry["group"].to_list()]
    figure = go.Figure()
    for number, group in enumerate(groups):
        shift = 0.0 if len(groups) == 1 else 0.17 - 0.34 * number
        rows = asymmetry.filter(pl.col("group") == group).rows(named=True)
        # A median of fewer than five people has no interval: a hollow mark says so.
        known = [row["ci_low"] is not None and row["ci_high"] is not None for row in rows]
        figure.add_trace(
            go.Scatter(
                x=[row["median_index"] for row in rows],
                y=[place[row["region"]] + shift for row in rows],
                mode="markers",
                name=group,
                marker={
                    "color": GROUP_COLOURS[group],
                    "size": 9,
                    "symbol": ["circle" if there else "circle-open" for there in known],
                },
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "array": [row["ci_high"] - row["median_index"] if there else None
                              for row, there in zip(rows, known, strict=True)],
                    "arrayminus": [row["median_index"] - row["ci_low"] if there else None
                                   for row, there in zip(rows, known, strict=True)],
                    "thickness": 1.4,
                    "width": 3,
                    "color": GROUP_COLOURS[group],
                },
                customdata=[_words(row) for row in rows],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )  # fmt: skip
    figure.update_xaxes(
        title_text="Median index: more on the left of the person · more on the right",
        range=[1.08, -1.08],
        tickvals=[1, 0.5, 0, -0.5, -1],
        zeroline=True,
    )
    figure.update_yaxes(
        tickvals=list(place.values()), ticktext=list(place), range=[0.4, len(regions) + 0.6], showgrid=False
    )
    figure.update_layout(
        height=110 + 28 * max(len(regions), 1),
        margin={"l": 8, "r": 12, "t": 30, "b": 56},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        dragmode=False,
    )
    return figure


def _words(row: dict[str, float]) -> str:
    said = f"{row['group']}, {row['region']}: {row['median_index']:+.2f}"
    if row["ci_low"] is not None and row["ci_high"] is not None:
        said += f" (95 % CI {row['ci_low']:+.2f} to {row['ci_high']:+.2f})"
    people = f"n = {row['n']:,} with a lesion on either side"
    return f"{said}<br>{people}: {row['n_more_left']:,} more left, {row['n_more_right']:,} more right"
