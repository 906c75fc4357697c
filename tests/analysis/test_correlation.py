"""Correlations and their difference against R (tests/reference/correlation.R, R 4.2.2), and pairs that say nothing."""

import polars as pl
import pytest

from analysis.correlation import correlate, difference, difference_of

PAIR = ["age_years", "ventricle_ratio_pct"]
VARIABLES = ["age_years", "sex", "ventricle_ratio_pct", "wmh_ratio_pct"]


def cell(cells: pl.DataFrame, group: str, x: str, y: str) -> dict:
    return cells.row(by_predicate=(pl.col("group") == group) & (pl.col("x") == x) & (pl.col("y") == y), named=True)


def numbers(row: dict, *names: str) -> list[float]:
    return [row[name] for name in names]


@pytest.mark.reference
@pytest.mark.parametrize(
    ("method", "group", "expected"),
    [
        ("spearman", "HC", (0.250305681954, 0.190075012771, 0.308659259582, 1.27114467974e-15)),
        ("spearman", "MS", (0.318758850384, 0.222979500012, 0.408442664167, 2.01831811438e-10)),
        ("pearson", "HC", (0.240937318132, 0.181384769786, 0.298729213088, 1.48620295076e-14)),
        ("pearson", "MS", (0.253588476757, None, None, 5.46629714137e-07)),
    ],
)
def test_age_and_ventricles_are_those_of_r(released_frame: pl.DataFrame, method, group, expected) -> None:
    row = cell(correlate(released_frame, PAIR, method), group, *PAIR)
    r, low, high, p = expected
    assert numbers(row, "r", "p_value") == pytest.approx((r, p), rel=1e-10)
    assert numbers(row, "ci_low", "ci_high") == ([None, None] if low is None else pytest.approx((low, high), rel=1e-10))
    assert (row["n"], row["n_missing"]) == ((991, 8) if group == "HC" else (380, 1))


@pytest.mark.reference
@pytest.mark.parametrize(
    ("group", "expected", "pearson"),
    [
        ("HC", (-0.0756191246223, 0.0173833787456), -0.0603557306454),
        ("MS", (0.32523001457, 9.21896025933e-11), 0.469625207514),
    ],
)
def test_partial_correlations_are_those_of_r(released_frame: pl.DataFrame, group, expected, pearson) -> None:
    pair = ["ventricle_ratio_pct", "wmh_ratio_pct"]
    row = cell(correlate(released_frame, pair, "spearman", partial=True), group, *pair)
    assert numbers(row, "r", "p_value") == pytest.approx(expected, rel=1e-9)
    assert (row["ci_low"], row["note"]) == (None, "no interval: correlated by construction")
    assert row["partial"] == "age_years, sex"
    row = cell(correlate(released_frame, pair, "pearson", partial=True), group, *pair)
    assert row["r"] == pytest.approx(pearson, rel=1e-10)


@pytest.mark.reference
def test_sex_is_one_for_men(released_frame: pl.DataFrame) -> None:
    cells = correlate(released_frame, ["sex", "wmh_ratio_pct"])
    found = [cell(cells, g, "sex", "wmh_ratio_pct")["r"] for g in ("HC", "MS")]
    assert found == pytest.approx([0.267136654947, 0.0793247266129], rel=1e-10)


@pytest.mark.reference
def test_difference_between_groups_is_that_of_r(released_frame: pl.DataFrame) -> None:
    row = difference(released_frame, PAIR, "spearman").row(0, named=True)
    expected = (0.0684531684302, -0.0437021880164, 0.176485200555, 1.20405080268, 0.228569943439)
    assert numbers(row, "difference", "ci_low", "ci_high", "z", "p_value") == pytest.approx(expected, rel=1e-8)


@pytest.mark.reference
def test_pearson_never_says_that_groups_differ(released_frame: pl.DataFrame) -> None:
    gaps = difference(released_frame, VARIABLES, "pearson")
    measured = gaps.filter(~pl.col("x").is_in(["age_years"]) | ~pl.col("y").is_in(["sex"]))
    assert measured["difference"].null_count() == 0
    assert measured["p_value"].null_count() == measured["ci_low"].null_count() == measured.height
    assert measured.filter(~pl.col("part_whole"))["note"].str.contains("use Spearman").all()


