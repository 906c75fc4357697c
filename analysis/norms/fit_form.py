"""Fit one form to people; the two parts of a zero-adjusted form share no parameter and are fitted one by one."""

import numpy as np
import scipy
from numpy.typing import NDArray

from analysis.norms.forms import Form, ZeroAdjustedForm
from analysis.norms.maximum_likelihood import Fit, fit
from analysis.norms.people import People

Floats = NDArray[np.float64]


def fit_form(form: Form, people: People, start: Floats | None = None) -> Fit:
    """Return the maximum likelihood estimates of a form.

    Parameters
    ----------
    start : (K,) parameters near the maximum; the form's own start where none are given

    Raises
    ------
    NotFitted : there is no maximum, or the people do not determine every parameter
    """
    near = start is not None
    first = form.start(people) if start is None else start
    if not isinstance(form, ZeroAdjustedForm):
        return fit(lambda parameters: form.log_likelihood(parameters, people), first, near=near)
    k = len(first) - len(form.none_terms)
    some = people.take(people.value >= 0.5)
    parts = [fit(lambda amount: form.log_amount(amount, some), first[:k], near=near)]
    if form.none_terms:
        parts.append(fit(lambda none: form.log_none(none, people), first[k:], near=near))
    return Fit(
        np.concatenate([part.parameters for part in parts]),
        np.asarray(scipy.linalg.block_diag(*(part.covariance for part in parts)), dtype=np.float64),
        sum(part.log_likelihood for part in parts),
    )
