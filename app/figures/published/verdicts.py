"""How much of the published study reproduces: its numbers by source and verdict."""

import plotly.graph_objects as go
import polars as pl

VERDICT_LABELS = {"exact": "reproduced exactly", "rounding": "within rounding", "not reproduced": "not reproduced"}
VERDICT_COLOURS = {"exact": "#5F7A8F", "rounding": "#B3C2CE", "not reproduced": "#B3261E"}
ROW_PIXELS = 38
# The hatch tells the verdict to readers who do not see red.
_HATCH = {"shape": "/", "bgcolor": VERDICT_COLOURS["not reproduced"], "fgcolor": "#E58A84", "size": 6, "solidity": 0.18}
LEAST_LABELLED_PCT = 4.0


def verdicts(counts: pl.DataFrame) -> go.Figure:
    """Draw one bar per source, full width, divided by verdict; the numbers are printed in it.

    Parameters
    ----------
    counts : source, verdict ('exact', 'rounding' or 'not reproduced'), n; sources in the order drawn, top first
    """
    sources = counts["source"].unique(maintain_order=True).to_list()
    totals = dict(counts.group_by("source").agg(pl.col("n").sum()).iter_rows())
    figure = go.Figure()
    for verdict, colour in VERDICT_COLOURS.items():
        found = dict(counts.filter(pl.col("verdict") == verdict).select("source", "n").iter_rows())
        shares = [100 * found.get(source, 0) / totals[source] for source in sources]
        numbers = [found.get(source, 0) for source in sources]
        figure.add_trace(
            go.Bar(
                y=list(range(len(sources))),
                x=shares,
                orientation="h",
                name=VERDICT_LABELS[verdict],
                width=0.62,
                marker={
                    "color": colour,
                    "line": {"width": 0},
                    "pattern": _HATCH if verdict == "not reproduced" else {"shape": ""},
                },
                text=[
                    f"{n:,}" if share >= LEAST_LABELLED_PCT else "" for n, share in zip(numbers, shares, strict=True)
                ],
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                textfont={"color": "#10161D" if verdict == "rounding" else "#FFFFFF", "size": 13},
                customdata=[[f"{n:,}", f"{totals[s]:,}"] for n, s in zip(numbers, sources, strict=True)],
                hovertemplate=f"%{{customdata[0]}} of %{{customdata[1]}} {VERDICT_LABELS[verdict]}<extra></extra>",
            )
        )
    figure.update_yaxes(
        tickvals=list(range(len(sources))),
        ticktext=[f"{source}  <b>{totals[source]:,}</b>" for source in sources],
        range=[len(sources) - 0.4, -0.6], showgrid=False, zeroline=False, fixedrange=True, automargin=True,
    )  # fmt: skip
    figure.update_xaxes(title_text="share of the source's numbers (%)", range=[0, 100], zeroline=False, fixedrange=True)
    return figure.update_layout(
        barmode="stack",
        height=112 + ROW_PIXELS * max(len(sources), 2),
        margin={"l": 12, "r": 16, "t": 40, "b": 56},
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "traceorder": "normal"},
        dragmode=False,
    )
