r"""Anytime-valid evidence from paired differences: looking is free.

Somebody always looks before the end. A fixed-size test that is looked at after every run is wrong
a third of the time; an e-process is not, because it is a non-negative martingale under the null and
so exceeds `1 / alpha` with probability at most `alpha` at any time (Ville 1939).

Two nulls, two martingales, both in closed form and free of the unknown scale of the noise:

*Gaussian differences with mean at most 0.* With :math:`a_n = \sum d_i / \|d\|` and standardised
effect :math:`\delta`, the likelihood ratio of the maximal invariant against :math:`\delta = 0` is

.. math:: L_n(\delta) = e^{-n \delta^2 / 2} \; E_{u \sim \chi_n}\!\left[ e^{\delta a_n u} \right]

(the t-process; Robbins 1970, Lai 1976, Wang and Ramdas 2025). It is a mixture over a few effects.

*Both arms have the same distribution, whatever it is.* Then, given :math:`|d_1|, \dots, |d_n|`, the
signs are fair coins (Efron 1969, de la Pena 1999), and

.. math:: S_n(\delta) = \prod_i \frac{2}{1 + \exp(-2 \delta \sqrt{1 + \delta^2} \; d_i / s_i)},
          \qquad s_i^2 = \mathrm{mean}(d_1^2, \dots, d_i^2)

is an exact martingale: each factor averages to 1 over the two signs of :math:`d_i`, and :math:`s_i`
depends on magnitudes only.

The smaller of the two at every moment is below each, so it is an e-process under either null. It is
what decides here: exact for Gaussian noise and exact for equal arms of any noise. What it does not
promise is a null of equal means and different shapes: there nothing with power is exact for
unbounded metrics (Bahadur and Savage 1956).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, special

if TYPE_CHECKING:
    from numpy.typing import NDArray

EFFECTS = (0.2, 0.35, 0.6, 1.0, 1.6)
"""The standardised effects that are mixed with equal weights."""

_LEGENDRE = np.polynomial.legendre.leggauss(96)
"""Nodes and weights of the quadrature; its error is below 1e-12 (see the tests)."""


def log_t_process(differences: NDArray[np.float64]) -> float:
    """The log of the Gaussian e-process after all differences.

    Args:
        differences: Paired differences, shape (n,), above 0 where the candidate is better.

    Returns:
        log E_n; 0 for no differences. If all differences are exactly 0 there is no evidence
        either way: 0.
    """
    n = len(differences)
    norm = float(np.linalg.norm(differences))
    if n == 0 or norm == 0.0:
        return 0.0
    a = float(differences.sum()) / norm
    effects = np.array(EFFECTS)
    logs = _log_chi_mgf(n, a * effects) - 0.5 * n * effects**2
    return float(special.logsumexp(logs) - np.log(len(EFFECTS)))


def _log_chi_mgf(n: int, t: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log E[exp(t u)] for u ~ chi with n degrees of freedom, by quadrature around the mode.

    The integrand u^(n-1) exp(-u^2/2 + t u) is log-concave with curvature at least 1, so nine units
    on each side of its mode hold all of it to double precision.

    Args:
        n: Degrees of freedom, at least 1.
        t: Arguments, shape (K,).

    Returns:
        Shape (K,).
    """
    mode = 0.5 * (t + np.sqrt(t * t + 4.0 * (n - 1)))
    low, high = np.maximum(0.0, mode - 9.0), np.maximum(mode, 0.0) + 9.0
    half = 0.5 * (high - low)
    nodes, weights = _LEGENDRE
    u = low[:, None] + half[:, None] * (nodes + 1.0)
    log_density = special.xlogy(n - 1, u) - 0.5 * u * u + t[:, None] * u
    top = log_density.max(1)
    integral = half * (np.exp(log_density - top[:, None]) @ weights)
    log_scale = (0.5 * n - 1.0) * np.log(2.0) + special.gammaln(0.5 * n)
    return np.asarray(top + np.log(integral) - log_scale)


def log_sign_process(differences: NDArray[np.float64]) -> float:
    """The log of the sign e-process after all differences (exact for equal arms).

    Args:
        differences: Paired differences in the order of their pairs, shape (n,).

    Returns:
        log S_n; differences of exactly 0 carry no sign and count as factor 1.
    """
    squares = np.cumsum(differences**2)
    if len(differences) == 0 or squares[-1] == 0.0:
        return 0.0
    scale = np.sqrt(squares / np.arange(1, len(differences) + 1))
    ratio = np.divide(differences, scale, out=np.zeros_like(differences), where=scale > 0.0)
    effects = np.array(EFFECTS)
    tilt = 2.0 * effects * np.sqrt(1.0 + effects**2)
    logs = np.sum(np.log(2.0) - np.logaddexp(0.0, -np.outer(tilt, ratio)), axis=1)
    return float(special.logsumexp(logs) - np.log(len(EFFECTS)))


