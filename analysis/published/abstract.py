"""The published abstract against the released table: they do not agree, and nobody outside the study knows why."""

import polars as pl

from analysis.published.recompute import describe
from analysis.published.reproduce import decimals
from analysis.published.study_rules import SOUND, sample
from analysis.statistics.effects import cohen_d

NOTE = (
    "The abstract's numbers do not agree with the released table. The cause is not known: they may come from a later "
    "pipeline or from other classes of lesion. They are never shown beside figures of the table without this note."
)

PRINTED = {
    ("people", ""): "1381",
    ("mean ventricle ratio, HC", "%"): "1.39",
    ("mean ventricle ratio, MS", "%"): "2.37",
    ("Cohen's d of the ventricle ratio, MS - HC", ""): "1.139",
    ("mean WMH ratio, HC", "%"): "0.315",
    ("mean WMH ratio, MS", "%"): "0.749",
    ("mean WMH ratio, MS / HC", ""): "2.4",
    ("mean periventricular share, MS", "%"): "53.9",
    ("SD of the periventricular share, MS", "%"): "20.6",
}
"""What the abstract prints, by quantity and unit."""


def abstract_discrepancies(frame: pl.DataFrame) -> pl.DataFrame:
    """Set the abstract's numbers beside what the table gives.

    Parameters
    ----------
    frame : polars.DataFrame
        cohort frame, all rows.

    Returns
    -------
    polars.DataFrame, one row per number: quantity, unit, abstract (as printed), table (unrounded; null where
    undefined; shares are of people with lesions), table_text (with the abstract's decimals), agrees.
    """
    people = sample(frame, SOUND)
    vent, wmh = ({group: people.values(name, group) for group in ("HC", "MS")} for name in ("vent_ratio", "wmh_ratio"))
    hc, ms = (describe(wmh[group]).mean for group in ("HC", "MS"))
    share = describe(people.values("PEWMH_share", "MS"))
    computed = (
        float(frame.height),
        describe(vent["HC"]).mean,
        describe(vent["MS"]).mean,
        cohen_d(vent["MS"], vent["HC"])[0],
        hc,
        ms,
        ms / hc if hc else float("nan"),
        share.mean,
        share.sd,
    )
    rows = []
    for ((quantity, unit), printed), value in zip(PRINTED.items(), computed, strict=True):
        text = f"{value:.{decimals(printed)}f}"
        rows.append((quantity, unit, printed, value, text, text == printed))
    columns = ("quantity", "unit", "abstract", "table", "table_text", "agrees")
    return pl.DataFrame(rows, schema=columns, orient="row").with_columns(pl.col("table").fill_nan(None))
