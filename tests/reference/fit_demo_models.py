"""Fit the models of the demonstration cohort to the released table: the source of analysis/synthetic/models.py.

Run with the reference data at hand: ``MSCOHORT_REFERENCE=... python -m tests.reference.fit_demo_models``. It prints
every constant with its standard error; no individual value is printed or kept.
"""

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from scipy import optimize, special

from analysis.statistics.distributions import BoxCoxT, ZeroAdjustedGamma

TABLE = Path("cohort") / "brain_mri_analysis_results_PROCESSED_updated.csv"
AGE_BANDS = ((18, 29), (30, 39), (40, 49), (50, 59), (60, 74))
ZONES = ("peri", "para", "juxt")
Fit = dict[str, list[float]]


def read_released(reference: Path) -> pl.DataFrame:
    """Return the released table in this project's words; age missing in 9 rows."""
    areas = {"Intracranial": "ica", "Ventricle": "vent", "WMH": "wmh", "Peri": "peri", "Para": "para", "Juxt": "juxt"}
    return pl.read_csv(reference / TABLE).select(
        group="StudyGroup",
        sex=pl.col("PatientSex").replace_strict({0: "F", 1: "M"}),
        age="PatientAge",
        **{short: pl.col(f"Total{name}Area").cast(float) for name, short in areas.items()},
    )


def fit_all(reference: Path) -> dict[str, Fit]:
    """Fit every model by maximum likelihood; each gives ``estimate`` and ``se``, in the order the generator uses."""
    table = read_released(reference)
    known = table.filter(pl.col("age").is_not_null())
    models: dict[str, Fit] = {}
    for sex in ("F", "M"):
        areas = table.filter(sex=sex)["ica"].to_numpy()
        se = areas.std() / np.sqrt(len(areas))
        models[f"intracranial {sex}: mean, sd"] = _fit([areas.mean(), areas.std()], [se, se / np.sqrt(2)])
    hc, ms = (_columns(known.filter(group=group)) for group in ("HC", "MS"))
    for group, people in (("HC", hc), ("MS", ms)):
        models[f"age {group}: mean, sd"] = fit_ages(people["age"])
        models[f"ventricle {group}: log mu (1, z, male), log sigma, nu, log tau"] = fit_ventricle(people)
    models["load HC: log mean (1, male), log sigma"] = fit_load(hc, ["male"])
    models["load MS: log mean (1, z), log sigma"] = fit_load(ms, ["z"])
    models["no lesion HC: logit (1, z, male)"] = fit_no_lesion(hc, ["z", "male"])
    models["no lesion MS: logit (1, z)"] = fit_no_lesion(ms, ["z"])
    models["zones HC: P(para), P(juxt), mean pairs of mm2 para, juxt"] = fit_control_zones(table)
    models["zones present MS: logit (1, log load) x peri, para, juxt"] = fit_zone_presence(ms)
    models["zone log-ratios MS: (1, log load, z) x para, juxt"], models["their covariance"] = fit_zone_ratios(ms)
    for group, people in (("HC", hc), ("MS", ms)):
        models[f"copula {group}: ica-vent, ica-wmh, vent-wmh"] = fit_copula(group, people, models)
    return models


def fit_ages(ages: np.ndarray) -> Fit:
    """Fit a normal curve over the whole years within each age band; the bands' counts are kept as they are."""
    bands = [(low, min(high, ages.max())) for low, high in AGE_BANDS]

    def loss(t: np.ndarray) -> float:
        def log_weight(years: np.ndarray) -> np.ndarray:
            return -0.5 * ((years - t[0]) / t[1]) ** 2

        total = np.sum(log_weight(ages))
        for low, high in bands:
            n = np.sum((ages >= low) & (ages <= high))
            total -= n * special.logsumexp(log_weight(np.arange(low, high + 1)))
        return -total

    return _maximise(loss, [ages.mean(), ages.std()])


