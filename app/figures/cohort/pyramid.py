"""Age-sex pyramid of each group: women to the left, men to the right, every bar with its n."""

import plotly.graph_objects as go
import polars as pl

from app.figures.palette import GROUP_COLOURS, faded
from app.figures.panels import Panels, trace
from app.sentences.typography import ranges
from vocabulary.measures import GROUP_LABELS, GROUPS

HEADROOM = 1.28


def pyramid(counts: pl.DataFrame) -> go.Figure:
    """Draw how many women and men of each age band every group has, on one scale.

    Parameters
    ----------
    counts : columns group, sex, age_band (text, youngest first), n (people)

    Returns
    -------
    plotly Figure, one panel per group that has anybody; empty when nobody has an age.
    """
    groups = [g for g in GROUPS if counts.filter(pl.col("group") == g)["n"].sum() > 0]
    figure = Panels(cols=max(len(groups), 1), shared_yaxes=True, horizontal_spacing=0.04)
    figure.add_titles(_titles(counts, groups))
    counts = counts.with_columns(pl.col("age_band").map_elements(ranges, pl.String))
    bands = list(dict.fromkeys(counts["age_band"]))
    widest = max(counts["n"], default=0) if groups else 0
    ticks = _ticks(widest)
    for column, group in enumerate(groups, start=1):
        for sex, side in (("F", -1), ("M", 1)):
            bars = counts.filter((pl.col("group") == group) & (pl.col("sex") == sex))
            _bars(figure, bars, group, sex, side, column)
        for side, word in ((-1, "Women"), (1, "Men")):
            figure.add_annotation(
                text=word,
                x=side * widest * HEADROOM * 0.98,
                xanchor="left" if side < 0 else "right",
                y=len(bands) - 0.35,
                yanchor="bottom",
                showarrow=False,
                col=column,
            )
        figure.update_xaxes(
            {
                "range": [-widest * HEADROOM, widest * HEADROOM],
                "tickvals": [-t for t in ticks[:0:-1]] + ticks,
                "ticktext": [str(t) for t in ticks[:0:-1] + ticks],
                "title": {"text": "People"},
                "zeroline": True,
                "zerolinewidth": 1.5,
            },
            col=column,
        )
    places = {"categoryorder": "array", "categoryarray": bands, "range": [-0.6, len(bands) + 0.3], "showgrid": False}
    figure.update_yaxes(places)
    figure.update_yaxes({"title": {"text": "Age (years)", "standoff": 10}}, col=1)
    return figure.drawn(
        height=max(300, 110 + 26 * len(bands)),
        bargap=0.18,
        barmode="overlay",
        showlegend=False,
        margin={"l": 84, "r": 16, "t": 40, "b": 56},
        dragmode=False,
    )


def _titles(counts: pl.DataFrame, groups: list[str]) -> list[str]:
    sizes = {g: int(counts.filter(pl.col("group") == g)["n"].sum()) for g in groups}
    return [f"<b>{g}</b> {GROUP_LABELS[g].lower()}, n = {n:,} of known age" for g, n in sizes.items()]


def _bars(figure: Panels, bars: pl.DataFrame, group: str, sex: str, side: int, column: int) -> None:
    figure.add_trace(
        trace(
            "bar",
            y=bars["age_band"].to_list(),
            x=[side * n for n in bars["n"]],
            orientation="h",
            text=[f"{n:,}" if n else "" for n in bars["n"]],
            textposition="outside",
            cliponaxis=False,
            customdata=bars["n"].to_list(),
            marker={"color": faded(GROUP_COLOURS[group], 0.8), "line": {"color": GROUP_COLOURS[group], "width": 1}},
            hovertemplate=f"{group} {'women' if sex == 'F' else 'men'}, %{{y}} years: %{{customdata:,}}<extra></extra>",
        ),
        col=column,
    )


def _ticks(widest: int) -> list[int]:
    """Return 0 and up to three round counts."""
    step = next((s * 10**p for p in range(8) for s in (1, 2, 5) if s * 10**p * 3 >= widest), widest or 1)
    return list(range(0, max(widest, 1) + 1, step))
