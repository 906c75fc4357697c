"""The forms a normative model can take: Box-Cox t, zero-adjusted areas, normal; each with its parameters and links.

Covariates are age (decades from 35), sex and, for areas, head size: an area is proportional to it. The form with an
age x sex term is fitted beside each, for ages where few people carry the norm.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy
from numpy.typing import NDArray

from analysis.norms.people import HEAD_MM2, People
from analysis.statistics.distributions import BoxCoxT
from analysis.statistics.generalised_gamma import ZeroAdjustedCounts

Floats = NDArray[np.float64]
Scale = Literal["probit", "logit"]
Positive = Literal["gamma", "weibull", "generalised_gamma"]

ADDITIVE = ("intercept", "z", "male")
AGE_BY_SEX = ("intercept", "z", "male", "z_male")
LOG_TAU_NORMAL = 16.0
"""A t distribution with this many degrees of freedom (in logs) is a normal one."""


@dataclass(frozen=True)
class BoxCoxTForm:
    """A positive, skewed, heavy-tailed size: log median linear in age and sex; sigma, nu, tau the same for all."""

    terms: tuple[str, ...] = ("intercept", "z", "male")
    heavy_tails: bool = True

    scale: Scale = "probit"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters, in order; without heavy tails it is the Box-Cox normal (LMS)."""
        tails = ("log_tau",) if self.heavy_tails else ()
        return (*(f"log_mu.{term}" for term in self.terms), "log_sigma", "nu", *tails)

    def start(self, people: People) -> Floats:
        """Return parameters to start from."""
        logs = np.log(people.value)
        coefficients = np.linalg.lstsq(design(people, self.terms), logs, rcond=None)[0]
        tails = [np.log(10.0)] if self.heavy_tails else []
        return np.array([*coefficients, np.log(max(logs.std(), 1e-3)), 0.5, *tails])

    def log_likelihood(self, parameters: Floats, people: People) -> Floats:
        """Log density of each person's value (N,)."""
        return np.log(np.maximum(self._distribution(parameters, people).pdf(people.value), 1e-300))

    def below(self, parameters: Floats, people: People) -> Floats:
        """Probability of less than each person's value (N,)."""
        return self._distribution(parameters, people).cdf(people.value)

    def at_or_below(self, parameters: Floats, people: People) -> Floats:
        """Probability of at most each person's value (N,)."""
        return self.below(parameters, people)

    def beyond(self, parameters: Floats, people: People) -> Floats:
        """Probability of more than each person's value (N,)."""
        return 1 - self.below(parameters, people)

    def quantile(self, parameters: Floats, people: People, p: float | Floats) -> Floats:
        """Value below which a proportion p of people like each lies (N,)."""
        return self._distribution(parameters, people).ppf(p)

    def _distribution(self, parameters: Floats, people: People) -> BoxCoxT:
        k = len(self.terms)
        log_sigma, nu = parameters[k : k + 2]
        log_tau = parameters[k + 2] if self.heavy_tails else LOG_TAU_NORMAL
        mu = np.exp(design(people, self.terms) @ parameters[:k])
        return BoxCoxT(mu, np.exp(log_sigma), nu, np.exp(log_tau))


