"""The wheel of regions keeps the room it has on a page, and says that a phone must not squeeze it."""

import polars as pl
import pytest

from app.figures.cell_colours import DIFFERENCE, colour_of, shades
from app.figures.cohort.bullseye import bullseye
from app.figures.cohort.glass_brain import glass_brain
from app.figures.palette import GROUP_COLOURS
from app.figures.theme import Look, dress

CELLS = pl.DataFrame(
    {
        "region_number": [1],
        "region": ["frontal, inner deep"],
        "side": ["left"],
        "value": [1.2],
        "words": ["left frontal, inner deep: 1.2 mL"],
    }
)


@pytest.mark.parametrize("group", ["MS", None])
def test_colours_stand_beside_the_wheel_which_is_never_squeezed(group: str | None) -> None:
    figure = bullseye(CELLS, unit="mean mL", group=group)
    bars = [trace.marker.colorbar for trace in figure.data if trace.marker.showscale]
    assert [bar.orientation for bar in bars] == ["v"]
    # No room is kept below the wheel, which is whole above the fold at 1280 x 800.
    assert figure.layout.margin.b < 10
    assert figure.layout.meta == "wide"


def _luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("number", ["HC", "MS", DIFFERENCE])
@pytest.mark.parametrize("dark", [False, True])
def test_weak_cells_recede_into_the_page_and_strong_ones_stand_out(number: str, *, dark: bool) -> None:
    look, stops = Look(dark=dark), shades(number, dark=dark)
    paper = _luminance(f"rgb({','.join(str(int(look.paper[i : i + 2], 16)) for i in (1, 3, 5))})")
    weakest, strongest = (0.5, 1.0) if number == DIFFERENCE else (0.0, 1.0)
    apart = [abs(_luminance(colour_of(stops, place)) - paper) for place in (weakest, strongest)]
    assert apart[1] > 3 * apart[0]


def test_a_dark_page_shades_the_same_cells_from_dark_to_the_colour_of_the_group() -> None:
    two = pl.concat([CELLS, CELLS.with_columns(pl.lit("right").alias("side"), pl.lit(0.0).alias("value"))])
    fills = {}
    for dark in (False, True):
        figure = dress(bullseye(two, unit="mean mL", group="MS"), Look(dark=dark))
        fills[dark] = {trace.fillcolor for trace in figure.data if trace.meta and "filled" in trace.meta}
        written = {trace.textfont.color for trace in figure.data if trace.meta and "written_on" in trace.meta}
        assert len(written) == (1 if dark else 2)
        (bar,) = (trace.marker for trace in figure.data if trace.marker.showscale)
        assert bar.colorscale[-1][1] == GROUP_COLOURS["MS"]
    assert fills[False] & fills[True] == {"rgb(170,68,153)"}
    assert fills[False] - fills[True] == {"rgb(247,245,240)"}
    assert fills[True] - fills[False] == {"rgb(32,43,54)"}


def test_lobes_take_their_colours_from_the_page_too() -> None:
    lobe = CELLS.with_columns(pl.lit("frontal").alias("region"))
    for dark in (False, True):
        figure = dress(glass_brain(lobe, unit="mean mL", group="HC"), Look(dark=dark))
        filled = {trace.fillcolor for trace in figure.data if trace.meta and "filled" in trace.meta}
        assert filled == {"rgb(0,158,115)"}, "the only value is the largest: the colour of the group on any page"
