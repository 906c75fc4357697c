"""Zone areas by age band, one panel per zone: people, quartiles and medians, zeros on their own strip."""

import plotly.graph_objects as go
import polars as pl

from app.figures.cohort.age_band_panels import Cell, axes, draw_cells, finished, panels
from app.figures.marks import log_range, say_if_sampled
from app.figures.palette import ZONE_COLOURS
from app.sentences.typography import ranges
from vocabulary.measures import ZONE_LABELS, ZONES, measure

# Darker than the fills, so that outlines keep their contrast on white; the yellow needs it most.
ZONE_EDGES = {"periventricular": "#B04D00", "paraventricular": "#A87300", "juxtacortical": "#8A8000"}


def zones_by_age(banded: pl.DataFrame, summaries: dict[str, pl.DataFrame]) -> go.Figure:
    """Draw the area of each zone by age band, on one log axis.

    Parameters
    ----------
    banded : people of one group with subject_id, sex, age_years, age_band and the zone areas
    summaries : per zone, one row per age band (sexes together), as `analysis.strata.strata` returns it
    """
    figure = panels([ZONE_LABELS[z] for z in ZONES], strip=True)
    banded = banded.drop_nulls("age_band")
    areas = pl.concat([banded[f"{zone}_area_mm2"].cast(pl.Float64) for zone in ZONES])
    ends = log_range(areas.drop_nulls())
    drawn = 0
    for column, zone in enumerate(ZONES, start=1):
        what = measure(f"{zone}_area_mm2")
        people = banded.drop_nulls(what.name).partition_by("age_band", as_dict=True)
        labels = {}
        cells = []
        for x, row in enumerate(summaries[zone].iter_rows(named=True)):
            labels[float(x)] = f"<span style='font-size:.9em'><b>{ranges(row['age_band'])}</b><br>n {row['n']:,}</span>"
            members = people.get((row["age_band"],))
            if members is None:
                continue
            cell = Cell(
                x=float(x),
                people=members,
                summary=row,
                colour=ZONE_COLOURS[zone],
                edge=ZONE_EDGES[zone],
                label=f"{ZONE_LABELS[zone].lower()}, {ranges(row['age_band'])} years",
                width=0.56,
            )
            cells.append(cell)
        drawn += draw_cells(figure, cells, what, column=column, floor=ends[0])
        axes(figure, what, labels, column=column, ends=ends)
    figure.update_yaxes({"title": {"text": "WMH area in the zone (mm²)"}}, row=1, col=1)
    say_if_sampled(figure, drawn, sum(int(s["n"].sum()) for s in summaries.values()), "boxes use all")
    return finished(figure)
