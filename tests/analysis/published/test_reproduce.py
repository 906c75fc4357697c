"""Every published number: verdicts, recomputed values against a second computation, other tables, odd tables."""

from pathlib import Path

import polars as pl
import pytest

from analysis.published import claims, recompute
from analysis.published.abstract import abstract_discrepancies
from analysis.published.flaws import flaws
from analysis.published.published_numbers import KEY_COLUMNS, is_released_table, published_numbers
from analysis.published.reproduce import SCHEMA, reproduce
from db.store import Store


@pytest.fixture(scope="module")
def rows(released_frame: pl.DataFrame) -> pl.DataFrame:
    return reproduce(released_frame)


@pytest.fixture(scope="module")
def synthetic(demo_store: Path) -> pl.DataFrame:
    with Store(demo_store).read() as snapshot:
        return snapshot.cohort(snapshot.datasets()["dataset_id"][0])


def counts(rows: pl.DataFrame, place: str) -> dict[str, int]:
    here = rows.filter(pl.col("place") == place)
    return {verdict: int((here["verdict"] == verdict).sum()) for verdict in ("exact", "rounding", "not reproduced")}


@pytest.mark.reference
@pytest.mark.parametrize(
    ("place", "exact", "rounding", "not_reproduced"),
    [
        ("Output files", 2128, 0, 0),
        ("README", 16, 1, 6),
        ("Table 1", 21, 1, 2),
        ("Table 5", 43, 1, 28),
        ("Figure 2", 2, 0, 0),
        ("Figure 8", 42, 0, 2),
        ("Sibling repository", 8, 0, 0),
    ],
)
def test_verdicts_by_place(rows: pl.DataFrame, place: str, exact: int, rounding: int, not_reproduced: int) -> None:
    assert counts(rows, place) == {"exact": exact, "rounding": rounding, "not reproduced": not_reproduced}


@pytest.mark.reference
def test_values_agree_with_an_earlier_independent_computation(rows: pl.DataFrame, reference: Path) -> None:
    earlier = pl.read_csv(reference / "published" / "published_numbers.csv", infer_schema=False)
    both = rows.join(earlier, on=KEY_COLUMNS, suffix="_earlier", validate="1:1")
    assert both.height == rows.height == earlier.height == 2301
    assert both["published"].to_list() == both["published_earlier"].to_list()
    theirs = pl.col("recomputed_earlier").cast(pl.Float64, strict=False)
    known = both.filter(theirs.is_not_nan())
    assert known.height > 2275
    far = (pl.col("recomputed") - theirs).abs() > 6e-6 * pl.max_horizontal(10, theirs.abs())
    assert known.filter(far).select(*KEY_COLUMNS, "recomputed", "recomputed_earlier").rows() == []


@pytest.mark.reference
def test_nothing_is_copied_from_the_printed_numbers(released_frame: pl.DataFrame) -> None:
    shifted = released_frame.with_columns(pl.col("wmh_area_mm2", "wmh_ratio_pct") * 2)
    one, other = reproduce(released_frame), reproduce(shifted)
    loads = pl.col("quantity").is_in(["Mean", "Combined_Mean"]) & pl.col("source").str.contains("lesion_")
    means, doubled = (table.filter(loads)["recomputed"].to_list() for table in (one, other))
    assert len(means) == 80
    # The outlier rule sees the doubled areas too, but it is the same under a change of scale.
    assert doubled == pytest.approx([2 * mean for mean in means])


@pytest.mark.reference
@pytest.mark.parametrize(
    ("quantity", "group", "age", "figures"),
    [
        ("WMH burden MS / HC (fold)", "HC-MS", "all", ("15.1", "7.7", "4.0 (95 % CI 2.4 to 6.7)", "380 MS, 991 HC")),
        ("MWU effect size r (WMH ratio)", "HC-MS", "all", ("0.654 (95 % CI 0.59",)),
        ("ventricle p", "HC-MS", "all", ("0.941", "p = .016", "Mann-Whitney p = .006")),
        (
            "r(age, ventricle)",
            "HC",
            "all",
            ("Pearson 0.241 in HC and 0.254 in MS", "Spearman 0.250 in HC and 0.319 in MS"),
        ),
        ("mean WMH ratio %", "MS", "60+", ("n = 5", "ratio of means 1.35")),
        ("PEWMH mean share", "MS", "18-29", ("50.59", "odds ratio 1.22")),
        ('PEWMH "mean"', "MS", "all", ("55.61", "SD 26.73", "66.2 %")),
        ("PEWMH sex MWU p", "MS", "all", ("0.120", "p = .072", "6.4 points")),
        ("p age HC vs MS", "HC-MS", "all", ("2.6 years",)),
    ],
)
def test_sound_statement_carries_the_figures(
    rows: pl.DataFrame, quantity: str, group: str, age: str, figures: tuple[str, ...]
) -> None:
    found = rows.filter(quantity=quantity, group=group, age_group=age).filter(pl.col("sex").is_in(["All", "M-F"]))
    [sound] = found["sound"]
    for figure in figures:
        assert figure in sound


