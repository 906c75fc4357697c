"""MS against HC: the released table against R (tests/reference/comparison.R, R 4.2.2), and unanswerable cohorts."""

import numpy as np
import polars as pl
import pytest

from analysis.comparison import HEADLINES, NO_D_INTERVAL, compare, headline, headline_model
from analysis.statistics.effects import cohen_d
from vocabulary.measures import MEASURES

pytestmark = pytest.mark.filterwarnings("error")


def row(tests: pl.DataFrame, name: str) -> dict:
    return tests.row(by_predicate=pl.col("name") == name, named=True)


def estimate(test: dict) -> tuple[float, float, float]:
    return test["effect_size"], test["ci_low"], test["ci_high"]


MANN_WHITNEY = {
    "wmh_area_mm2": (314318, 1.61262548621e-78, 0.651614869463, 0.588951878159, 0.706489668687),
    "wmh_ratio_pct": (314758, 4.86830207314e-79, 0.653926892772, 0.591251253807, 0.708751142633),
    "ventricle_ratio_pct": (172186, 0.00617605344632, -0.0952317146543, -0.161220559448, -0.0283951489992),
    "periventricular_share_pct": (11209, 3.693975985e-205, -0.926479076479, -0.948202419363, -0.896130930669),
}
WELCH = {
    "wmh_area_mm2": (10.7325371565, 380.693131864, 1.18172975129e-23, 1.04426683788, 0.901535640989, 1.18699803476),
    "wmh_ratio_pct": (10.9406880183, 380.666269845, 2.07882971509e-24, 1.06462964767, 0.925782790352, 1.20347650498),
    "ventricle_ratio_pct": (
        -0.886426437661, 572.886686048, 0.375759722407, -0.0590527597604, -0.194130300969, 0.0760247814484,
    ),
}  # fmt: skip
HODGES_LEHMANN = {
    "wmh_area_mm2": (92, 70, 120),
    "wmh_ratio_pct": (0.0836216376063, 0.0636681003096, 0.11000207381),
    "ventricle_ratio_pct": (-0.025657298229, -0.0433345165047, -0.00772903012471),
    "periventricular_share_pct": (-40.4785643071, -45.7233848954, -36.2683438155),
}
ADJUSTED = {
    # ratio, low, high, t, p
    ("wmh_ratio_pct", "adjusted_log_ratio"): (15.0507320555, 12.5494496072, 18.0505554025, 29.2656232515, 1.69833e-146),
    ("wmh_area_mm2", "adjusted_log_ratio"): (15.0507320555, 12.5494496072, 18.0505554025, 29.2656232515, 1.69833e-146),
    ("wmh_area_mm2", "any_lesion_odds_ratio"): (
        4.03361263784, 2.42467294377, 6.71019609218, 5.37067183992, 7.84438432836e-08,
    ),
    ("wmh_area_mm2", "geometric_mean_ratio"): (
        7.65889135726, 6.2902113593, 9.3253808929, 20.2887201567, 7.98718921098e-79,
    ),
    ("ventricle_ratio_pct", "adjusted_log_ratio"): (
        0.94053178934, 0.894753053751, 0.988652727198, -2.41036950898, 0.0160680844592,
    ),
    ("intracranial_area_mm2", "adjusted_log_ratio"): (
        0.996226876305, 0.987648374372, 1.00487988927, -0.857482952354, 0.391328667314,
    ),
    ("wmh_ratio_pct", "varies_with_age"): (
        1.65762478036, 1.37960587647, 1.99167020041, 5.40024181062, 7.84397745073e-08,
    ),
    ("wmh_ratio_pct", "varies_with_sex"): (
        0.568404150403, 0.390608271876, 0.827128613134, -2.95422948823, 0.00318832619623,
    ),
    ("ventricle_ratio_pct", "varies_with_sex"): (
        1.17545571825, 1.05948145937, 1.3041248937, 3.05287665399, 0.00231049884202,
    ),
    ("periventricular_share_pct", "adjusted_difference"): (
        -43.4377186692, -46.2956368564, -40.5798004821, -29.8199733319, 2.22007517627e-146,
    ),
}  # fmt: skip


@pytest.mark.reference
@pytest.mark.parametrize("name", MANN_WHITNEY)
def test_mann_whitney_is_that_of_r(released_frame: pl.DataFrame, name: str) -> None:
    test = row(compare(released_frame, name), "mann_whitney")
    assert test["statistic"] == MANN_WHITNEY[name][0]
    assert test["p_value"] == pytest.approx(MANN_WHITNEY[name][1], rel=1e-10)
    assert estimate(test) == pytest.approx(MANN_WHITNEY[name][2:], rel=1e-10)


