"""What tests, effects and variables are called where people read them; the codes stay in JSON and CSV."""

from collections.abc import Mapping
from typing import Any

from analysis.statistics.multiplicity import ADJUSTMENT_NAMES
from vocabulary.extra_columns import extra_named
from vocabulary.measures import MEASURES

TEST_LABELS = {
    "adjusted_log_ratio": "Adjusted ratio",
    "adjusted_difference": "Adjusted difference",
    "any_lesion_odds_ratio": "Any lesion at all",
    "geometric_mean_ratio": "Load among those with lesions",
    "hodges_lehmann": "Median difference",
    "mann_whitney": "Mann-Whitney",
    "welch_t": "Welch t",
    "varies_with_age": "Varies with age?",
    "varies_with_sex": "Varies with sex?",
}
EFFECT_LABELS = {
    "ratio_of_means": "ratio MS / HC",
    "ratio_of_geometric_means": "ratio MS / HC",
    "odds_ratio": "odds ratio MS / HC",
    "mean_difference": "MS − HC, mean",
    "median_difference": "MS − HC, median",
    "rank_biserial": "rank-biserial r",
    "cohen_d": "Cohen's d",
    "ratio_of_ratios_per_decade": "ratio of the ratios, ten years older",
    "ratio_of_ratios_men_to_women": "ratio of the ratios, men to women",
    "difference_of_differences_per_decade": "change of the difference, ten years older",
    "difference_of_differences_men_to_women": "change of the difference, men to women",
}
"""Directions are always MS relative to HC."""


def adjustment_name(row: Mapping[str, Any]) -> str:
    """Name the adjustment of a row's p_adjusted; rows that do not say are Holm's."""
    return ADJUSTMENT_NAMES[row.get("adjustment") or "holm"]


def variable_label(name: str) -> str:
    """Return a short name: a measure's, a further column's, 'Age', or 'Male sex' (coded 1 for men, 0 for women)."""
    if name in ("age_years", "sex"):
        return {"age_years": "Age", "sex": "Male sex"}[name]
    return MEASURES[name].short if name in MEASURES else extra_named(name).label
