"""A small centile chart as SVG, drawn without a browser: curves, bands, ages of the reference, one person."""

import math
from collections.abc import Callable, Sequence

import polars as pl

from app.figures.norms.centile_chart import PERSON_COLOUR, SMALLEST_AREA
from app.figures.palette import GROUP_COLOURS

WIDTH, HEIGHT = 340.0, 200.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 26.0, 8.0, 20.0
HISTOGRAM, STRIP = 26.0, 14.0
INK, GRID = "#1D2733", "#DDE3E8"
FONT = "Vazirmatn"
TICKS_ACROSS = (20, 30, 40, 50, 60, 70)


def age_chart(
    curves: pl.DataFrame,
    ages: Sequence[tuple[float, int]],
    *,
    age: float,
    value: float,
    log: bool,
    group: str,
    sex: str,
    write: Callable[[float], str],
) -> str:
    """Return an SVG of centiles by age with one person marked.

    Parameters
    ----------
    curves : as `analysis.norms.curves.centile_curves` returns them, of one sex
    ages : (age, people) of the reference
    log : draw on a logarithmic axis, people without lesions on a strip below
    write : number -> text in the report's language

    Returns
    -------
    SVG of 340 x 200 units; its only texts are numbers
    """
    first, last = float(curves["age"].min()), float(curves["age"].max())  # type: ignore[arg-type]
    first, last = min(first, age), max(last, age)
    floor_y = HEIGHT - BOTTOM - HISTOGRAM - (STRIP if log else 0.0)
    top = max(float(curves["high"].max()), value) * (1.3 if log else 1.08)  # type: ignore[arg-type]

    def x(years: float) -> float:
        return LEFT + (years - first) / max(last - first, 1.0) * (WIDTH - LEFT - RIGHT)

    def y(amount: float) -> float:
        if log:
            part = math.log(max(amount, SMALLEST_AREA) / SMALLEST_AREA) / math.log(max(top, 1.0) / SMALLEST_AREA)
        else:
            part = amount / top
        return floor_y - part * (floor_y - TOP)

    parts = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#FFFFFF"/>']
    for years in TICKS_ACROSS:
        if first <= years <= last:
            parts.append(_line(x(years), TOP, x(years), HEIGHT - BOTTOM, GRID, 0.5))
            parts.append(_text(x(years), HEIGHT - 6, write(years), "middle"))
    for tick in _ticks(top, log=log):
        parts.append(_line(LEFT, y(tick), WIDTH - RIGHT, y(tick), GRID, 0.5))
        parts.append(_text(LEFT - 4, y(tick) + 3, write(tick), "end"))
    if log:
        parts.append(_line(LEFT, floor_y, WIDTH - RIGHT, floor_y, INK, 0.6))
        parts.append(_text(LEFT - 4, floor_y + STRIP / 2 + 3, write(0), "end"))
    colour = GROUP_COLOURS[group]
    most = max((n for _, n in ages), default=1)
    base = HEIGHT - BOTTOM
    wide = (WIDTH - LEFT - RIGHT) / max(last - first, 1.0)
    for band, n in ages:
        tall = n / most * (HISTOGRAM - 5)
        parts.append(
            f'<rect x="{x(band) - wide / 2:.2f}" y="{base - tall:.2f}" width="{wide:.2f}" height="{tall:.2f}" '
            f'fill="{colour}" fill-opacity="0.55"/>'
        )
    parts.append(_line(LEFT, base, WIDTH - RIGHT, base, INK, 0.8))
    for centile in curves["centile"].unique().sort():
        curve = curves.filter((pl.col("centile") == centile) & (pl.col("value") > (SMALLEST_AREA if log else 0.0)))
        if curve.is_empty():
            continue
        points = list(curve.select("age", "value", "low", "high").iter_rows())
        around = [(x(a), y(h)) for a, _, _, h in points] + [(x(a), y(low)) for a, _, low, _ in reversed(points)]
        parts.append(f'<polygon points="{_points(around)}" fill="{colour}" fill-opacity="0.18"/>')
        dash = ' stroke-dasharray="4 3"' if sex == "M" else ""
        width = 2 if centile == 50 else 1.1
        line = _points([(x(a), y(v)) for a, v, _, _ in points])
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="{width}"{dash}/>')
        parts.append(_text(x(points[-1][0]) + 4, y(points[-1][1]) + 3, write(float(centile)), "start"))
    height = floor_y + STRIP / 2 if log and value < SMALLEST_AREA else y(value)
    mark = f'fill="{PERSON_COLOUR}" stroke="#FFFFFF" stroke-width="1.4"'
    if sex == "M":
        parts.append(f'<rect x="{x(age) - 5:.2f}" y="{height - 5:.2f}" width="10" height="10" {mark}/>')
    else:
        parts.append(f'<circle cx="{x(age):.2f}" cy="{height:.2f}" r="5.5" {mark}/>')
    body = "".join(parts)
    box = f'viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" direction="ltr"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{body}</svg>'


def _ticks(top: float, *, log: bool) -> list[float]:
    if log:
        return [t for t in (1.0, 10.0, 100.0, 1_000.0, 10_000.0, 100_000.0) if t <= top]
    step = 10 ** math.floor(math.log10(top))
    step = next(s for s in (step / 5, step / 2, step, 2 * step) if top / s <= 6)
    return [round(i * step, 10) for i in range(int(top / step) + 1)]


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{a:.2f},{b:.2f}" for a, b in points)


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float) -> str:
    ends = f'x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    style = f'font-family="{FONT}" font-size="9" fill="{INK}" text-anchor="{anchor}"'
    return f'<text x="{x:.2f}" y="{y:.2f}" {style}>{text}</text>'