def fit_ventricle(people: dict[str, np.ndarray]) -> Fit:
    """Fit a Box-Cox t model of ventricle / intracranial area x 100 on age and sex."""
    design = _design(people, ["z", "male"])
    ratio = 100 * people["vent"] / people["ica"]

    def loss(t: np.ndarray) -> float:
        return -np.sum(np.log(_ventricles(design, t).pdf(ratio)))

    return _maximise(loss, [-0.9, 0.1, 0.0, -1.1, 0.2, 1.8])


def fit_load(people: dict[str, np.ndarray], covariates: Sequence[str]) -> Fit:
    """Fit a gamma model of the positive WMH area, rounded to whole mm2, scaled to an intracranial area of 111,000."""
    design = _design(people, covariates)
    positive = people["wmh"] > 0

    def loss(t: np.ndarray) -> float:
        model = _loads(people, design, t, np.zeros(len(design)))
        mass = model.whole_cdf(people["wmh"]) - model.whole_cdf(people["wmh"] - 1)
        return -np.sum(np.log(np.maximum(mass[positive], 1e-300)))

    return _maximise(loss, [np.log(people["wmh"][positive].mean()), *[0.0] * len(covariates), 0.0])


def fit_no_lesion(people: dict[str, np.ndarray], covariates: Sequence[str]) -> Fit:
    """Fit a logistic model of having no lesion at all."""
    design = _design(people, covariates)
    none = people["wmh"] == 0
    return _maximise(
        lambda t: np.sum(np.logaddexp(0, design @ t)) - np.sum((design @ t)[none]), [-2.0, *[0.0] * len(covariates)]
    )


def fit_control_zones(table: pl.DataFrame) -> Fit:
    """Fit how often a control with more than 2 mm2 has lesions outside the periventricular zone, and how large."""
    lesions = table.filter(pl.col("wmh") > 2, group="HC")
    estimate, se = [], []
    for zone in ("para", "juxt"):
        rate = (lesions[zone] > 0).mean()
        estimate.append(rate)
        se.append(np.sqrt(rate * (1 - rate) / len(lesions)))
    for zone in ("para", "juxt"):
        pairs = lesions.filter(pl.col(zone) > 0)[zone].to_numpy() / 2
        estimate.append(pairs.mean())
        se.append(pairs.std() / np.sqrt(len(pairs)))
    return _fit(estimate, se)


def fit_zone_presence(people: dict[str, np.ndarray]) -> Fit:
    """Fit which zones hold lesions, each zone on the log load, given that at least one does."""
    lesions = people["wmh"] > 0
    load = np.column_stack([np.ones(lesions.sum()), np.log(people["wmh"][lesions] / 100)])
    present = np.column_stack([people[zone][lesions] > 0 for zone in ZONES])

    def loss(t: np.ndarray) -> float:
        logit = load @ t.reshape(3, 2).T
        log_none = -np.logaddexp(0, logit).sum(axis=1)
        return -np.sum((logit * present).sum(axis=1) + log_none - np.log(-np.expm1(log_none)))

    return _maximise(loss, [4.6, 1.2, 2.6, 0.8, 2.9, 1.0])


def fit_zone_ratios(people: dict[str, np.ndarray]) -> tuple[Fit, Fit]:
    """Fit log(para / peri) and log(juxt / peri), where all three zones hold lesions, on log load and age."""
    full = np.all([people[zone] > 0 for zone in ZONES], axis=0)
    design = np.column_stack([np.ones(full.sum()), np.log(people["wmh"][full] / 100), people["z"][full]])
    ratios = np.column_stack([np.log(people[zone][full] / people["peri"][full]) for zone in ("para", "juxt")])
    coefficients, *_ = np.linalg.lstsq(design, ratios, rcond=None)
    residuals = ratios - design @ coefficients
    n = len(residuals)
    covariance = residuals.T @ residuals / n
    variances = np.outer(np.diag(covariance), np.diag(np.linalg.inv(design.T @ design)))
    a, b, c = covariance[0, 0], covariance[1, 1], covariance[0, 1]
    spread = np.sqrt(np.array([2 * a**2, c**2 + a * b, 2 * b**2]) / n)
    return _fit(coefficients.T.ravel(), np.sqrt(variances).ravel()), _fit([a, c, b], spread)


