"""Say how the effect of MS differs between ages and between the sexes, where that is clear."""

from typing import Any

import polars as pl

from app.sentences.formatting import format_number, format_ratio, format_ratio_range, p_equals
from app.sentences.labels import adjustment_name
from vocabulary.measures import SEX_LABELS, SEXES, measure

CLEAR_BELOW = 0.05


def varying_sentence(tests: pl.DataFrame, effects: pl.DataFrame, name: str) -> str:
    """Say at which ages and in which sex the headline effect is how large; empty where neither could be tested.

    Parameters
    ----------
    tests : answer of ``analysis.comparison.compare``; its rows varies_with_age and varies_with_sex decide
    effects : answer of ``analysis.varying_effect.effect_at``
    name : the measure

    Notes
    -----
    Clear: p below .05 after adjustment over the tests of the measure.
    """
    rows = {row["name"]: row for row in tests.iter_rows(named=True)}
    over = f"{adjustment_name(tests.row(0, named=True))} over {tests['family_size'][0]} tests"
    what = "difference" if measure(name).nature == "share" else "ratio"
    said, unclear = [], []
    for modifier, along in (("age", "with age"), ("sex", "between women and men")):
        test = rows[f"varies_with_{modifier}"]
        at = effects.filter((pl.col("modifier") == modifier) & pl.col("effect_size").is_not_null())
        if test["p_adjusted"] is None:
            continue
        if test["p_adjusted"] < CLEAR_BELOW and at.height > 1:
            places = _at_ages(at) if modifier == "age" else _in_sexes(at)
            said.append(f"The {what} varies {along}: {places} ({over}, {p_equals(test['p_adjusted'])}).")
        else:
            unclear.append(along)
    if unclear:
        said.append(f"The {what} does not vary clearly {' or '.join(unclear)} ({over}).")
    return " ".join(said)


def _at_ages(at: pl.DataFrame) -> str:
    return _listed([f"{_size(row)} at {row['at']:.0f} years ({_range(row)})" for row in at.iter_rows(named=True)])


def _in_sexes(at: pl.DataFrame) -> str:
    return _listed(
        [
            f"{_size(row)} in {SEX_LABELS[SEXES[int(row['at'])]].lower()} ({_range(row)})"
            for row in at.iter_rows(named=True)
        ]
    )


def _size(row: dict[str, Any]) -> str:
    if row["effect"] == "mean_difference":
        return f"{format_number(row['effect_size'], 2)} points"
    return f"{format_ratio(row['effect_size'])} times"


def _range(row: dict[str, Any]) -> str:
    if row["effect"] == "mean_difference":
        return f"95 % CI {format_number(row['ci_low'], 2)} to {format_number(row['ci_high'], 2)}"
    return f"95 % CI {format_ratio_range(row['ci_low'], row['ci_high'])}"


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"
