r"""Logistic regression whose estimates stay finite and whose intervals hold in small samples.

Maximum likelihood is biased away from 0 in small samples and infinite where a covariate separates
the outcomes. Firth's penalty (1993) removes the first-order bias and keeps every estimate finite
(Heinze and Schemper 2002):

.. math:: \ell^*(\beta) = \ell(\beta) + \tfrac{1}{2} \log \det X' W X,
          \qquad W = \mathrm{diag}\, p_i (1 - p_i)

The interval is the profile of the same function, not the estimate plus or minus standard errors:
the profile is skewed where the data are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ITERATIONS = 100
"""Newton steps at most; half a dozen are usual."""

_TOLERANCE = 1e-10  # a step that adds less log likelihood is the last: Newton's error is squared
_LONGEST, _SHORTEST = 5.0, 1e-10  # how far a coefficient moves in one step
_RIDGE = 1e-13  # of the mean information: keeps a separated likelihood's inverse finite
_FURTHEST = 64.0  # an interval's end is looked for within so many standard errors


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A fitted logistic regression.

    Attributes:
        coefficients: Log odds per unit of each column, shape (p,).
        covariance: Inverse of the information at the fit, shape (p, p).
        probabilities: Fitted probabilities, shape (D,).
        log_likelihood: Its logarithm, penalised where the fit is.
    """

    coefficients: Floats
    covariance: Floats
    probabilities: Floats
    log_likelihood: float


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A coefficient with its interval; an end that the data do not bound is infinite."""

    value: float
    low: float
    high: float


def fit(
    x: Floats,
    y: NDArray[np.bool_],
    *,
    firth: bool = True,
    held: tuple[int, float] | None = None,
    start: Floats | None = None,
) -> Fit:
    """Maximises the likelihood, penalised or not, by Newton's method with halved steps.

    Args:
        x: Covariates, an intercept among them, shape (D, p), of full column rank.
        y: Outcomes, shape (D,).
        firth: Whether Firth's penalty is added.
        held: A column and the value that its coefficient keeps; the others are fitted, under the
            penalty of the whole model, as a profile needs it.
        start: Coefficients to begin with, shape (p,); 0 where None.
    """
    beta = np.zeros(x.shape[1]) if start is None else start.copy()
    free = np.ones(x.shape[1], dtype=bool)
    if held is not None:
        free[held[0]] = False
        beta[held[0]] = held[1]
    now = _at(x, y, beta, firth=firth)
    for _ in range(ITERATIONS):
        step = np.zeros_like(beta)
        step[free] = _newton(x, y, now, free, firth=firth)
        largest = float(np.abs(step).max(initial=0.0))
        step *= min(1.0, _LONGEST / max(largest, _LONGEST))
        then = _at(x, y, now.coefficients + step, firth=firth)
        while then.log_likelihood < now.log_likelihood and np.abs(step).max() > _SHORTEST:
            step *= 0.5
            then = _at(x, y, now.coefficients + step, firth=firth)
        better = then.log_likelihood - now.log_likelihood
        now = then if better > 0.0 else now
        if better < _TOLERANCE:
            break
    return now


def _at(x: Floats, y: NDArray[np.bool_], beta: Floats, *, firth: bool) -> Fit:
    """What the model says at these coefficients."""
    eta = x @ beta
    p = np.asarray(special.expit(eta))
    information = x.T @ ((p * (1.0 - p))[:, None] * x)
    value = float(np.sum(np.where(y, special.log_expit(eta), special.log_expit(-eta))))
    if firth:
        value += 0.5 * float(np.linalg.slogdet(information)[1])
    return Fit(
        coefficients=beta,
        covariance=_inverse(information),
        probabilities=p,
        log_likelihood=value,
    )


def _newton(
    x: Floats, y: NDArray[np.bool_], at: Fit, free: NDArray[np.bool_], *, firth: bool
) -> Floats:
    """Newton's step of the free coefficients; the penalty moves outcomes by their leverage."""
    p = at.probabilities
    weights = p * (1.0 - p)
    residual = y - p
    if firth:
        leverage = weights * np.einsum("ij,jk,ik->i", x, at.covariance, x)
        residual = residual + leverage * (0.5 - p)
    part = x[:, free]
    information = part.T @ (weights[:, None] * part)
    return _inverse(information) @ (part.T @ residual)


def _inverse(information: Floats) -> Floats:
    """The inverse, of what is all but singular too."""
    size = len(information)
    ridge = _RIDGE * np.trace(information) / max(size, 1) + np.finfo(np.float64).tiny
    return np.asarray(np.linalg.inv(information + ridge * np.eye(size)), dtype=np.float64)


def profile_interval(
    x: Floats, y: NDArray[np.bool_], column: int, level: float, *, firth: bool = True
) -> Estimate:
    """A coefficient with the values that a likelihood ratio test does not reject.

    Args:
        x: Covariates, an intercept among them, shape (D, p).
        y: Outcomes, shape (D,).
        column: The coefficient that is asked for.
        level: Coverage that is aimed at; by Wilks' theorem, so in large samples.
        firth: Whether likelihood and estimate are penalised.

    Returns:
        Infinite ends where 64 standard errors do not reach one.
    """
    best = fit(x, y, firth=firth)
    value = float(best.coefficients[column])
    unit = float(np.sqrt(best.covariance[column, column]))
    drop = 0.5 * float(special.chdtri(1.0, 1.0 - level))
    last = best.coefficients

    def missing(distance: float) -> float:
        """How much further the root of the profile must fall, at so many standard errors."""
        nonlocal last
        found = fit(x, y, firth=firth, held=(column, value + distance * unit), start=last)
        last = found.coefficients
        return float(np.sqrt(max(0.0, best.log_likelihood - found.log_likelihood)) - np.sqrt(drop))

    first = float(np.sqrt(2.0 * drop))  # where it lies if the likelihood is Gaussian
    low = _end(lambda distance: missing(-distance), first)
    last = best.coefficients
    high = _end(missing, first)
    return Estimate(value=value, low=value - unit * low, high=value + unit * high)


def _end(missing: Callable[[float], float], first: float) -> float:
    """Where a rising function is 0, in standard errors; infinite where that is too far."""
    from scipy.optimize import brentq

    near, far = 0.0, first
    while missing(far) < 0.0:
        near, far = far, 1.5 * far
        if far > _FURTHEST:
            return float("inf")
    return float(brentq(missing, near, far, xtol=1e-5))