@pytest.mark.reference
@pytest.mark.parametrize("name", WELCH)
def test_welch_t_and_signed_d_are_those_of_r(released_frame: pl.DataFrame, name: str) -> None:
    test = row(compare(released_frame, name), "welch_t")
    t, df, p, *d = WELCH[name]
    assert (test["statistic"], test["df"], test["p_value"]) == pytest.approx((t, df, p), rel=1e-10)
    assert test["effect_size"] == pytest.approx(d[0], rel=1e-9)
    assert (test["ci_low"], test["note"]) == (None, NO_D_INTERVAL)
    ms, hc = (released_frame.filter(pl.col("group") == g)[name].to_numpy().astype(float) for g in ("MS", "HC"))
    assert cohen_d(ms, hc) == pytest.approx(d, rel=1e-9)


@pytest.mark.reference
def test_d_of_a_share_has_its_interval(released_frame: pl.DataFrame) -> None:
    test = row(compare(released_frame, "periventricular_share_pct"), "welch_t")
    assert estimate(test) == pytest.approx((-2.70334889387, -2.94886144854, -2.45783633919), rel=1e-9)


@pytest.mark.reference
@pytest.mark.parametrize("name", HODGES_LEHMANN)
def test_hodges_lehmann_is_that_of_r(released_frame: pl.DataFrame, name: str) -> None:
    found = estimate(row(compare(released_frame, name), "hodges_lehmann"))
    assert found == pytest.approx(HODGES_LEHMANN[name], rel=1e-9)


@pytest.mark.reference
@pytest.mark.parametrize(("name", "test_name"), ADJUSTED)
def test_adjusted_effects_are_those_of_r(released_frame: pl.DataFrame, name: str, test_name: str) -> None:
    test = row(compare(released_frame, name), test_name)
    *effect, statistic, p = ADJUSTED[name, test_name]
    assert estimate(test) == pytest.approx(effect, rel=1e-7)
    assert test["statistic"] == pytest.approx(statistic, rel=1e-6)
    assert test["p_value"] == pytest.approx(p, rel=1e-4)


@pytest.mark.reference
def test_people_are_counted_and_the_missing_too(released_frame: pl.DataFrame) -> None:
    tests = compare(released_frame, "wmh_area_mm2")
    counted = {r["name"]: (r["n_ms"], r["n_hc"], r["n_missing"]) for r in tests.iter_rows(named=True)}
    assert counted["mann_whitney"] == (381, 999, 0)
    assert counted["adjusted_log_ratio"] == (380, 991, 9)
    assert counted["geometric_mean_ratio"] == (362, 835, 183)
    assert tests["family_size"].unique().to_list() == [7]


@pytest.mark.reference
@pytest.mark.slow
def test_pingouin_agrees(released_frame: pl.DataFrame) -> None:
    pingouin = pytest.importorskip("pingouin")
    x, y = (released_frame.filter(pl.col("group") == g)["ventricle_ratio_pct"].to_numpy() for g in ("MS", "HC"))
    tests = compare(released_frame, "ventricle_ratio_pct")
    ours, theirs = row(tests, "mann_whitney"), pingouin.mwu(x, y).iloc[0]
    assert (ours["statistic"], ours["p_value"]) == pytest.approx((theirs["U_val"], theirs["p_val"]))
    assert ours["effect_size"] == pytest.approx(theirs["RBC"])
    d = pingouin.compute_effsize(x, y, eftype="cohen")
    assert row(tests, "welch_t")["effect_size"] == pytest.approx(d)


@pytest.mark.reference
def test_an_area_and_its_ratio_give_one_adjusted_answer(released_frame: pl.DataFrame) -> None:
    for area, ratio in (("wmh_area_mm2", "wmh_ratio_pct"), ("ventricle_area_mm2", "ventricle_ratio_pct")):
        both = [estimate(row(compare(released_frame, name), "adjusted_log_ratio")) for name in (area, ratio)]
        assert both[0] == pytest.approx(both[1], rel=1e-9)


@pytest.mark.reference
def test_headline_is_fixed_by_the_nature_of_the_measure(released_frame: pl.DataFrame) -> None:
    for name in released_frame.columns:
        if name in MEASURES:
            headline = compare(released_frame, name).filter(pl.col("headline"))
            assert headline["name"].to_list() == [HEADLINES[MEASURES[name].nature]]


