"""The synthetic cohort against the published structure, against its own models, and against copying."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import special, stats

from analysis.statistics.distributions import BoxCoxT
from analysis.synthetic import models
from analysis.synthetic.cohort import synthetic_cohort
from tests.reference.fit_demo_models import fit_all, read_released
from vocabulary.measures import AREA_MEASURES, ZONES

LARGE = 200_000
ZONE_AREAS = [f"{zone}_area_mm2" for zone in ZONES]


@pytest.fixture(scope="module")
def cohort() -> pl.DataFrame:
    return synthetic_cohort(seed=7)


@pytest.fixture(scope="module")
def many() -> pl.DataFrame:
    return with_ratios(synthetic_cohort(seed=11, n=LARGE))


@pytest.fixture(scope="module")
def released(reference: Path) -> pl.DataFrame:
    short = ["ica", "vent", "wmh", "peri", "para", "juxt"]
    names = dict(zip(short, AREA_MEASURES, strict=True)) | {"age": "age_years"}
    return with_ratios(read_released(reference).rename(names))


def with_ratios(frame: pl.DataFrame) -> pl.DataFrame:
    whole = pl.col("intracranial_area_mm2")
    return frame.with_columns(
        ventricle_ratio_pct=100 * pl.col("ventricle_area_mm2") / whole,
        wmh_ratio_pct=100 * pl.col("wmh_area_mm2") / whole,
    )


def part(frame: pl.DataFrame, group: str, sex: str) -> pl.DataFrame:
    return frame.filter(group=group, sex=sex)


# --- the published structure


@pytest.mark.parametrize(
    ("group", "sex", "counts"),
    [
        # missing age, 18-29, 30-39, 40-49, 50-59, 60+: the released table
        ("HC", "F", [5, 205, 264, 144, 48, 7]),
        ("HC", "M", [3, 109, 107, 77, 24, 6]),
        ("MS", "F", [1, 61, 100, 74, 33, 4]),
        ("MS", "M", [0, 29, 37, 29, 12, 1]),
    ],
)
def test_people_are_as_many_as_published(cohort, group, sex, counts):
    ages = part(cohort, group, sex)["age_years"]
    bands = [ages.null_count()]
    bands += [ages.is_between(low, high).sum() for low, high in [(18, 29), (30, 39), (40, 49), (50, 59), (60, 120)]]
    assert bands == counts


@pytest.mark.parametrize(("group", "mean", "oldest"), [("HC", 34.73, 74), ("MS", 37.36, 68)])
def test_ages_are_spread_as_published(many, group, mean, oldest):
    ages = many.filter(group=group)["age_years"].drop_nulls()
    assert ages.mean() == pytest.approx(mean, abs=0.1)
    assert ages.std() == pytest.approx(10.2, abs=0.1)
    assert (ages.min(), ages.max()) == (18, oldest)
    assert (ages == ages.round()).all()


@pytest.mark.parametrize("n", [1, 7, 381, 100_003])
def test_any_number_of_people_keeps_the_proportions(n):
    drawn = synthetic_cohort(seed=1, n=n)
    assert drawn.height == n
    for (group, sex), counts in models.PEOPLE.items():
        # Largest remainders move each of the 24 cells by less than 1.
        assert part(drawn, group, sex).height == pytest.approx(sum(counts) * n / 1380, abs=6)


# --- what a cohort table must hold


@pytest.mark.parametrize("frame", ["cohort", "many"])
def test_every_row_is_a_valid_person(frame, request):
    rows = request.getfixturevalue(frame)
    areas = rows.select(AREA_MEASURES)
    assert areas.null_count().sum_horizontal().item() == 0
    assert (areas == areas.select(pl.all().round())).to_numpy().all()
    assert (areas.to_numpy() >= 0).all()
    assert (rows.select(pl.sum_horizontal(ZONE_AREAS)).to_series() == rows["wmh_area_mm2"]).all()
    assert (rows["ventricle_area_mm2"] > 0).all()
    assert (rows["ventricle_area_mm2"] + rows["wmh_area_mm2"] < rows["intracranial_area_mm2"] / 4).all()
    assert rows["subject_id"].n_unique() == rows.height


def test_identifiers_say_demo_and_nothing_else(cohort):
    assert cohort.columns == ["subject_id", "group", "sex", "age_years", *AREA_MEASURES]
    assert cohort["subject_id"].to_list()[:2] == ["DEMO-0001", "DEMO-0002"]
    # Random order: the first 381 are not one group.
    assert 0 < (cohort["group"].head(381) == "MS").sum() < 381


def test_a_seed_gives_the_same_bytes_and_another_seed_other_people(cohort):
    again, other = synthetic_cohort(seed=7), synthetic_cohort(seed=8)
    assert again.write_csv() == cohort.write_csv()
    same = other.join(cohort, on=["age_years", *AREA_MEASURES], nulls_equal=True)
    assert same.height == 0


@pytest.mark.parametrize(("seed", "n", "message"), [(-1, 10, "seed must be 0 or more"), (1, 0, "at least 1 person")])
def test_impossible_wishes_are_refused(seed, n, message):
    with pytest.raises(ValueError, match=message):
        synthetic_cohort(seed, n)


# --- the models' own theory, at large n


@pytest.mark.parametrize("group", ["HC", "MS"])
@pytest.mark.parametrize("sex", ["F", "M"])
def test_ventricle_ranks_are_uniform_under_the_model(many, group, sex):
    people = part(many, group, sex).drop_nulls("age_years")
    model = models.MODELS[group]
    constant, slope, male = model.ventricle_log_mu
    log_mu = constant + slope * (people["age_years"].to_numpy() - 35) / 10 + male * (sex == "M")
    law = BoxCoxT(
        np.exp(log_mu), np.exp(model.ventricle_log_sigma), model.ventricle_nu, np.exp(model.ventricle_log_tau)
    )
    ranks = law.cdf(people["ventricle_ratio_pct"].to_numpy())
    # Kolmogorov-Smirnov distance; 1.95 / sqrt(n) is its .001 limit.
    assert stats.kstest(ranks, "uniform").statistic < 1.95 / np.sqrt(people.height)


@pytest.mark.parametrize("group", ["HC", "MS"])
@pytest.mark.parametrize("sex", ["F", "M"])
def test_lesion_free_rates_are_those_of_the_model(many, group, sex):
    people = part(many, group, sex).drop_nulls("age_years")
    constant, slope, male = models.MODELS[group].no_lesion_logit
    expected = special.expit(constant + slope * (people["age_years"].to_numpy() - 35) / 10 + male * (sex == "M"))
    error = np.sqrt(np.sum(expected * (1 - expected))) / people.height
    assert (people["wmh_area_mm2"] == 0).mean() == pytest.approx(expected.mean(), abs=4 * error)


@pytest.mark.parametrize(("group", "expected"), [("HC", (17.25, 31.49)), ("MS", (267.9, 267.9))])
def test_mean_loads_at_35_are_those_of_the_model(many, group, expected):
    # exp(2.8478) and exp(2.8478 + .6017); exp(5.5907). Half a mm2 of tolerance is for rounding and the cut below 0.5.
    near = many.filter(pl.col("age_years").is_between(34, 36) & (pl.col("wmh_area_mm2") > 0), group=group)
    scaled = near.with_columns(load=pl.col("wmh_area_mm2") * 111_000 / pl.col("intracranial_area_mm2"))
    for sex, mean in zip("FM", expected, strict=True):
        load = scaled.filter(sex=sex)["load"]
        assert load.mean() == pytest.approx(mean, abs=0.5 + 4 * load.std() / np.sqrt(len(load)))


@pytest.mark.parametrize("group", ["HC", "MS"])
def test_head_and_ventricles_depend_as_fitted(many, group):
    people = many.filter(group=group, sex="F", age_years=35)
    head, ventricles = people["intracranial_area_mm2"].to_numpy(), people["ventricle_ratio_pct"].to_numpy()
    # A Gaussian copula's Spearman correlation is 6 / pi * asin(r / 2).
    expected = 6 / np.pi * np.arcsin(models.MODELS[group].dependence[0] / 2)
    assert stats.spearmanr(head, ventricles).statistic == pytest.approx(expected, abs=4 / np.sqrt(len(head)))


def test_controls_rarely_have_lesions_away_from_the_ventricles(many):
    lesions = many.filter(pl.col("wmh_area_mm2") > 2, group="HC")
    error = 4 * np.sqrt(0.04 / lesions.height)
    assert (lesions["paraventricular_area_mm2"] > 0).mean() == pytest.approx(0.0410, abs=error)
    # A paraventricular lesion may leave no room for the other: at most 4 % of 2.64 %.
    assert (lesions["juxtacortical_area_mm2"] > 0).mean() == pytest.approx(0.0264, abs=error + 0.001)


def test_patients_zone_log_ratios_follow_the_fitted_plane(many):
    # With loads this large rounding hardly matters and nearly every patient has all three zones.
    people = many.filter((pl.col("wmh_area_mm2") > 400) & pl.all_horizontal(pl.col(ZONE_AREAS) > 0), group="MS")
    people = people.drop_nulls("age_years")
    log_load = np.log(people["wmh_area_mm2"].to_numpy() / 100)
    z = (people["age_years"].to_numpy() - 35) / 10
    for zone, (constant, slope, age) in zip(ZONES[1:], models.ZONE_LOG_RATIO, strict=True):
        ratio = np.log((people[f"{zone}_area_mm2"] / people["periventricular_area_mm2"]).to_numpy())
        residual = ratio - (constant + slope * log_load + age * z)
        assert residual.mean() == pytest.approx(0, abs=0.05)


# --- the released table


@pytest.mark.reference
@pytest.mark.parametrize("group", ["HC", "MS"])
@pytest.mark.parametrize("sex", ["F", "M"])
@pytest.mark.parametrize("name", ["ventricle_ratio_pct", "wmh_ratio_pct", "intracranial_area_mm2", *ZONE_AREAS])
def test_centiles_are_those_of_the_released_table(many, released, group, sex, name):
    drawn, real = (part(frame, group, sex)[name].to_numpy() for frame in (many, released))
    for p in (0.1, 0.25, 0.5, 0.75, 0.9):
        value = np.quantile(drawn, p)
        below = (drawn <= value).mean()
        # The released share below the synthetic centile, within 4 standard errors of its own sampling.
        assert (real <= value).mean() == pytest.approx(below, abs=4 * np.sqrt(p * (1 - p) / len(real)))


@pytest.mark.reference
@pytest.mark.parametrize("group", ["HC", "MS"])
def test_zero_rates_are_those_of_the_released_table(many, released, group):
    for name in ("wmh_area_mm2", *ZONE_AREAS):
        drawn, real = ((frame.filter(group=group)[name] == 0).mean() for frame in (many, released))
        assert drawn == pytest.approx(real, abs=0.025), name


@pytest.mark.reference
@pytest.mark.parametrize("group", ["HC", "MS"])
def test_correlations_are_those_of_the_released_table(many, released, group):
    names = ["age_years", "ventricle_ratio_pct", "wmh_ratio_pct", "intracranial_area_mm2"]
    names += ZONE_AREAS if group == "MS" else []
    matrices = [
        stats.spearmanr(frame.filter(group=group).drop_nulls("age_years").select(names).to_numpy()).statistic
        for frame in (many, released)
    ]
    n = released.filter(group=group).height
    assert np.abs(matrices[0] - matrices[1]).max() < 3.5 / np.sqrt(n)


@pytest.mark.reference
def test_no_released_row_is_copied(released):
    """Two independent tables of 1,380 agree in all nine values by chance about once in 10,000 pairs of tables."""
    keys = ["group", "sex", "age_years", *AREA_MEASURES]
    assert released.join(released, on=keys, nulls_equal=True).height >= released.height
    for seed in range(20):
        drawn = synthetic_cohort(seed)
        assert drawn.join(released, on=keys, nulls_equal=True).height == 0


@pytest.mark.reference
def test_every_constant_is_the_fit_to_the_released_table(reference):
    fits = {name.split(":")[0]: fit["estimate"] for name, fit in fit_all(reference).items()}

    def agrees(kept, *expected, digits):
        assert np.ravel(kept).tolist() == pytest.approx(np.ravel(expected).tolist(), abs=0.51 * 10**-digits)

    for sex in "FM":
        assert models.HEAD[sex] == pytest.approx(fits[f"intracranial {sex}"], abs=5)
    for group, model in models.MODELS.items():
        agrees([model.age_mean, model.age_sd], fits[f"age {group}"], digits=2)
        scale = [model.ventricle_log_sigma, model.ventricle_nu, model.ventricle_log_tau]
        agrees([*model.ventricle_log_mu, *scale], fits[f"ventricle {group}"], digits=4)
        agrees(model.dependence, fits[f"copula {group}"], digits=3)
    hc, ms = models.MODELS["HC"], models.MODELS["MS"]
    agrees([hc.load_log_mean[0], hc.load_log_mean[2], hc.load_log_sigma], fits["load HC"], digits=4)
    agrees([*ms.load_log_mean[:2], ms.load_log_sigma], fits["load MS"], digits=4)
    agrees(hc.no_lesion_logit, fits["no lesion HC"], digits=4)
    agrees(ms.no_lesion_logit[:2], fits["no lesion MS"], digits=4)
    agrees([*models.CONTROL_ZONE_RATE], fits["zones HC"][:2], digits=4)
    agrees([*models.CONTROL_ZONE_STEPS], fits["zones HC"][2:], digits=3)
    agrees(models.ZONE_PRESENT_LOGIT, fits["zones present MS"], digits=3)
    agrees(models.ZONE_LOG_RATIO, fits["zone log-ratios MS"], digits=3)
    (a, c), (_, b) = models.ZONE_LOG_RATIO_COVARIANCE
    agrees([a, c, b], fits["their covariance"], digits=3)
