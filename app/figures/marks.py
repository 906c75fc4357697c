"""Marks that figures share: people as points, a middle with its interval, the strip of those whose value is zero."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from app.figures.panels import Panels, Properties, trace

NO_SCALE: dict[str, Any] = {"showgrid": False, "zeroline": False}
"""An axis that names places rather than amounts."""
ROOM = 1.5


def sampled(people: pl.DataFrame, most: int) -> pl.DataFrame:
    """Return the people to draw: all, or ``most`` of them chosen by a seed; the figure must say when it is not all."""
    return people.sample(most, seed=1) if people.height > most else people


class Sample(NamedTuple):
    """People to draw, and of how many they are; the figure must say when these are more."""

    people: pl.DataFrame
    of: int


def sampled_among(people: pl.DataFrame, condition: pl.Expr, most: int) -> Sample:
    """Return those to draw of the people whom a condition is true of: the same as ``sampled`` of these.

    Nobody else is copied: of a million people that takes longer than all else that a figure needs.
    """
    places = people.select(pl.arg_where(condition))
    return Sample(people[sampled(places, most).to_series()], places.height)


def say_if_sampled(figure: Panels, drawn: int, people: int, others: str) -> None:
    """Write above the figure how many people are drawn, when that is not everyone; ``others`` is what uses all."""
    if drawn < people:
        figure.add_annotation(
            text=f"{drawn:,} of {people:,} people drawn; {others}",
            xref="paper",
            yref="paper",
            x=0,
            y=1,
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
            font={"size": 12},
        )


def jitter(n: int, low: float, high: float, seed: int = 1) -> np.ndarray:
    """Return small shifts that keep points of one value apart, the same at every drawing."""
    return np.random.default_rng(seed).uniform(low, high, n)


def person_points(
    people: pl.DataFrame,
    x: ArrayLike,
    y: ArrayLike,
    *,
    known: Sequence[str],
    marker: dict[str, Any],
    hover: str,
    **more: Any,
) -> Properties:
    """Return one point per person, whom a click or the pointer names.

    Parameters
    ----------
    people : one row per person
    x, y : place of each
    known : columns of ``people`` for ``customdata``; the first is subject_id, by which a click finds the person
    marker : Plotly's marker
    hover : template of what the pointer shows
    more : properties of the trace, such as its name in the legend
    """
    points = {"x": x, "y": y, "mode": "markers", "customdata": people.select(known).to_numpy(), "marker": marker}
    return trace("scatter", **points, hovertemplate=f"{hover}<extra></extra>", **more)


def interval_bar(
    above: Sequence[float] | pl.Series, below: Sequence[float] | pl.Series, colour: str, width: float
) -> dict[str, Any]:
    """Return Plotly's ``error_y``: how far the interval of each middle reaches above and below it.

    ``width`` is that of the caps, in pixels.
    """
    return {
        "type": "data",
        "symmetric": False,
        "array": list(above),
        "arrayminus": list(below),
        "color": colour,
        "thickness": 2.5,
        "width": width,
    }


def zero_strip(ends: Sequence[float], at: float, label: str) -> dict[str, Any]:
    """Return the axis of the strip on which the people lie whose value is zero, which a log axis cannot show."""
    return NO_SCALE | {"range": list(ends), "tickvals": [at], "ticktext": [label]}


def log_scale(ends: tuple[float, float]) -> dict[str, Any]:
    """Return a log axis from one end to the other, a label at every power of ten."""
    span = [math.log10(end) for end in ends]
    return {"type": "log", "range": span, "dtick": 1, "exponentformat": "none", "separatethousands": True}


def log_range(values: pl.Series) -> tuple[float, float]:
    """Return the ends of a log axis: a little outside the values above zero, and never without a labelled tick.

    1 to 10 when no value is above zero.
    """
    positive = values.filter(values > 0).to_numpy()
    if not positive.size:
        return 1.0, 10.0
    low, high = float(positive.min()) / ROOM, float(positive.max()) * ROOM
    if high / low < 10:
        return 10 ** math.floor(math.log10(low)), 10 ** math.ceil(math.log10(high))
    return low, high