def fit_copula(group: str, people: dict[str, np.ndarray], models: dict[str, Fit]) -> Fit:
    """Correlate the normal scores that the models above give to the three areas.

    A load counted in whole mm2 has a range of scores; they are drawn within it 200 times and the correlations averaged.
    """
    estimates = {name.split(":")[0]: np.array(fit["estimate"]) for name, fit in models.items()}
    covariates = ["male"] if group == "HC" else ["z"]
    zero_covariates = ["z", "male"] if group == "HC" else ["z"]
    male = people["male"] == 1
    by_sex = np.where(male[:, None], estimates["intracranial M"], estimates["intracranial F"])
    head = (people["ica"] - by_sex[:, 0]) / by_sex[:, 1]
    ventricles = _ventricles(_design(people, ["z", "male"]), estimates[f"ventricle {group}"])
    size = special.ndtri(ventricles.cdf(100 * people["vent"] / people["ica"]))
    no_lesion = special.expit(_design(people, zero_covariates) @ estimates[f"no lesion {group}"])
    loads = _loads(people, _design(people, covariates), estimates[f"load {group}"], no_lesion)
    low, high = loads.whole_cdf(people["wmh"] - 1), loads.whole_cdf(people["wmh"])
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(200):
        load = special.ndtri(low + (high - low) * rng.uniform(1e-9, 1, len(low)))
        drawn.append(np.corrcoef([head, size, load])[np.triu_indices(3, 1)])
    r = np.mean(drawn, axis=0)
    return _fit(r, (1 - r**2) / np.sqrt(len(head) - 3))


def _ventricles(design: np.ndarray, t: np.ndarray) -> BoxCoxT:
    k = design.shape[1]
    return BoxCoxT(np.exp(design @ t[:k]), np.exp(t[k]), t[k + 1], np.exp(t[k + 2]))


def _loads(
    people: dict[str, np.ndarray], design: np.ndarray, t: np.ndarray, no_lesion: np.ndarray
) -> ZeroAdjustedGamma:
    return ZeroAdjustedGamma(np.exp(design @ t[:-1]) * people["ica"] / 111_000, np.exp(t[-1]), no_lesion)


def _columns(table: pl.DataFrame) -> dict[str, np.ndarray]:
    extended = table.with_columns(z=(pl.col("age") - 35) / 10, male=(pl.col("sex") == "M").cast(float))
    return {name: extended[name].to_numpy() for name in extended.columns if name not in ("group", "sex")}


def _design(people: dict[str, np.ndarray], covariates: Sequence[str]) -> np.ndarray:
    return np.column_stack([np.ones(len(people["z"])), *(people[name] for name in covariates)])


def _maximise(loss: Callable[[np.ndarray], float], start: Sequence[float]) -> Fit:
    """Minimise the negative log-likelihood; standard errors from its curvature by central differences."""
    found = optimize.minimize(
        loss, start, method="Nelder-Mead", options={"maxfev": 20_000, "fatol": 1e-9, "xatol": 1e-7}
    )
    best = optimize.minimize(loss, found.x, method="BFGS", options={"gtol": 1e-6}).x
    steps = np.eye(len(best)) * 1e-4 * np.maximum(np.abs(best), 0.1)
    curvature = np.array(
        [
            [loss(best + a + b) - loss(best + a - b) - loss(best - a + b) + loss(best - a - b) for b in steps]
            for a in steps
        ]
    ) / (4 * np.outer(np.diag(steps), np.diag(steps)))
    return _fit(best, np.sqrt(np.diag(np.linalg.inv(curvature))))


def _fit(estimate: Sequence[float] | np.ndarray, se: Sequence[float] | np.ndarray) -> Fit:
    return {"estimate": [float(value) for value in estimate], "se": [float(value) for value in se]}


if __name__ == "__main__":
    for name, fit in fit_all(Path(os.environ["MSCOHORT_REFERENCE"])).items():
        rounded = {key: [float(f"{value:.5g}") for value in values] for key, values in fit.items()}
        sys.stdout.write(f"{name}\n    {json.dumps(rounded)}\n")
