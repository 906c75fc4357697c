"""The synthetic cohort: people who never lived, distributed like the published study."""

from itertools import product

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from analysis.statistics.distributions import BoxCoxT, ZeroAdjustedGamma
from analysis.synthetic import models
from vocabulary.measures import AREA_MEASURES

Floats = NDArray[np.float64]

# A heavy tail, drawn a million times, reaches beyond what a head can hold; draws stay within these ratios (%).
# The released table's widest ventricles are 3 %, its largest load 4 %.
VENTRICLE_RATIO_LIMITS = (0.02, 10.0)
LOAD_RATIO_LIMIT = 10.0

PATTERNS = np.array([pattern for pattern in product((False, True), repeat=3) if any(pattern)])
"""The seven ways in which lesions can occupy the three zones."""


def synthetic_cohort(seed: int, n: int = models.N_PEOPLE) -> pl.DataFrame:
    """Draw a cohort with the published group, sex and age structure and plausible measures.

    Per group a Gaussian copula ties intracranial area, ventricle ratio and lesion load together; given age and sex,
    each follows its fitted model (see ``analysis.synthetic_models``). The load is then split among the zones. No
    released row enters: only counts and coefficients do.

    Parameters
    ----------
    seed : int, >= 0
        The same seed and n give the same cohort, to the byte.
    n : int, >= 1
        Number of people. Group, sex, age band and missing age keep their published proportions, exactly at 1,380.

    Returns
    -------
    polars.DataFrame, one row per person in random order: ``subject_id`` (DEMO-0001, ...), ``group``, ``sex``,
    ``age_years`` (completed years; null where missing, 9 of 1,380), and the six areas of
    ``vocabulary.measures.AREA_MEASURES`` in whole mm²; the three zones add up to ``wmh_area_mm2``.

    Raises
    ------
    ValueError : seed is negative or n is below 1.

    Examples
    --------
    >>> cohort = synthetic_cohort(seed=1)
    >>> cohort.group_by("group").len().sort("group").rows()
    [('HC', 999), ('MS', 381)]
    """
    if seed < 0:
        raise ValueError(f"the seed must be 0 or more, not {seed}")
    if n < 1:
        raise ValueError(f"the cohort needs at least 1 person, not {n}")
    rng = np.random.default_rng(seed)
    people = _people(rng, n)
    measured = pl.concat([_measure(rng, group) for group in people.partition_by("group", maintain_order=True)])
    shuffled = measured[rng.permutation(n)]
    width = max(4, len(str(n)))
    number = pl.int_range(1, n + 1).cast(pl.String).str.zfill(width)
    return shuffled.select(
        (pl.lit("DEMO-") + number).alias("subject_id"),
        "group",
        "sex",
        pl.when(pl.col("age_given")).then("age_years").alias("age_years"),
        *AREA_MEASURES,
    )


def _people(rng: np.random.Generator, n: int) -> pl.DataFrame:
    """Return group, sex, age and whether the age is given; one block of rows per group."""
    cells = [(group, sex, band) for group, sex in models.PEOPLE for band in models.BANDS]
    counts = _apportion(np.array([count for row in models.PEOPLE.values() for count in row]), n)
    blocks = []
    for (group, sex, band), count in zip(cells, counts, strict=True):
        ages = _ages(rng, group, band, int(count))
        constants = {"group": group, "sex": sex, "age_given": band is not None}
        blocks.append(pl.DataFrame({"age_years": ages}).with_columns(**{k: pl.lit(v) for k, v in constants.items()}))
    return pl.concat(blocks)