def test_swapping_the_groups_turns_every_sign(people) -> None:
    load = [0.0, 3.0, 5.0, 19.0, 2.0, 8.0, 40.0, 11.0, 60.0, 25.0, 14.0, 31.0] * 2
    load = [value + i % 5 if value else 0.0 for i, value in enumerate(load)]
    groups = (["HC"] * 6 + ["MS"] * 6) * 2
    ages = [20.0, 31.0, 44.0, 52.0, 38.0, 61.0, 25.0, 36.0, 47.0, 58.0, 33.0, 41.0] * 2
    swapped = ["MS" if g == "HC" else "HC" for g in groups]
    one = compare(people(group=groups, wmh=load, age=ages), "wmh_area_mm2")
    other = compare(people(group=swapped, wmh=load, age=ages), "wmh_area_mm2")
    sizes = [row(tests, "welch_t")["effect_size"] for tests in (one, other)]
    assert sizes[0] == pytest.approx(-sizes[1])
    for name in ("mann_whitney", "hodges_lehmann"):
        size, low, high = estimate(row(one, name))
        assert estimate(row(other, name)) == pytest.approx((-size, -high, -low))
        assert size > 0
    ratio = row(one, "adjusted_log_ratio")["effect_size"]
    assert row(other, "adjusted_log_ratio")["effect_size"] == pytest.approx(1 / ratio)
    assert row(one, "mann_whitney")["statistic"] + row(other, "mann_whitney")["statistic"] == 144


NOTHING_TO_COMPARE = {
    "nobody": {"group": []},
    "one group": {"group": ["MS"] * 12, "wmh": [float(i) for i in range(12)], "age": [20.0 + i for i in range(12)]},
    "one of each": {"group": ["MS", "HC"], "wmh": [5.0, 1.0], "age": [30.0, 50.0]},
    "all zero": {"group": ["MS", "HC"] * 8, "age": [20.0 + i for i in range(16)]},
    "all missing": {"group": ["MS", "HC"] * 8, "wmh": [None] * 16, "ventricle": [None] * 16},
    "no age": {"group": ["MS", "HC"] * 8, "wmh": [float(i) for i in range(16)], "age": [None] * 16},
}


@pytest.mark.parametrize("case", NOTHING_TO_COMPARE)
@pytest.mark.parametrize("name", MEASURES)
def test_what_cannot_be_computed_is_null_with_a_reason(people, case: str, name: str) -> None:
    tests = compare(people(**NOTHING_TO_COMPARE[case]), name)
    assert tests["name"].n_unique() == tests.height >= 4
    for test in tests.iter_rows(named=True):
        if test["effect_size"] is None:
            assert test["note"], test
            assert test["p_value"] is None
            assert test["ci_low"] is None


def test_reasons_are_plain(people) -> None:
    def note(name: str, **cohort: object) -> str:
        return row(compare(people(**cohort), "wmh_area_mm2"), name)["note"]

    assert note("mann_whitney") == "no values among the controls and the MS patients"
    assert note("mann_whitney", group=["MS"] * 3, wmh=[1.0, 2.0, 3.0]) == "no values among the controls"
    assert note("welch_t", group=["MS", "HC"], wmh=[1.0, 2.0]) == "needs at least 2 people in each group (HC 1, MS 1)"
    assert note("mann_whitney", group=["MS", "HC"] * 3) == "everybody has the same value"
    ages = [20.0 + i for i in range(20)]
    loads = [0.0, 4.0] * 10
    assert "no lesion among the controls" in note("adjusted_log_ratio", group=["HC", "MS"] * 10, wmh=loads, age=ages)


def test_groups_that_do_not_overlap_in_sex_are_not_told_apart(people) -> None:
    cohort = people(
        group=["HC"] * 30 + ["MS"] * 30,
        sex=["F"] * 30 + ["M"] * 30,
        age=[20.0 + i for i in range(30)] * 2,
        ventricle=[300.0 + 7 * (i % 11) for i in range(60)],
    )
    test = row(compare(cohort, "ventricle_area_mm2"), "adjusted_log_ratio")
    assert test["effect_size"] is None
    assert "cannot be told apart" in test["note"]