@pytest.mark.reference
def test_family_is_every_test_of_the_call(released_frame: pl.DataFrame) -> None:
    cells = correlate(released_frame, VARIABLES)
    assert cells.height == 12
    assert cells["family_size"].unique().to_list() == [12]
    assert cells["p_adjusted"].min() == pytest.approx(12 * cells["p_value"].min())
    assert (cells["q_value"] <= cells["p_adjusted"] * (1 + 1e-12)).all()
    assert difference_of(cells)["family_size"].unique().to_list() == [5]


@pytest.mark.reference
@pytest.mark.slow
def test_pingouin_agrees_on_partial_correlation(released_frame: pl.DataFrame) -> None:
    pingouin = pytest.importorskip("pingouin")
    ms = released_frame.filter(pl.col("group") == "MS").with_columns(male=(pl.col("sex") == "M").cast(pl.Float64))
    data = ms.select("age_years", "male", "ventricle_ratio_pct", "wmh_ratio_pct").drop_nulls().to_pandas()
    pair = ["ventricle_ratio_pct", "wmh_ratio_pct"]
    theirs = pingouin.partial_corr(data, *pair, ["age_years", "male"], method="spearman")
    ours = cell(correlate(released_frame, VARIABLES, partial=True), "MS", *pair)
    assert ours["r"] == pytest.approx(float(theirs["r"].iloc[0]))
    assert ours["p_value"] == pytest.approx(float(theirs["p_val"].iloc[0]), rel=1e-6)


@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ({"group": []}, "at least"),
        ({"group": ["HC", "HC", "MS"], "age": [20.0, 30.0, 40.0], "ventricle": [1.0, 2.0, 4.0]}, "at least|same"),
        ({"group": ["HC"] * 9, "age": [20.0 + i for i in range(9)]}, "same ventricle ratio"),
        ({"group": ["HC"] * 9, "ventricle": [1.0 + i for i in range(9)]}, "same age"),
        ({"group": ["HC"] * 9, "age": [None] * 9}, "at least"),
    ],
)
def test_a_pair_that_says_nothing_says_why(people, case, reason: str, partial: bool) -> None:
    cells = correlate(people(**case), PAIR, partial=partial)
    assert cells.height == 2
    assert cells.filter(pl.col("group") == "HC")["note"].str.contains(reason).all()
    assert cells["r"].null_count() == 2
    gap = difference_of(cells).row(0, named=True)
    assert gap["difference"] is None
    assert gap["note"]


def test_a_perfect_correlation_has_no_test(people) -> None:
    ages = [20.0, 31.0, 45.0, 52.0, 60.0]
    frame = people(group=["MS"] * 5, age=ages, ventricle=[a * a for a in ages])
    row = cell(correlate(frame, PAIR), "MS", *PAIR)
    assert numbers(row, "r", "p_value", "ci_low") == [1.0, None, None]
    assert "perfect" in row["note"]


def test_shares_are_marked_as_parts_of_a_whole(people) -> None:
    frame = people(group=["MS"] * 9, wmh=[float(i) for i in range(9)])
    cells = correlate(frame, ["periventricular_share_pct", "juxtacortical_share_pct", "age_years"])
    marked = {(r["x"], r["y"]): r["part_whole"] for r in cells.iter_rows(named=True)}
    assert marked["periventricular_share_pct", "juxtacortical_share_pct"] is True
    assert marked["periventricular_share_pct", "age_years"] is False


def test_no_interval_where_nearly_everybody_has_one_value(people) -> None:
    ages = [20.0 + i % 40 for i in range(60)]
    frame = people(group=["HC"] * 60, age=ages, wmh=[0.0] * 52 + [1.0 + i for i in range(8)])
    row = cell(correlate(frame, ["age_years", "wmh_area_mm2"]), "HC", "age_years", "wmh_area_mm2")
    assert row["p_value"] is not None
    assert (row["ci_low"], row["note"]) == (None, "no interval: nearly everybody has the same WMH area")


@pytest.mark.parametrize(
    ("variables", "method", "said"),
    [
        (["age_years"], "spearman", "two different variables"),
        (["age_years", "age_years"], "spearman", "two different variables"),
        (["age_years", "brain"], "spearman", "unknown measure 'brain'"),
        (PAIR, "kendall", "unknown method 'kendall'"),
    ],
)
def test_wrong_questions_are_refused(people, variables, method, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        correlate(people(), variables, method)
