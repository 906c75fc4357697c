"""Linear and generalised linear models with robust errors, for one coefficient or one curve at a time.

Written on numpy because the same few fits run at every change of a filter: a whole page costs
milliseconds, and no statistics package has to be imported first. Checked against R in the tests.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Family = Literal["gaussian", "poisson", "binomial"]

MAX_ITERATIONS = 50
TOLERANCE = 1e-10
# A column this much shorter, once earlier ones are taken out, says nothing new.
SAME_DIRECTION = 1e-9
DIVERGED = "the model diverged: some combination of group, age and sex has no variation"
# Beyond this linear predictor a fitted mean is zero or infinite for every practical purpose.
LARGEST_PREDICTOR = 30.0


class NotEstimable(ValueError):
    """The data do not determine the coefficient; the message says why in plain words."""


@dataclass(frozen=True)
class Fit:
    """A fitted model: coefficients of the kept columns, their covariance, residual degrees of freedom."""

    coefficients: FloatArray
    covariance: FloatArray
    df: int
    kept: NDArray[np.intp]

    def interval(self, row: FloatArray, level: float = 0.95) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Estimate and Wald interval of ``row @ coefficients`` on the scale of the linear predictor.

        Parameters
        ----------
        row : (N, P) float array, in the columns of the design the model was fitted to
        level : float, coverage of the interval

        Returns
        -------
        estimate, low, high : (N,) float arrays
        """
        used = np.atleast_2d(row)[:, self.kept]
        estimate = used @ self.coefficients
        error = np.sqrt(((used @ self.covariance) * used).sum(axis=1))
        half = scipy.special.stdtrit(self.df, 0.5 + level / 2) * error
        return estimate, estimate - half, estimate + half


@dataclass(frozen=True)
class Coefficient:
    """One coefficient with its Wald test (Student t on the residual degrees of freedom)."""

    estimate: float
    low: float
    high: float
    statistic: float
    df: float
    p_value: float


def natural_spline(x: FloatArray, knots: FloatArray) -> FloatArray:
    """Return the natural cubic spline basis without its constant.

    Cubic between the knots, straight outside the first and last. Spans the same curves as
    ``splines::ns`` of R with these knots.

    Parameters
    ----------
    x : (N,) float array
    knots : (K,) float array, increasing, K >= 2; two knots give a straight line

    Returns
    -------
    (N, K - 1) float array

    References
    ----------
    Harrell 2015, Regression Modeling Strategies, section 2.4.5, doi:10.1007/978-3-319-19425-7
    """
    first, last, width = knots[0], knots[-1], knots[-1] - knots[0]
    before_last = knots[-2]

    def cubed(knot: float) -> FloatArray:
        above: FloatArray = np.maximum((x - knot) / width, 0.0) ** 3
        return above

    columns = [(x - first) / width]
    for knot in knots[:-2]:
        share = (last - knot) / (last - before_last)
        columns.append(cubed(knot) - cubed(before_last) * share + cubed(last) * (share - 1))
    return np.column_stack(columns)


def spline_knots(x: FloatArray, df: int) -> FloatArray:
    """Knots for ``natural_spline``: the range and evenly spaced quantiles, as ``splines::ns(x, df)`` of R.

    Repeated quantiles are merged, so few distinct values give a simpler curve; a constant gives no knots.
    """
    return np.unique(np.quantile(x, np.linspace(0, 1, df + 1))) if np.ptp(x) > 0 else np.empty(0)


def fit(
    design: FloatArray,
    outcome: FloatArray,
    family: Family = "gaussian",
    robust: bool = True,
    people: FloatArray | None = None,
    spread: FloatArray | None = None,
) -> Fit:
    """Fit a linear (gaussian), log-linear (poisson) or logistic (binomial) model.

    A column that repeats earlier ones is dropped. Robust errors (HC3: each squared residual divided by the
    square of 1 - leverage, in the generalised models the leverage of the last reweighted fit) hold under any
    unequal spread and in small groups. A log-linear model with robust errors is a quasi-Poisson model: it
    assumes the form of the mean and nothing about the spread.

    Parameters
    ----------
    design : (N, P) float array, finite, the constant included
    outcome : (N,) float array, finite; poisson >= 0; binomial within 0-1, fractions allowed
    family : which model; each with its canonical link
    robust : sandwich covariance; False gives the model's own (gaussian: residual variance; others: dispersion 1)

    people, spread : (N,) float arrays; rows that stand for several people of one design: how many, and the sum of
        squares about their mean, which is then the outcome. The fit is the one of all these people.

    Raises
    ------
    NotEstimable : too few rows, no convergence, or a row that alone determines a coefficient.

    References
    ----------
    MacKinnon and White 1985, J Econometrics 29:305-325, doi:10.1016/0304-4076(85)90158-7.
    Gourieroux, Monfort and Trognon 1984 (Poisson pseudo maximum likelihood), doi:10.2307/1913472.
    Papke and Wooldridge 1996 (fractional logit), doi:10.1002/(SICI)1099-1255(199611)11:6<619::AID-JAE418>3.0.CO;2-1.
    """
    q, r, kept = _orthonormal(design)
    people = np.ones(len(outcome)) if people is None else people
    n = float(people.sum())
    df = int(n) - q.shape[1]
    if df < 1:
        raise NotEstimable(f"too few people ({n:.0f}) for the {q.shape[1]} coefficients of the model")
    if family == "gaussian":
        inverse = np.linalg.inv((q * people[:, None]).T @ q)
        direction = inverse @ (q.T @ (people * outcome))
        mean, weight = q @ direction, people
    else:
        direction, mean, weight = _iterate(q, outcome, people, family)
        inverse = np.linalg.inv((q * weight[:, None]).T @ q)
    squares = people * (outcome - mean) ** 2 + (0.0 if spread is None else spread)
    if robust:
        leverage = weight / people * ((q @ inverse) * q).sum(axis=1)
        if leverage.max() > 1 - 1e-8:
            raise NotEstimable("one person alone determines a coefficient of the model")
        squares = squares / (1 - leverage) ** 2
        covariance = inverse @ ((q * squares[:, None]).T @ q) @ inverse
    else:
        covariance = inverse * (squares.sum() / df if family == "gaussian" else 1.0)
    back = np.linalg.inv(r)
    return Fit(back @ direction, back @ covariance @ back.T, df, kept)