def _apportion(counts: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Scale counts to the total n; the largest remainders are rounded up."""
    exact = counts * n / counts.sum()
    whole: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    largest = np.argsort(whole - exact, kind="stable")[: n - whole.sum()]
    whole[largest] += 1
    return whole


def _ages(rng: np.random.Generator, group: str, band: tuple[int, int] | None, count: int) -> Floats:
    model = models.MODELS[group]
    youngest, oldest = model.age_range if band is None else (band[0], min(band[1], model.age_range[1]))
    years = np.arange(youngest, oldest + 1, dtype=np.float64)
    weight = np.exp(-0.5 * ((years - model.age_mean) / model.age_sd) ** 2)
    return rng.choice(years, size=count, p=weight / weight.sum())


def _measure(rng: np.random.Generator, people: pl.DataFrame) -> pl.DataFrame:
    """Add the six areas to the people of one group."""
    group = people["group"][0]
    model = models.MODELS[group]
    z = (people["age_years"].to_numpy() - 35) / 10
    male = (people["sex"] == "M").to_numpy()
    head_score, size_rank, load_rank = _dependent(rng, model.dependence, len(people))

    (mean_f, sd_f), (mean_m, sd_m) = models.HEAD["F"], models.HEAD["M"]
    head = np.rint(np.where(male, mean_m + sd_m * head_score, mean_f + sd_f * head_score))

    ventricles = BoxCoxT(
        np.exp(_linear(model.ventricle_log_mu, z, male)),
        np.exp(model.ventricle_log_sigma),
        model.ventricle_nu,
        np.exp(model.ventricle_log_tau),
    )
    low, high = (ventricles.cdf(limit) for limit in VENTRICLE_RATIO_LIMITS)
    ventricle = np.rint(ventricles.ppf(low + size_rank * (high - low)) * head / 100)

    loads = ZeroAdjustedGamma(
        np.exp(_linear(model.load_log_mean, z, male)) * head / models.HEAD_OF_LOAD,
        np.exp(model.load_log_sigma),
        scipy.special.expit(_linear(model.no_lesion_logit, z, male)),
    )
    wmh = loads.whole_ppf(load_rank * loads.whole_cdf(head * LOAD_RATIO_LIMIT / 100))

    zones = _control_zones(rng, wmh) if group == "HC" else _patient_zones(rng, wmh, z)
    areas = np.column_stack([head, ventricle, wmh, zones])
    return people.with_columns(pl.Series(name, areas[:, i]) for i, name in enumerate(AREA_MEASURES))


def _dependent(rng: np.random.Generator, r: tuple[float, float, float], n: int) -> tuple[Floats, Floats, Floats]:
    """Return the normal score of the head and the ranks (0-1) of ventricles and load, correlated as r says."""
    correlation = np.array([[1, r[0], r[1]], [r[0], 1, r[2]], [r[1], r[2], 1]])
    scores = rng.standard_normal((n, 3)) @ np.linalg.cholesky(correlation).T
    return scores[:, 0], scipy.special.ndtr(scores[:, 1]), scipy.special.ndtr(scores[:, 2])


def _linear(coefficients: tuple[float, float, float], z: Floats, male: NDArray[np.bool_]) -> Floats:
    return coefficients[0] + coefficients[1] * z + coefficients[2] * male


def _control_zones(rng: np.random.Generator, wmh: Floats) -> Floats:
    """Split controls' loads: all periventricular but for a few small lesions elsewhere. Columns peri, para, juxta."""
    left = wmh
    outside = []
    for rate, steps in zip(models.CONTROL_ZONE_RATE, models.CONTROL_ZONE_STEPS, strict=True):
        has = (rng.random(len(wmh)) < rate) & (wmh > 2)
        area = np.minimum(has * 2.0 * rng.geometric(1 / steps, len(wmh)), left)
        outside.append(area)
        left = left - area
    return np.column_stack([left, *outside])


def _patient_zones(rng: np.random.Generator, wmh: Floats, z: Floats) -> Floats:
    """Split patients' loads: first which zones hold lesions, then how much each. Columns peri, para, juxta."""
    lesions = wmh > 0
    log_load = np.log(np.where(lesions, wmh, 100.0) / 100)
    chance = [scipy.special.expit(constant + slope * log_load) for constant, slope in models.ZONE_PRESENT_LOGIT]
    present = _draw_pattern(rng, np.column_stack(chance)) & lesions[:, None]

    spread = rng.standard_normal((len(wmh), 2)) @ np.linalg.cholesky(np.array(models.ZONE_LOG_RATIO_COVARIANCE)).T
    mean = np.column_stack([a + b * log_load + c * z for a, b, c in models.ZONE_LOG_RATIO])
    share = np.column_stack([np.ones(len(wmh)), np.exp(mean + spread)])
    return _split_whole(wmh, np.where(present, share, 0.0))


def _draw_pattern(rng: np.random.Generator, chance: Floats) -> NDArray[np.bool_]:
    """Draw which zones hold lesions, independently, given that at least one does."""
    weight = np.prod(np.where(PATTERNS, chance[:, None, :], 1 - chance[:, None, :]), axis=2)
    cumulated = np.cumsum(weight, axis=1)
    rank = rng.random(len(chance)) * cumulated[:, -1]
    drawn: NDArray[np.bool_] = PATTERNS[(rank[:, None] >= cumulated[:, :-1]).sum(axis=1)]
    return drawn


def _split_whole(total: Floats, weight: Floats) -> Floats:
    """Split whole totals into whole parts that add up: each weighted part at least 1, the rest by largest remainder."""
    order = np.argsort(-weight, axis=1, kind="stable")
    place = np.argsort(order, axis=1, kind="stable")
    # A load of 1 mm² cannot lie in two zones: the lightest give way.
    kept = (weight > 0) & (place < total[:, None])
    least = kept.astype(np.float64)
    share = np.where(kept, weight, 0.0)
    share = share / np.maximum(share.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    wanted = np.maximum(share * total[:, None] - least, 0.0)
    rest = (total - least.sum(axis=1))[:, None]
    exact = wanted * rest / np.maximum(wanted.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    whole = np.floor(exact)
    missing = rest - whole.sum(axis=1, keepdims=True)
    by_remainder = np.argsort(np.argsort(whole - exact, axis=1, kind="stable"), axis=1, kind="stable")
    parts: Floats = least + whole + (by_remainder < missing)
    return parts