def log_evidence(differences: NDArray[np.float64]) -> float:
    """The log e-value that decides: the smaller of the two processes.

    Args:
        differences: Paired differences in the order of their pairs, shape (n,).

    Returns:
        log E_n, valid at every n at once under either null of this module.
    """
    d = np.asarray(differences, dtype=np.float64)
    return min(log_t_process(d), log_sign_process(d))


def spending(candidate: int) -> float:
    """The factor by which candidate number `candidate` must exceed `1 / alpha`.

    The weights 6 / (pi^2 k^2) sum to 1, so all candidates of a campaign together spend alpha.

    Raises:
        ValueError: Candidates are numbered from 1.
    """
    if candidate < 1:
        raise ValueError(f"candidates are numbered from 1, not {candidate}")
    return float(np.pi**2 * candidate**2 / 6.0)


def confidence_interval(
    differences: NDArray[np.float64], level: float
) -> tuple[float | None, float | None]:
    """A time-uniform confidence interval for the mean of the differences.

    All means g that the Gaussian e-process of `differences - g`, one-sided each way at
    (1 - level) / 2, has not rejected.

    Args:
        differences: Paired differences, shape (n,).
        level: Coverage, held at all n at once.

    Returns:
        (low, high) in the unit of the differences; None where the data do not bound that side yet.
    """
    d = np.asarray(differences, dtype=np.float64)
    if len(d) == 0:
        return None, None
    mean, sd = float(d.mean()), float(d.std(ddof=1)) if len(d) > 1 else 0.0
    if sd == 0.0:
        return (mean, mean) if len(d) > 1 else (None, None)
    threshold = float(np.log(2.0 / (1.0 - level)))
    low = _bound(d, mean, sd, threshold)
    high = _bound(-d, -mean, sd, threshold)
    return low, None if high is None else -high


def _bound(d: NDArray[np.float64], mean: float, sd: float, threshold: float) -> float | None:
    """The largest g below the mean whose e-process reaches the threshold, or None."""

    def excess(g: float) -> float:
        return log_t_process(d - g) - threshold

    far = sd
    while excess(mean - far) < 0.0:
        far *= 2.0
        if far > 1e4 * sd:  # with few pairs the process is bounded: no mean can be excluded
            return None
    return float(optimize.brentq(excess, mean - far, mean, xtol=1e-9 * sd))


def skewness(differences: NDArray[np.float64]) -> float | None:
    """Sample skewness of the differences, shown beside a verdict; None below three pairs."""
    d = np.asarray(differences, dtype=np.float64)
    if len(d) < 3 or float(d.std()) == 0.0:
        return None
    centred = d - d.mean()
    return float(np.mean(centred**3) / np.mean(centred**2) ** 1.5)


def pairs_to_decide(effect: float, log_threshold: float) -> float:
    """About how many pairs `log_evidence` takes, on average, to pass a threshold.

    Fitted to simulations at thresholds of 20 to 500 and effects of .3 to 8 (within 20%): the pairs
    grow with the log threshold over the squared effect, and no effect, however large, is decided
    before the signs alone could decide it (2^n above the threshold).

    Args:
        effect: Mean over sd of the differences.
        log_threshold: The log of the e-value that decides.

    Returns:
        Pairs; infinite for an effect of 0 or below.
    """
    if effect <= 0.0:
        return float("inf")
    return float(_least_pairs(log_threshold) + (2.4 + 1.65 * log_threshold) / effect**2)


def _least_pairs(log_threshold: float) -> float:
    """Pairs that even the largest effect takes: the signs alone must be able to pass."""
    return float((log_threshold + 0.7) / np.log(2.0) + 0.4)


def smallest_effect(pairs: int, log_threshold: float) -> float | None:
    """The smallest effect, in sds of a difference, that so many pairs prove with power .8.

    The inverse of `pairs_to_decide` at the 80th percentile of the pairs, which the same simulations
    put at 1.5 times the part that depends on the effect.

    Returns:
        None where so few pairs can prove nothing.
    """
    spare = pairs - _least_pairs(log_threshold)
    return None if spare <= 0.0 else float(np.sqrt(1.5 * (2.4 + 1.65 * log_threshold) / spare))