@dataclass(frozen=True)
class ZeroAdjustedForm:
    """A load that some people do not have: any at all by a logit, the amount by a skewed positive distribution."""

    positive: Positive = "gamma"
    amount_terms: tuple[str, ...] = ("intercept", "male")
    none_terms: tuple[str, ...] = ("intercept", "z", "male")

    scale: Scale = "logit"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters, in order."""
        amount = "log_mean" if self.positive == "gamma" else "log_scale"
        shapes = {
            "gamma": ("log_sigma",),
            "weibull": ("log_power",),
            "generalised_gamma": ("log_power", "log_shape"),
        }[self.positive]
        none = (f"logit_none.{term}" for term in self.none_terms)
        return (*(f"{amount}.{term}" for term in self.amount_terms), *shapes, *none)

    def start(self, people: People) -> Floats:
        """Return parameters to start from."""
        some = people.value >= 0.5
        scaled = people.value[some] * HEAD_MM2 / people.head[some]
        none = 1 - some.mean() if 0 < some.mean() < 1 else 0.5 / len(some)
        amount = np.zeros(len(self.amount_terms))
        amount[0] = np.log(scaled.mean())
        logit = np.zeros(len(self.none_terms))
        logit[:1] = scipy.special.logit(none)
        return np.array([*amount, *([0.0] if self.positive != "generalised_gamma" else [0.0, 0.0]), *logit])

    def log_likelihood(self, parameters: Floats, people: People) -> Floats:
        """Log probability of each person's area to the next mm² (N,)."""
        return self._distribution(parameters, people).log_mass(people.value)

    def log_amount(self, amount: Floats, people: People) -> Floats:
        """Log probability of the areas of people who have some; ``amount`` are the parameters before those of none."""
        return self._amount(amount, people, np.zeros(len(people))).log_mass(people.value)

    def log_none(self, none: Floats, people: People) -> Floats:
        """Log probability of having some or none; ``none`` are the parameters of the logit."""
        logit = design(people, self.none_terms) @ none
        chance: Floats = np.where(people.value < 0.5, scipy.special.log_expit(logit), scipy.special.log_expit(-logit))
        return chance

    def below(self, parameters: Floats, people: People) -> Floats:
        """Probability of less than each person's value (N,)."""
        return 1 - self._distribution(parameters, people).at_or_above(people.value)

    def at_or_below(self, parameters: Floats, people: People) -> Floats:
        """Probability of at most each person's value (N,)."""
        return self._distribution(parameters, people).at_or_below(people.value)

    def beyond(self, parameters: Floats, people: People) -> Floats:
        """Probability of more than each person's value, ties counted half (N,)."""
        distribution = self._distribution(parameters, people)
        return (distribution.above(people.value) + distribution.at_or_above(people.value)) / 2

    def quantile(self, parameters: Floats, people: People, p: float | Floats) -> Floats:
        """Area below which a proportion p of people like each lies (N,); 0 where more than p have none."""
        return self._distribution(parameters, people).quantile(p)

    def above(self, parameters: Floats, people: People) -> Floats:
        """Probability of an area above each person's value, not rounded (N,)."""
        distribution = self._distribution(parameters, people)
        return distribution.above(people.value - 0.5)

    def none(self, parameters: Floats, people: People) -> Floats:
        """Probability of no lesion at all (N,); 0 for a form without terms for it."""
        if not self.none_terms:
            return np.zeros(len(people))
        logit = design(people, self.none_terms) @ parameters[-len(self.none_terms) :]
        share: Floats = scipy.special.expit(logit)
        return share

    def _distribution(self, parameters: Floats, people: People) -> ZeroAdjustedCounts:
        return self._amount(parameters, people, self.none(parameters, people))

    def _amount(self, parameters: Floats, people: People, none: Floats) -> ZeroAdjustedCounts:
        k = len(self.amount_terms)
        amount = np.exp(design(people, self.amount_terms) @ parameters[:k]) * people.head / HEAD_MM2
        if self.positive == "gamma":
            variance = np.exp(2 * parameters[k])
            return ZeroAdjustedCounts(1 / variance, 1.0, amount * variance, none)
        shape = np.exp(parameters[k + 1]) if self.positive == "generalised_gamma" else 1.0
        return ZeroAdjustedCounts(shape, np.exp(parameters[k]), amount, none)


@dataclass(frozen=True)
class NormalForm:
    """A normal size with a mean and a spread per sex, unrelated to age: head size of adults."""

    terms: tuple[str, ...] = ("intercept", "male")

    scale: Scale = "probit"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters, in order."""
        return (*(f"mean.{term}" for term in self.terms), "log_sd.intercept", "log_sd.male")

    def start(self, people: People) -> Floats:
        """Return parameters to start from."""
        X = design(people, self.terms)
        coefficients = np.linalg.lstsq(X, people.value / HEAD_MM2, rcond=None)[0]
        rest = people.value / HEAD_MM2 - X @ coefficients
        return np.array([*coefficients, np.log(rest.std()), 0.0])

    def log_likelihood(self, parameters: Floats, people: People) -> Floats:
        """Log density of each person's value (N,)."""
        mean, sd = self._moments(parameters, people)
        density: Floats = -0.5 * ((people.value - mean) / sd) ** 2 - np.log(sd) - 0.5 * np.log(2 * np.pi)
        return density

    def below(self, parameters: Floats, people: People) -> Floats:
        """Probability of less than each person's value (N,)."""
        mean, sd = self._moments(parameters, people)
        share: Floats = scipy.special.ndtr((people.value - mean) / sd)
        return share

    def at_or_below(self, parameters: Floats, people: People) -> Floats:
        """Probability of at most each person's value (N,)."""
        return self.below(parameters, people)

    def beyond(self, parameters: Floats, people: People) -> Floats:
        """Probability of more than each person's value (N,)."""
        return 1 - self.below(parameters, people)

    def quantile(self, parameters: Floats, people: People, p: float | Floats) -> Floats:
        """Value below which a proportion p of people like each lies (N,)."""
        mean, sd = self._moments(parameters, people)
        value: Floats = mean + sd * scipy.special.ndtri(p)
        return value

    def _moments(self, parameters: Floats, people: People) -> tuple[Floats, Floats]:
        # In units of a typical head, so that every parameter is of the order of one.
        k = len(self.terms)
        mean = HEAD_MM2 * (design(people, self.terms) @ parameters[:k])
        sd = HEAD_MM2 * np.exp(design(people, ("intercept", "male")) @ parameters[k:])
        return mean, sd


Form = BoxCoxTForm | ZeroAdjustedForm | NormalForm


def design(people: People, terms: tuple[str, ...]) -> Floats:
    """Return the covariates of each person, one column per term: intercept, z, male, z_male."""
    columns = {
        "intercept": np.ones(len(people)),
        "z": people.z,
        "male": people.male,
        "z_male": people.z * people.male,
    }
    return np.stack([columns[term] for term in terms], axis=-1)
