"""How good a model is on people it did not see: log score, calibration, and where it is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from analysis.age_bands import band_label
from analysis.norms.fit_form import fit_form
from analysis.norms.forms import Form, ZeroAdjustedForm
from analysis.norms.maximum_likelihood import Fit
from analysis.norms.people import People
from vocabulary.measures import AGE_BANDS

Floats = NDArray[np.float64]

FOLDS = 10
CENTILES = (3.0, 10.0, 25.0, 50.0, 75.0, 90.0, 97.0)
"""Centiles of the charts, and those at which calibration is judged."""
WORM_POINTS = 60


@dataclass(frozen=True)
class Cell:
    """People of an age band and sex: mean distance of observed from nominal proportions, in points."""

    age_band: str
    sex: str
    n: int
    miscalibration: float


@dataclass(frozen=True)
class Diagnostics:
    """Ten-fold cross-validation of one model; everything here is about people who were not fitted.

    Attributes
    ----------
    log_score, log_score_se : mean log-likelihood per person, and its standard error
    observed : percent of people at or below each of the seven centiles
    miscalibration : mean |observed - nominal| over the seven, in points
    beyond_5, beyond_95 : percent below the 5th and above the 95th centile
    deciles : percent of people in each tenth of the predicted distribution; 10 each if the model is right
    worm : (expected normal score, observed minus expected), up to 60 points; of a load among people who have some
    """

    measure: str
    n: int
    folds: int
    log_score: float
    log_score_se: float
    observed: tuple[float, ...]
    miscalibration: float
    beyond_5: float
    beyond_95: float
    deciles: tuple[float, ...]
    worm: tuple[tuple[float, float], ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Predictions:
    """Each person under the model fitted to the other nine tenths, (N,); ``none`` is the chance of no lesion, or 0."""

    log_score: Floats
    below: Floats
    at_or_below: Floats
    none: Floats

    def share_at_or_below(self, p: float, rows: NDArray[np.bool_] | None = None) -> float:
        """Return the share of people whose rank is at most p.

        Somebody whose rank is only known to lie between below and at_or_below counts in proportion.
        """
        low, high = self.below, self.at_or_below
        width = np.maximum(high - low, 1e-12)
        part = np.clip((p - low) / width, 0.0, 1.0)
        return float((part if rows is None else part[rows]).mean())


def fold_of(people: People, folds: int = FOLDS, seed: int = 0) -> NDArray[np.intp]:
    """Deal people into folds of equal ages and sexes, at random within an age and sex.

    The value itself plays no part: folds dealt by it would be more alike than chance makes them, and flatter the score.
    """
    chance = np.random.default_rng(seed).random(len(people))
    order = np.lexsort((chance, people.age, people.male))
    fold = np.empty(len(people), dtype=np.intp)
    fold[order] = np.arange(len(people)) % folds
    return fold


def cross_validate(form: Form, whole: Fit, people: People, folds: int = FOLDS, seed: int = 0) -> Predictions:
    """Fit to all but one fold, predict that fold, for every fold.

    Parameters
    ----------
    whole : estimates from everybody, to start from

    Raises
    ------
    NotFitted : the model has no maximum without one of the folds
    """
    n = len(people)
    log_score, below, at_or_below, none = np.empty(n), np.empty(n), np.empty(n), np.zeros(n)
    fold = fold_of(people, folds, seed)
    for i in range(folds):
        held = fold == i
        fitted = fit_form(form, people.take(~held), start=whole.parameters).parameters
        members = people.take(held)
        log_score[held] = form.log_likelihood(fitted, members)
        below[held] = form.below(fitted, members)
        at_or_below[held] = form.at_or_below(fitted, members)
        if isinstance(form, ZeroAdjustedForm):
            none[held] = form.none(fitted, members)
    return Predictions(log_score, below, at_or_below, none)


def diagnose(measure: str, form: Form, whole: Fit, people: People, folds: int = FOLDS, seed: int = 0) -> Diagnostics:
    """Cross-validate a model and say how good it is.

    References
    ----------
    Czado, Gneiting and Held 2009, doi:10.1111/j.1541-0420.2009.01191.x (the probability integral transform of counts,
    without chance); van Buuren and Fredriks 2001, doi:10.1002/sim.746 (worm plot).
    """
    found = cross_validate(form, whole, people, folds, seed)
    observed = tuple(100 * found.share_at_or_below(c / 100) for c in CENTILES)
    ends = [found.share_at_or_below(i / 10) for i in range(11)]
    return Diagnostics(
        measure=measure,
        n=len(people),
        folds=folds,
        log_score=float(found.log_score.mean()),
        log_score_se=float(found.log_score.std(ddof=1) / np.sqrt(len(people))),
        observed=observed,
        miscalibration=_distance(observed),
        beyond_5=100 * found.share_at_or_below(0.05),
        beyond_95=100 * (1 - found.share_at_or_below(0.95)),
        deciles=tuple(float(d) for d in 100 * np.diff(ends)),
        worm=_worm(found),
        cells=_cells(found, people),
    )


def _distance(observed: Sequence[float]) -> float:
    return float(np.mean(np.abs(np.array(observed) - np.array(CENTILES))))


def _worm(found: Predictions) -> tuple[tuple[float, float], ...]:
    """Return quantiles of the normal scores against those of the normal distribution.

    Of a load only among people who have some: those without share one rank, which no normal score can spread.
    """
    some = (found.none == 0) | (found.below >= found.none - 1e-9)
    none = found.none[some]
    middle = np.sort(((found.below[some] + found.at_or_below[some]) / 2 - none) / (1 - none))
    n = len(middle)
    # Evenly along the normal scale, where the tails are as long as the middle.
    every = scipy.special.ndtri((np.arange(n) + 0.625) / (n + 0.25))
    at = np.unique(np.searchsorted(every, np.linspace(every[0], every[-1], WORM_POINTS)))
    expected = every[at]
    scores = scipy.special.ndtri(np.clip(middle[at], 1e-9, 1 - 1e-9))
    return tuple((float(e), float(s - e)) for e, s in zip(expected, scores, strict=True))


def _cells(found: Predictions, people: People) -> tuple[Cell, ...]:
    cells = []
    for male, sex in ((0.0, "F"), (1.0, "M")):
        for low, high in AGE_BANDS:
            rows = (people.male == male) & (people.age >= low) & (people.age < (np.inf if high is None else high + 1))
            if rows.any():
                observed = [100 * found.share_at_or_below(c / 100, rows) for c in CENTILES]
                cells.append(Cell(band_label((low, high)), sex, int(rows.sum()), _distance(observed)))
    return tuple(cells)
