"""The wheel of regions keeps the room it has on a page, and says that a phone must not squeeze it."""

import polars as pl
import pytest

from app.figures.cohort.bullseye import bullseye

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