@pytest.mark.reference
def test_flaws_carry_the_figures_computed(released_frame: pl.DataFrame) -> None:
    changes = dict(flaws(released_frame).select("title", "what_it_changes").rows())
    removal = changes["The outlier rule deletes the phenomenon"]
    assert "81 controls and 28 patients" in removal
    assert "50 of the 51 controls" in removal
    assert "p = .327 to p = .002" in removal
    assert "0.909 as published and 0.534" in changes["A tiny constant breaks ties"]
    assert "0.296 becomes 0.154" in changes["A tiny constant breaks ties"]
    assert "159 controls and 18 patients" in changes["No lesion counted as a share of zero"]
    assert (
        "9 people without an age and 2 aged 69" in changes["Mixed rows and coefficients, numbers perhaps typed by hand"]
    )


@pytest.mark.reference
def test_abstract_does_not_agree_with_the_table(released_frame: pl.DataFrame) -> None:
    rows = abstract_discrepancies(released_frame)
    assert not rows["agrees"].any()
    table = dict(zip(rows["quantity"], rows["table"], strict=True))
    assert table["mean ventricle ratio, HC"] == pytest.approx(0.429, abs=5e-4)
    assert table["mean WMH ratio, MS / HC"] == pytest.approx(15.8, abs=0.05)


@pytest.mark.reference
def test_released_table_is_known_whatever_its_order_and_names(released_frame: pl.DataFrame) -> None:
    assert is_released_table(released_frame)
    renamed = released_frame.sample(fraction=1.0, shuffle=True, seed=1).with_columns(subject_id=pl.lit("anonymous"))
    assert is_released_table(renamed)
    older = released_frame.with_columns(pl.col("age_years") + pl.int_range(pl.len()).eq(0))
    assert not is_released_table(older)
    assert not is_released_table(released_frame.head(1379))


@pytest.mark.parametrize("n", [0, 1, 3, 40])
def test_other_tables_are_judged_honestly(synthetic: pl.DataFrame, n: int) -> None:
    frame = synthetic.head(n)
    rows = reproduce(frame)
    assert rows.height == 2301
    assert dict(rows.schema) == {name: rows.schema[name] for name in SCHEMA}
    assert not is_released_table(frame)
    total = rows.filter(source="README", quantity="total N")
    assert total["recomputed"].item() == n
    assert total["verdict"].item() == "not reproduced"
    assert counts(rows, "Output files")["not reproduced"] > 1500
    assert flaws(frame).height == 13
    assert abstract_discrepancies(frame).height == 9


@pytest.mark.parametrize("only", [{"group": "HC"}, {"group": "MS"}, {"sex": "F"}])
def test_a_missing_group_or_sex_leaves_gaps_not_errors(synthetic: pl.DataFrame, only: dict[str, str]) -> None:
    frame = synthetic.filter(**only)
    rows = reproduce(frame)
    gaps = rows.filter(pl.col("recomputed").is_null() & pl.col("source").str.starts_with("seed:"))
    assert gaps.height > 100
    assert flaws(frame).height == 13


def test_unknown_values_are_left_out_not_counted(synthetic: pl.DataFrame) -> None:
    blank = synthetic.with_columns(
        pl.when(pl.int_range(pl.len()) % 7 == 0)
        .then(None)
        .otherwise(pl.col("juxtacortical_area_mm2"))
        .alias("juxtacortical_area_mm2")
    )
    rows = reproduce(blank)
    sizes = {
        zone: rows.filter(quantity=f"{zone} Total N", sex="All", source="seed:ms_subgroup_area_summary_stats.csv")[
            "recomputed"
        ].item()
        for zone in ("PAWMH", "JCWMH")
    }
    assert 0 < sizes["JCWMH"] < sizes["PAWMH"]


def test_facts_are_complete_and_carry_no_answers() -> None:
    facts = published_numbers()
    assert len(facts) == 2301
    assert sum(key[0].startswith("seed:") for key in facts) == 2128
    assert len({key[0] for key in facts if key[0].startswith("seed:")}) == 21


def test_mann_whitney_of_nobody_is_undefined() -> None:
    import numpy as np

    assert all(np.isnan(claims.mann_whitney(np.array([]), np.array([1.0]))))
    assert np.isnan(recompute.describe(np.array([])).mean)
