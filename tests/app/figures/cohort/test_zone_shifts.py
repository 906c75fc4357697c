"""The figure of zone shares by the recorded and by moved limits."""

import polars as pl

from app.figures.cohort.zone_shifts import zone_shifts
from vocabulary.measures import ZONE_LABELS, ZONES


def _shares(*scans: tuple[str, float]) -> pl.DataFrame:
    rows = [
        (scan, zone, share)
        for scan, first in scans
        for zone, share in zip(ZONES, (first, 100 - first, 0.0), strict=True)
    ]
    return pl.DataFrame(rows, schema=["scan_id", "zone", "share_pct"], orient="row")


def test_every_scan_is_a_point_and_the_chosen_one_a_diamond() -> None:
    figure = zone_shifts(_shares(("a", 75.0), ("b", 40.0)), _shares(("a", 50.0), ("b", 20.0)), "a", "study-code")
    diamonds = [trace for trace in figure.data if trace.marker.symbol == "diamond"]
    assert [list(trace.x) for trace in diamonds] == [[75], [50], [25], [50], [0], [0]]
    points = [trace for trace in figure.data if trace.mode == "markers" and trace.marker.symbol is None]
    assert [list(trace.x) for trace in points] == [[40], [20], [60], [80], [0], [0]]
    lines = [trace.x[0] for trace in figure.data if trace.mode == "lines"]
    assert lines == [57.5, 35.0, 42.5, 65.0, 0.0, 0.0]


def test_points_of_one_strip_stay_within_it() -> None:
    many = _shares(*((f"s{i:03}", 50.0) for i in range(200)))
    figure = zone_shifts(many, many, "s000", "study-code")
    heights = figure.data[0].y
    assert len(set(heights)) == 199
    assert max(heights) - min(heights) < 0.25


def test_strips_are_named_and_axes_have_units() -> None:
    figure = zone_shifts(_shares(("a", 75.0)), _shares(("a", 50.0)), "a", "study-code")
    assert list(figure.layout.yaxis.ticktext) == [text for zone in ZONES for text in (ZONE_LABELS[zone], "moved")]
    assert figure.layout.xaxis.title.text.endswith("(%)")


def test_no_lesions_make_an_empty_figure() -> None:
    nothing = _shares(("a", 75.0)).clear()
    assert len(zone_shifts(nothing, nothing, "a", "study-code").data) == 0