def last_coefficient(fitted: Fit, columns: int, normal: bool = False) -> Coefficient:
    """Return the coefficient of the design's last column with its 95 % interval and test.

    Parameters
    ----------
    fitted : Fit
    columns : int, number of columns of the design
    normal : bool, test against the normal distribution rather than Student's t

    Raises
    ------
    NotEstimable : the column repeats what the others already say, or its error is zero.
    """
    if fitted.kept[-1] != columns - 1:
        raise NotEstimable("the groups do not overlap in age, sex or head size, so they cannot be told apart")
    estimate = float(fitted.coefficients[-1])
    error = float(np.sqrt(fitted.covariance[-1, -1]))
    if not error > 1e-12 * max(1.0, abs(estimate)):
        raise NotEstimable("the values do not vary, so there is no error to judge the difference by")
    df = np.inf if normal else float(fitted.df)
    half = float(scipy.special.ndtri(0.975) if normal else scipy.special.stdtrit(df, 0.975)) * error
    t = estimate / error
    p = 2 * float(scipy.special.ndtr(-abs(t)) if normal else scipy.special.stdtr(df, -abs(t)))
    return Coefficient(estimate, estimate - half, estimate + half, t, df, p)


def _orthonormal(design: FloatArray) -> tuple[FloatArray, FloatArray, NDArray[np.intp]]:
    """Split the columns that say something new into Q R (Gram-Schmidt, each twice); repeats are left out."""
    n, columns = design.shape
    q = np.empty((n, columns), order="F")
    r = np.zeros((columns, columns))
    kept: list[int] = []
    for column in range(columns):
        left = design[:, column].copy()
        length = np.linalg.norm(left)
        k = len(kept)
        # Once leaves rounding errors along the earlier columns; a second time takes them out.
        for _ in range(2):
            along = q[:, :k].T @ left
            left -= q[:, :k] @ along
            r[:k, k] += along
        size = np.linalg.norm(left)
        if size > SAME_DIRECTION * length:
            q[:, k], r[k, k] = left / size, size
            kept.append(column)
        else:
            r[:k, k] = 0.0
    k = len(kept)
    return q[:, :k], r[:k, :k], np.array(kept, dtype=np.intp)


def _iterate(
    q: FloatArray, outcome: FloatArray, people: FloatArray, family: Family
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Iteratively reweighted least squares; returns coefficients, fitted means and working weights."""
    overall = float(people @ outcome / people.sum())
    mean = (outcome + (overall if family == "poisson" else 0.5)) / 2
    predictor = np.log(mean) if family == "poisson" else scipy.special.logit(mean)
    deviance = np.inf
    for _ in range(MAX_ITERATIONS):
        variance = mean if family == "poisson" else mean * (1 - mean)
        weighted = q * (people * variance)[:, None]
        try:
            toward = weighted.T @ predictor + q.T @ (people * (outcome - mean))
            direction = np.linalg.solve(weighted.T @ q, toward).astype(np.float64, copy=False)
        except np.linalg.LinAlgError:
            raise NotEstimable(DIVERGED) from None
        # A single large step is normal on the way; only a fit that ends there has diverged.
        predictor = np.clip(q @ direction, -LARGEST_PREDICTOR, LARGEST_PREDICTOR)
        mean = np.exp(predictor) if family == "poisson" else scipy.special.expit(predictor)
        before, deviance = deviance, _deviance(outcome, mean, people, family)
        if abs(before - deviance) <= TOLERANCE * (abs(deviance) + TOLERANCE):
            break
    else:
        raise NotEstimable("the model did not converge")
    centre = np.log(overall) if family == "poisson" else 0.0
    if np.abs(predictor - centre).max() > LARGEST_PREDICTOR / 2:
        raise NotEstimable(DIVERGED)
    return direction, mean, people * (mean if family == "poisson" else mean * (1 - mean))


def _deviance(outcome: FloatArray, mean: FloatArray, people: FloatArray, family: Family) -> float:
    """Minus twice the log likelihood, up to a constant."""
    if family == "poisson":
        return float(-2 * people @ (outcome * np.log(mean) - mean))
    return float(-2 * people @ (scipy.special.xlogy(outcome, mean) + scipy.special.xlog1py(1 - outcome, -mean)))
