"""Raincloud of one measure, MS beside HC: density, quartiles and every person; zeros on a strip of their own."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
import polars as pl

from app.figures.marks import NO_SCALE, jitter, person_points, sampled, zero_strip
from app.figures.palette import GROUP_COLOURS, SEX_SYMBOLS, faded
from app.figures.panels import Panels, trace
from vocabulary.measures import SEX_LABELS, measure

MAX_POINTS = 1500
"""More points than this are sampled (seeded); the figure then says how many are drawn."""
MAX_ZEROS = 750
"""As many are drawn in the strip of people whose value is zero; their number stands above it."""

ROWS = {"HC": 0.0, "MS": 1.0}
GRID_POINTS = 256


def raincloud(
    frame: pl.DataFrame,
    name: str,
    *,
    log: bool | None = None,
    names: Mapping[str, str] | None = None,
    small: bool = False,
) -> go.Figure:
    """Draw the distribution of ``name`` per group.

    Parameters
    ----------
    frame : cohort frame, one row per person
    name : a measure; rows where it is missing are left out and counted in the group labels
    names : group -> what it is called, where two others take the places of MS and HC
    small : show density and quartiles alone, in little room
    log : logarithmic axis; default: yes for loads and counts, no otherwise

    Returns
    -------
    plotly Figure; marker ``customdata`` holds subject_id, so that a click can open the person.
    """
    what = measure(name)
    log = what.nature in ("load", "count") if log is None else log
    columns = ["subject_id", "group", "sex", "age_years", name]
    members_of = frame.select([c for c in columns if c in frame.columns]).drop_nulls(name)
    has_zero_strip = log and what.nature in ("load", "count")
    figure = Panels(
        cols=2 if has_zero_strip else 1,
        shared_yaxes=True,
        horizontal_spacing=0.015,
        column_widths=(0.1, 0.9) if has_zero_strip else None,
    )
    main = 2 if has_zero_strip else 1
    labels = {}
    called = {group: group for group in ROWS} | dict(names or {})
    for group, base in ROWS.items():
        members = members_of.filter(pl.col("group") == group)
        missing = int(frame.select(((pl.col("group") == group) & pl.col(name).is_null()).sum()).item())
        if members.is_empty():
            continue
        reason = "without lesions" if what.nature == "share" else "missing"
        labels[base] = f"<b>{called[group]}</b><br>n = {members.height:,}" + (
            f"<br>{missing:,} {reason}" if missing else ""
        )
        shown = members.filter(pl.col(name) > 0) if log else members
        values = shown[name].to_numpy()
        if values.size:
            _cloud(figure, values, group, base, log, main)
            _middle(figure, values, group, called[group], base, main)
            if not small:
                _people(figure, shown, name, group, called[group], base, main)
        if has_zero_strip:
            zeros = members.filter(pl.col(name) == 0)
            _zeros(figure, zeros, group, called[group], base, members.height, points=not small)
    places = {"tickvals": list(labels), "ticktext": list(labels.values()), "range": [-0.5, 1.62]}
    figure.update_yaxes(NO_SCALE | places)
    figure.update_xaxes({"title": {"text": what.axis_title}, "type": "log" if log else "linear"}, col=main)
    if log:
        between = {} if small else {"minor": {"ticks": "outside", "ticklen": 3}}
        figure.update_xaxes({"dtick": 1, "exponentformat": "none"} | between, col=main)
    if has_zero_strip:
        # A small strip has no room for words; the sentence above it names them.
        title = "" if small else "no lesion"
        figure.update_xaxes(zero_strip([-1, 1], 0, "0") | {"title": {"text": title}}, col=1)
    return figure.drawn(
        small=small,
        height=410,
        margin={"l": 118, "r": 16, "t": 26, "b": 54},
        legend={"orientation": "h", "y": 1.1, "x": 1, "xanchor": "right"},
        hovermode="closest",
        dragmode=False,
    )


def _cloud(figure: Panels, values: np.ndarray, group: str, base: float, log: bool, column: int) -> None:
    """Half violin above the row."""
    scaled = np.log10(values) if log else values
    position, density = _density(scaled)
    if position.size:
        x = 10**position if log else position
        height = 0.5 * density / density.max()
        figure.add_trace(
            trace(
                "scatter",
                x=np.concatenate([x, x[::-1]]),
                y=np.concatenate([base + 0.1 + height, np.full(x.size, base + 0.1)]),
                fill="toself",
                fillcolor=faded(GROUP_COLOURS[group], 0.35),
                line={"color": GROUP_COLOURS[group], "width": 1.5},
                mode="lines",
                hoverinfo="skip",
                showlegend=False,
            ),
            col=column,
        )


def _middle(figure: Panels, values: np.ndarray, group: str, called: str, base: float, column: int) -> None:
    """Median on the row, and a bar from quartile to quartile."""
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    hover = f"{called}: median {middle:.3g}, quartiles {low:.3g} to {high:.3g}<extra></extra>"
    figure.add_trace(
        trace(
            "scatter",
            x=[low, middle, high],
            y=[base] * 3,
            mode="lines+markers",
            line={"color": GROUP_COLOURS[group], "width": 7},
            # Marks of several sizes are see-through unless told otherwise.
            marker={
                "color": "#FFFFFF",
                "opacity": 1,
                "size": [0, 11, 0],
                "line": {"color": GROUP_COLOURS[group], "width": [0, 3, 0]},
            },
            hovertemplate=hover,
            showlegend=False,
        ),
        col=column,
    )


def _people(figure: Panels, people: pl.DataFrame, name: str, group: str, called: str, base: float, column: int) -> None:
    """Every person as a point below the row, women circles and men squares."""
    drawn = sampled(people, MAX_POINTS)
    drawn = drawn.with_columns(pl.Series("_y", base + jitter(drawn.height, -0.34, -0.1)))
    for sex, members in ((s, drawn.filter(pl.col("sex") == s)) for s in SEX_SYMBOLS):
        if members.is_empty():
            continue
        figure.add_trace(
            person_points(
                members,
                members[name].to_numpy(),
                members["_y"].to_numpy(),
                known=("subject_id", "age_years"),
                name=f"{called} {SEX_LABELS[sex].lower()}",
                marker={
                    "color": faded(GROUP_COLOURS[group], 0.7),
                    "symbol": SEX_SYMBOLS[sex],
                    "size": 5,
                },
                hover=f"%{{customdata[0]}} · {called}, {SEX_LABELS[sex].lower()}, %{{customdata[1]}} years"
                f"<br>%{{x:.4g}} {measure(name).unit}",
            ),
            col=column,
        )
    if drawn.height < people.height:
        figure.add_annotation(
            text=f"{drawn.height:,} of {people.height:,} people drawn",
            x=1,
            xref="paper",
            xanchor="right",
            y=base - 0.42,
            yref="y",
            showarrow=False,
        )


def _zeros(figure: Panels, zeros: pl.DataFrame, group: str, called: str, base: float, n: int, *, points: bool) -> None:
    """Strip of people whose value is zero, with their share of the group."""
    drawn = sampled(zeros, MAX_ZEROS if points else 0)
    generator = np.random.default_rng(2)
    if drawn.height:
        figure.add_trace(
            person_points(
                drawn,
                generator.uniform(-0.7, 0.7, drawn.height),
                base + generator.uniform(-0.34, -0.02, drawn.height),
                known=("subject_id", "age_years"),
                marker={"color": faded(GROUP_COLOURS[group], 0.75), "symbol": "circle-open", "size": 5},
                hover=f"%{{customdata[0]}} · {called}, %{{customdata[1]}} years<br>no lesion",
                showlegend=False,
            ),
        )
    figure.add_annotation(
        text=f"{zeros.height:,}<br>{100 * zeros.height / n:.1f} %",
        x=0,
        y=base + 0.24,
        showarrow=False,
        col=1,
        hovertext=f"{zeros.height:,} of {n:,} {called} have none",
    )


def _density(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gaussian kernel density on a grid, from binned values so that a million cost as little as a hundred.

    Bandwidth: Silverman (1986), 0.9 min(SD, IQR/1.34) n^-1/5. Empty when all values are equal.
    """
    spread = min(values.std(), np.subtract(*np.quantile(values, [0.75, 0.25])) / 1.34) or values.std()
    if values.size < 3 or spread == 0:
        return np.array([]), np.array([])
    width = 0.9 * spread * values.size**-0.2
    edges = np.linspace(values.min() - 2 * width, values.max() + 2 * width, GRID_POINTS + 1)
    counts, _ = np.histogram(values, edges)
    grid = (edges[1:] + edges[:-1]) / 2
    kernel = np.exp(-0.5 * ((grid[:, None] - grid[None, :]) / width) ** 2)
    observed = (grid >= values.min()) & (grid <= values.max())  # no density where nobody was seen
    return grid[observed], (kernel @ counts)[observed]
