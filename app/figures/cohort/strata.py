"""Age band x sex x group: women and men side by side, HC left and MS right within each band."""

import plotly.graph_objects as go
import polars as pl

from app.figures.cohort.age_band_panels import Cell, axes, draw_cells, finished, panels
from app.figures.marks import log_range, say_if_sampled
from app.figures.palette import GROUP_COLOURS
from app.sentences.typography import ranges
from vocabulary.measures import GROUPS, SEX_LABELS, SEXES, measure

OFFSETS = {"HC": -0.2, "MS": 0.2}


def strata_figure(banded: pl.DataFrame, summary: pl.DataFrame, name: str) -> go.Figure:
    """Draw every stratum's people, quartiles and median; strata of fewer than five as individual people only.

    Parameters
    ----------
    banded : people with subject_id, group, sex, age_years, age_band and the measure
    summary : as `analysis.strata.strata` returns it for the same people
    name : a measure
    """
    what = measure(name)
    log = what.nature in ("load", "count")
    banded = banded.drop_nulls([name, "age_band"])
    sexes = [s for s in SEXES if summary.filter(pl.col("sex") == s)["n"].sum() > 0]
    bands = list(dict.fromkeys(summary["age_band"]))
    groups = [g for g in GROUPS if summary.filter(pl.col("group") == g)["n"].sum() > 0]
    figure = panels([SEX_LABELS[s] for s in sexes] or [""], strip=log)
    ends = log_range(banded[name]) if log else None
    drawn = 0
    people = banded.partition_by(["group", "sex", "age_band"], as_dict=True)
    for column, sex in enumerate(sexes, start=1):
        cells = []
        labels = {float(i): f"<b>{ranges(band)}</b>" for i, band in enumerate(bands)}
        for group in groups:
            of_group = summary.filter((pl.col("sex") == sex) & (pl.col("group") == group))
            for row in of_group.iter_rows(named=True):
                x = float(bands.index(row["age_band"]))
                labels[x] += f"<br><span style='color:{GROUP_COLOURS[group]}'>●</span> {group} {row['n']:,}"
                members = people.get((group, sex, row["age_band"]))
                if members is None:
                    continue
                cell = Cell(
                    x=x + (OFFSETS[group] if len(groups) > 1 else 0),
                    people=members,
                    summary=row,
                    colour=GROUP_COLOURS[group],
                    edge=GROUP_COLOURS[group],
                    label=f"{group}, {SEX_LABELS[sex].lower()} {ranges(row['age_band'])}",
                )
                cells.append(cell)
        drawn += draw_cells(figure, cells, what, column=column, floor=ends[0] if ends else None)
        axes(figure, what, labels, column=column, ends=ends)
    say_if_sampled(figure, drawn, int(summary["n"].sum()), "boxes use all")
    return finished(figure)
