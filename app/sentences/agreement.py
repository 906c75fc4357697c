"""Which measures of a scan can be believed, in words and tables: a model's labels against a rater's."""

import polars as pl

from analysis.model_scores.agreement import SHOWN
from app.sentences.formatting import MINUS, MISSING, format_interval, format_number
from vocabulary.measures import MEASURES


def agreement_sentence(agreement: pl.DataFrame) -> str:
    """Name the measures that agree best and worst.

    Examples
    --------
    >>> from analysis.model_scores.agreement import AGREEMENT_SCHEMA
    >>> row = dict.fromkeys(AGREEMENT_SCHEMA, 0.0) | {"n": 10, "n_missing": 0}
    >>> both = [{**row, "measure": "wmh_volume_ml", "icc": 0.8, "ci_low": 0.5, "ci_high": 0.95},
    ...         {**row, "measure": "lesion_count", "icc": 0.3, "ci_low": -0.4, "ci_high": 0.7}]
    >>> print(agreement_sentence(pl.DataFrame(both, schema=AGREEMENT_SCHEMA)))
    Nearest to the rater's: WMH volume, ICC 0.80 (95 % CI 0.50 to 0.95, n = 10). Farthest: Lesion count, ICC 0.30 \
(95 % CI −0.40 to 0.70, n = 10).
    """
    known = agreement.drop_nulls("icc").sort("icc", descending=True)
    if known.height < 2:
        return "Too few measures of too few patients to say which agree."
    best, worst = known.row(0, named=True), known.row(-1, named=True)
    return f"Nearest to the rater's: {_said(best)}. Farthest: {_said(worst)}."


def _said(row: dict[str, float]) -> str:
    icc, low, high = (f"{row[name]:.2f}".replace("-", MINUS) for name in ("icc", "ci_low", "ci_high"))
    return f"{MEASURES[str(row['measure'])].label}, ICC {icc} (95 % CI {low} to {high}, n = {row['n']})"


def agreement_table(agreement: pl.DataFrame) -> pl.DataFrame:
    """Return ``measure_agreement``'s answer as text for a table."""
    return pl.DataFrame(
        [
            {
                "Measure": MEASURES[row["measure"]].axis_title,
                "Mean by hand": format_number(row["manual_mean"]),
                "Model − by hand": format_number(row["bias"]),
                "95 % of patients": _range(row, "limit_low", "limit_high"),
                "ICC(2,1)": format_number(row["icc"]),
                "95 % CI": _range(row, "ci_low", "ci_high"),
                "n": f"{row['n']:,}" + (f" ({row['n_missing']} missing)" if row["n_missing"] else ""),
            }
            for row in agreement.iter_rows(named=True)
        ]
    )


def _range(row: dict[str, float | None], low: str, high: str) -> str:
    first, last = row[low], row[high]
    return MISSING if first is None or last is None else format_interval(first, last)


def patients_table(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row per patient, cells 'manual, found'; same rows as for ``measure_agreement``."""
    wide: dict[str, dict[str, str]] = {}
    for row in rows.sort("subject_id").iter_rows(named=True):
        if row["measure"] in SHOWN:
            cell = f"{format_number(row['manual'])}, {format_number(row['found'])}"
            wide.setdefault(row["subject_id"], {})[row["measure"]] = cell
    return pl.DataFrame(
        [
            {"Patient": who} | {MEASURES[name].axis_title: cells.get(name, MISSING) for name in SHOWN}
            for who, cells in wide.items()
        ]
    )