def test_a_table_without_head_size_is_adjusted_for_the_rest_and_says_so(people) -> None:
    n = 40
    cohort = people(
        group=["HC", "MS"] * (n // 2),
        sex=["F", "F", "M"] * 13 + ["M"],
        age=[20.0 + i for i in range(n)],
        wmh=[float(1 + i % 9) for i in range(n)],
        ica=[None] * n,
    )
    test = row(compare(cohort, "wmh_area_mm2"), "adjusted_log_ratio")
    assert test["effect_size"] is not None
    assert test["adjusted_for"] == "age and sex (not head size: the table has no intracranial area)"


def test_separation_is_named_not_estimated(people) -> None:
    n = 60
    cohort = people(
        group=["HC"] * n + ["MS"] * n,
        sex=["F", "M"] * n,
        age=[20.0 + i for i in range(n)] * 2,
        wmh=[0.0] * (n - 1) + [3.0] + [2.0 + i for i in range(n)],
    )
    tests = compare(cohort, "wmh_area_mm2")
    assert row(tests, "any_lesion_odds_ratio")["effect_size"] is None
    assert row(tests, "any_lesion_odds_ratio")["note"] == "too few with a lesion: 1 HC and 60 MS"
    assert row(tests, "adjusted_log_ratio")["note"] == "too few with a lesion: 1 HC and 60 MS"
    lesions = cohort.with_columns(wmh_area_mm2=pl.Series([0.0] * 4 + [3.0] * 56 + [0.0] + [4.0] * 59))
    note = row(compare(lesions, "wmh_area_mm2"), "any_lesion_odds_ratio")["note"]
    assert note == "too few without a lesion: 4 HC and 1 MS"


def test_below_ten_people_in_a_group_nothing_adjusted_is_given(people) -> None:
    cohort = people(
        group=["HC"] * 30 + ["MS"] * 9,
        age=[20.0 + i for i in range(30)] + [22.0 + 3 * i for i in range(9)],
        wmh=[float(i % 7) for i in range(30)] + [50.0 + i for i in range(9)],
        ventricle=[300.0 + 7 * (i % 11) for i in range(39)],
    )
    reason = "fewer than ten people of known age in a group (30 HC, 9 MS)"
    for name in ("wmh_area_mm2", "ventricle_area_mm2"):
        tests = compare(cohort, name)
        assert row(tests, "adjusted_log_ratio")["note"] == reason
        assert row(tests, "varies_with_age")["note"] == reason
        assert row(tests, "mann_whitney")["effect_size"] is not None


@pytest.mark.reference
def test_the_ratio_at_three_ages_is_that_of_r(released_frame: pl.DataFrame) -> None:
    found = np.exp(headline_model(released_frame, "wmh_ratio_pct").effect_at("age", np.array([22.0, 37.0, 55.0])))
    assert found[0] == pytest.approx([7.28238990224, 15.5418700476, 38.5992164063], rel=1e-7)
    assert found[1] == pytest.approx([5.28705154934, 12.8671181318, 26.0160622163], rel=1e-7)
    assert found[2] == pytest.approx([10.0307708736, 18.7726359627, 57.2684480377], rel=1e-7)


def test_who_cannot_vary_is_said(people) -> None:
    n = 60
    cohort = people(
        group=["HC", "MS"] * (n // 2),
        sex=["F"] * (n - 8) + ["M"] * 8,
        age=[40.0 + 9 * (i % 10) / 9 for i in range(n)],
        ventricle=[300.0 + 7 * (i % 11) for i in range(n)],
    )
    tests = compare(cohort, "ventricle_area_mm2")
    assert row(tests, "varies_with_age")["note"] == "the groups have less than 10 years of age in common"
    few = "fewer than 20 people of a sex in a group: 4 men with MS, 4 men without"
    assert row(tests, "varies_with_sex")["note"] == few


def test_people_of_common_age_are_counted(people) -> None:
    cohort = people(
        group=["HC"] * 20 + ["MS"] * 20,
        age=[20.0 + i for i in range(20)] + [36.0 + i for i in range(20)],
        ventricle=[300.0 + 7 * (i % 11) for i in range(40)],
    )
    # HC 20-39, MS 36-55: HC aged 36-39 and MS aged 36-39
    assert row(compare(cohort, "ventricle_area_mm2"), "adjusted_log_ratio")["age_overlap"] == 4


def test_unknown_measure_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="unknown measure 'brain'; expected one of: ventricle_ratio_pct"):
        compare(pl.DataFrame(), "brain")


@pytest.mark.parametrize("name", ["wmh_ratio_pct", "ventricle_ratio_pct", "periventricular_share_pct"])
def test_the_headline_alone_is_that_of_the_whole_comparison(name: str, people) -> None:
    chance = np.random.default_rng(3)
    n = 240
    frame = people(
        group=["HC", "MS"] * (n // 2),
        sex=["F", "F", "M", "M"] * (n // 4),
        age=chance.uniform(20, 70, n).round().tolist(),
        wmh=[None, *np.where(chance.random(n - 1) < 0.2, 0.0, chance.lognormal(4, 1, n - 1)).tolist()],
    )
    whole = compare(frame, name).filter(pl.col("headline"))
    made_for_all = {"p_adjusted": None, "adjustment": None, "family_size": None}
    assert headline(frame, name).rows(named=True) == [whole.row(0, named=True) | made_for_all]
