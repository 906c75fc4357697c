"""Where lesions lie: each zone's share per stratum, centre and people, beside the share of people without a lesion."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import polars as pl

from app.figures.marks import Sample
from app.figures.palette import GROUP_COLOURS, SEX_SYMBOLS, ZONE_COLOURS, faded
from app.figures.panels import Panels, trace
from app.sentences.typography import ranges
from vocabulary.measures import GROUP_LABELS, SEX_LABELS, ZONE_LABELS, ZONES

ROW_PIXELS = 39
OUTLINE = "#8A7D00"
"""Outline of the yellow zone, legible on white and on dark."""

_ROWS_NEED_PIXELS, _TRIANGLES_NEED_PIXELS = 740, 700
"""On a phone the figures are scrolled rather than squeezed until their titles run into each other."""
_SHARES = [f"{zone}_share_pct" for zone in ZONES]
_QUIET = "rgba(128,128,128,.75)"


def strata_shares(people: Sample, parts: pl.DataFrame) -> go.Figure:
    """Draw one row per stratum: people without a lesion, then each zone's share among those with one.

    Parameters
    ----------
    people : ``app.figures.cohort.zone_rows.people_in_rows``: lesion-positive people: subject_id, group, sex, age_years,
        the three shares (%), and ``row``, the name of the stratum they belong to
    parts : answer of ``analysis.composition.composition`` with ``row``, with free_rate, free_low, free_high (the rate
        of lesion-free people, %, and its interval); a null centre is not drawn; strata are drawn in its order, top
        to bottom
    """
    strata = parts.unique("row", keep="first", maintain_order=True)
    names = strata["row"].to_list()
    place = {name: i for i, name in enumerate(names)}
    figure = Panels(cols=4, shared_yaxes=True, column_widths=(0.16, 0.28, 0.28, 0.28), horizontal_spacing=0.025)
    figure.add_titles(["<b>No lesion</b>", *(_zone_title(zone) for zone in ZONES)])
    _lesion_free(figure, strata, place)
    drawn = people.people
    heights = np.random.default_rng(1).uniform(0.1, 0.4, drawn.height)
    drawn = drawn.with_columns(
        pl.Series("_y", [place[name] for name in drawn["row"]], dtype=pl.Float64) + pl.Series(heights)
    )
    for column, zone in enumerate(ZONES, start=2):
        _people(figure, drawn, zone, column)
        _centres(figure, parts.filter(pl.col("zone") == zone), zone, place, column)
    labels = [f"<b>{ranges(row)}</b><br>{n:,} with lesions" for row, n in strata.select("row", "n").iter_rows()]
    plain = {"zeroline": False, "fixedrange": True}
    rows = {"tickvals": list(range(len(names))), "ticktext": labels, "range": [len(names) - 0.45, -0.4]}
    figure.update_yaxes(plain | rows | {"showgrid": False})
    top = min(104.0, 5 + max((v for v in strata["free_high"] if v is not None), default=0.0))
    figure.update_xaxes(plain | {"range": [-3, 103], "title": {"text": "share of WMH area (%)"}})
    figure.update_xaxes({"range": [-0.05 * top, top], "title": {"text": "people (%)"}}, col=1)
    _rule_between_groups(figure, strata["group"].to_list())
    if drawn.height < people.of:
        figure.add_annotation(
            text=f"{drawn.height:,} of {people.of:,} people drawn", x=1, y=1.06, xref="paper", yref="paper",
            xanchor="right", showarrow=False, font={"size": 12},
        )  # fmt: skip
    return figure.drawn(
        height=100 + ROW_PIXELS * max(len(names), 2),
        meta=_ROWS_NEED_PIXELS,
        margin={"l": 140, "r": 12, "t": 44, "b": 56},
        showlegend=False,
        hovermode="closest",
        dragmode=False,
    )


def _zone_title(zone: str) -> str:
    return f'<span style="color:{ZONE_COLOURS[zone]}">■</span> <b>{ZONE_LABELS[zone]}</b>'


def _lesion_free(figure: Panels, strata: pl.DataFrame, place: dict[str, int]) -> None:
    for group, colour in GROUP_COLOURS.items():
        rows = strata.filter(pl.col("group") == group).drop_nulls("free_rate")
        told = rows.select(
            "row", "n_lesion_free", pl.col("n") + pl.col("n_lesion_free"), "free_low", "free_high"
        ).rows()
        figure.add_trace(
            trace(
                "scatter",
                x=rows["free_rate"].to_numpy(),
                y=[place[name] for name in rows["row"]],
                mode="markers",
                customdata=told,
                marker={"color": colour, "size": 11, "symbol": "circle-open", "line": {"width": 2.5}},
                error_x=_whiskers(rows, "free_rate", "free_low", "free_high", colour),
                hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]:,} of %{customdata[2]:,} without a lesion: "
                "%{x:.1f} % (95 % CI %{customdata[3]:.1f} to %{customdata[4]:.1f})<extra></extra>",
            ),
        )


def _whiskers(rows: pl.DataFrame, value: str, low: str, high: str, colour: str) -> dict[str, object]:
    """Interval of each row; none (length 0) where a limit is unknown."""
    up, down = (pl.col(high) - pl.col(value)).fill_null(0), (pl.col(value) - pl.col(low)).fill_null(0)
    return {
        "type": "data",
        "symmetric": False,
        "array": rows.select(up).to_series().to_numpy(),
        "arrayminus": rows.select(down).to_series().to_numpy(),
        "color": colour,
        "thickness": 2.5,
        "width": 0,
    }


def _people(figure: Panels, people: pl.DataFrame, zone: str, column: int) -> None:
    """Every person as a point below the centre, women circles and men squares."""
    for sex, symbol in SEX_SYMBOLS.items():
        members = people.filter(pl.col("sex") == sex)
        figure.add_trace(
            trace(
                "scatter",
                x=members[f"{zone}_share_pct"].to_numpy(),
                y=members["_y"].to_numpy(),
                mode="markers",
                customdata=members.select("subject_id", "row", "age_years").to_numpy(),
                marker={"color": faded(ZONE_COLOURS[zone], 0.5), "symbol": symbol, "size": 5}
                | ({"line": {"color": faded(OUTLINE, 0.5), "width": 0.6}} if zone == "juxtacortical" else {}),
                hovertemplate=f"%{{customdata[0]}} · %{{customdata[1]}}, {SEX_LABELS[sex].lower()}, "
                "%{customdata[2]} years<br>%{x:.1f} %<extra></extra>",
            ),
            col=column,
        )


def _centres(figure: Panels, centres: pl.DataFrame, zone: str, place: dict[str, int], column: int) -> None:
    colour = OUTLINE if zone == "juxtacortical" else ZONE_COLOURS[zone]
    rows = centres.drop_nulls("centre_pct")
    interval = pl.format(" ({} to {})", pl.col("ci_low").round(1), pl.col("ci_high").round(1)).fill_null("")
    figure.add_trace(
        trace(
            "scatter",
            x=rows["centre_pct"].to_numpy(),
            y=[place[name] - 0.08 for name in rows["row"]],
            mode="markers",
            customdata=rows.select("row", "n", interval.alias("interval")).rows(),
            marker={
                "color": ZONE_COLOURS[zone],
                "size": 12,
                "symbol": "diamond",
                "line": {"color": colour, "width": 1.5},
            },
            error_x=_whiskers(rows, "centre_pct", "ci_low", "ci_high", colour),
            hovertemplate="<b>%{customdata[0]}</b>, n = %{customdata[1]:,}<br>centre %{x:.1f} %%{customdata[2]}"
            "<extra></extra>",
        ),
        col=column,
    )


def _rule_between_groups(figure: Panels, groups: list[str]) -> None:
    for i, (above, below) in enumerate(pairwise(groups)):
        if above != below:
            look = {"color": _QUIET, "width": 1, "dash": "dot"}
            for column in range(1, 2 + len(ZONES)):
                figure.add_shape(col=column, across="x", type="line", y0=i + 0.52, y1=i + 0.52, line=look)


def ternary(people: Mapping[str, Sample], centres: pl.DataFrame) -> go.Figure:
    """Draw every lesion-positive person in a triangle of the three zones, one triangle per group.

    Parameters
    ----------
    people : of each group, ``app.figures.cohort.zone_rows.people_by_group``: subject_id, group, sex, age_years and the
        three shares (%); people are spread by up to a point so that those with the same shares do not hide each other,
        the hover tells the measured shares
    centres : answer of ``analysis.composition.composition`` by group; each centre is a diamond
    """
    figure = Panels(cols=max(len(people), 1), kind="ternary", horizontal_spacing=0.2)
    generator = np.random.default_rng(1)
    notes = []
    for column, (group, (drawn, of)) in enumerate(people.items(), start=1):
        count = f"n = {of:,}" if drawn.height == of else f"{drawn.height:,} of {of:,} drawn"
        notes.append(f"<b>{group}</b> {GROUP_LABELS[group].lower()}, {count}")
        for sex, symbol in SEX_SYMBOLS.items():
            _ternary_people(figure, drawn.filter(pl.col("sex") == sex), group, sex, symbol, generator, column)
        outline = {"color": GROUP_COLOURS[group], "width": 3}
        middle = dict(centres.filter(pl.col("group") == group).select("zone", "centre_pct").iter_rows())
        if len(middle) == len(ZONES) and None not in middle.values():
            told = "<br>".join(f"{ZONE_LABELS[zone]} {middle[zone]:.1f} %" for zone in ZONES)
            figure.add_trace(
                trace(
                    "scatterternary", a=[middle[ZONES[0]]], b=[middle[ZONES[1]]], c=[middle[ZONES[2]]], mode="markers",
                    marker={"symbol": "diamond", "size": 15, "color": "#FFFFFF", "line": outline},
                    hovertemplate=f"<b>{group} centre</b><br>{told}<extra></extra>", showlegend=False,
                ),
                col=column,
            )  # fmt: skip
        axis = {
            "gridcolor": "rgba(128,128,128,.3)",
            "linecolor": _QUIET,
            "tickvals": [25, 50, 75],
            "layer": "below traces",
        }
        figure.update_triangles(
            {
                "sum": 100,
                "bgcolor": "rgba(0,0,0,0)",
                "aaxis": axis | _axis_title(ZONES[0]),
                "baxis": axis | _axis_title(ZONES[1]),
                "caxis": axis | _axis_title(ZONES[2]),
            },
            col=column,
        )
    # Above the name of the upper corner, however wide the figure is.
    figure.add_titles(notes, y=1.12, font=None)
    return figure.drawn(
        height=520,
        meta=_TRIANGLES_NEED_PIXELS,
        margin={"l": 90, "r": 90, "t": 84, "b": 84},
        legend={"orientation": "h", "y": -0.14, "x": 0},
    )


def _axis_title(zone: str) -> dict[str, object]:
    return {"title": {"text": _zone_title(zone), "font": {"size": 12}}, "tickfont": {"size": 12}}


def _ternary_people(
    figure: Panels,
    people: pl.DataFrame,
    group: str,
    sex: str,
    symbol: str,
    generator: np.random.Generator,
    column: int,
) -> None:
    if people.is_empty():
        return
    spread = np.abs(people.select(_SHARES).to_numpy() + generator.uniform(-1, 1, (people.height, 3)))
    figure.add_trace(
        trace(
            "scatterternary",
            a=spread[:, 0],
            b=spread[:, 1],
            c=spread[:, 2],
            mode="markers",
            name=f"{group} {SEX_LABELS[sex].lower()}",
            customdata=people.select("subject_id", "age_years", *_SHARES).to_numpy(),
            # A pale edge keeps points apart on white and makes them stand out from a dark page.
            marker={
                "color": faded(GROUP_COLOURS[group], 0.75),
                "symbol": symbol,
                "size": 7,
                "line": {"color": "rgba(255,255,255,.45)", "width": 0.7},
            },
            hovertemplate=f"%{{customdata[0]}} · {group}, {SEX_LABELS[sex].lower()}, %{{customdata[1]}} years<br>"
            + "<br>".join(f"{ZONE_LABELS[zone]} %{{customdata[{i}]:.1f}} %" for i, zone in enumerate(ZONES, start=2))
            + "<extra></extra>",
        ),
        col=column,
    )
