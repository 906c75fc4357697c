import polars as pl
import pytest

from analysis.correlation import correlate, difference_of
from app.sentences.cohort import difference_sentence, published_sentence, zones_sentence
from vocabulary.measures import ZONES


def parts(group: str, n: int, shares: tuple[float, ...] | None, zero_rates: tuple[float, ...]) -> pl.DataFrame:
    centres = shares or (None,) * 3
    return pl.DataFrame(
        {
            "group": [group] * 3,
            "zone": list(ZONES),
            "n": [n] * 3,
            "centre_pct": pl.Series(centres, dtype=pl.Float64),
            "ci_low": pl.Series([c and c - 4 for c in centres], dtype=pl.Float64),
            "ci_high": pl.Series([c and c + 4 for c in centres], dtype=pl.Float64),
            "zero_rate": pl.Series(zero_rates, dtype=pl.Float64),
        }
    )


def cohort(r_ms: int) -> pl.DataFrame:
    """Two groups of 40: ventricle ratio rises with age in HC, and rises (1) or falls (-1) in MS."""
    age = [20.0 + i for i in range(40)]
    wobble = [(-1) ** i * 3 for i in range(40)]
    up = [a + w for a, w in zip(age, wobble, strict=True)]
    return pl.DataFrame(
        {
            "group": ["HC"] * 40 + ["MS"] * 40,
            "sex": ["F", "M"] * 40,
            "age_years": age * 2,
            "ventricle_ratio_pct": up + [r_ms * value for value in up],
        }
    )


def sentence(frame: pl.DataFrame) -> str:
    cells = correlate(frame, ("age_years", "ventricle_ratio_pct"))
    return difference_sentence(cells, difference_of(cells))


def test_clearest_difference_is_told() -> None:
    said = sentence(cohort(-1))
    assert "age with ventricle ratio: r −0.9" in said
    assert "in MS patients and r 0.9" in said
    assert "1 of 1 pairs" in said


def test_no_difference_is_told_as_such() -> None:
    assert sentence(cohort(1)).startswith("No correlation differs clearly between MS and controls: of 1 pairs none")


def test_one_group_is_not_compared() -> None:
    assert "differ" not in sentence(cohort(1).filter(pl.col("group") == "MS"))


def test_typical_split() -> None:
    said = zones_sentence(parts("MS", 12, (60.0, 25.0, 15.0), (0.1, 0.1, 0.2)))
    assert said == (
        "Among people with lesions, a typical split in MS patients (n = 12) is 60 % periventricular (95 % CI 56-64), "
        "25 % paraventricular (95 % CI 21-29), 15 % juxtacortical (95 % CI 11-19)."
    )


def test_no_typical_split_where_most_lack_a_zone() -> None:
    said = zones_sentence(parts("HC", 840, None, (0.002, 0.96, 0.98)))
    assert said == (
        "Among people with lesions, of controls (n = 840), over 99 % have periventricular, 4 % have paraventricular "
        "and 2 % have juxtacortical lesions."
    )


def test_nobody_with_lesions() -> None:
    assert zones_sentence(parts("HC", 0, None, (0.0, 0.0, 0.0))).startswith("Nobody in this selection has a lesion")


@pytest.mark.parametrize(("verdict", "failed"), [("exact", 0), ("not reproduced", 1)])
def test_published(verdict: str, failed: int) -> None:
    rows = pl.DataFrame({"source": ["seed:a.csv", "seed:b.csv", "README"], "verdict": ["exact", "rounding", verdict]})
    assert published_sentence(rows) == (
        "1 of 2 numbers in the study's 2 output files are reproduced exactly; "
        f"{failed} of 1 in its README, tables and figures are not."
    )
