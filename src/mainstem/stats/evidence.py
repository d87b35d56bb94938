r"""Anytime-valid evidence from paired differences: looking is free.

Somebody always looks before the end. A fixed-size test that is looked at after every run is wrong
a third of the time; an e-process is not, because it is a non-negative martingale under the null and
so exceeds `1 / alpha` with probability at most `alpha` at any time (Ville 1939).

**What decides** bets on signs. If both arms have the same distribution, whatever it is, then, given
:math:`|d_1|, \dots, |d_n|`, the signs are fair coins (Efron 1969, de la Pena 1999), and for a
standardised effect :math:`\delta`

.. math:: S_n(\delta) = \prod_i \frac{2}{1 + \exp(-2 \delta \sqrt{1 + \delta^2} \; d_i / s_i)},
          \qquad s_i^2 = \mathrm{mean}(d_1^2, \dots, d_i^2)

is an exact martingale: each factor averages to 1 over the two signs of :math:`d_i`, and :math:`s_i`
depends on magnitudes only. Where :math:`d_i` is likelier to be negative than positive at every
magnitude it falls on average: so for Gaussian differences with a mean of 0 or below, and for any
that are symmetric with one peak at 0 or below. A mixture of a few effects is again a wealth that
stakes a share of itself on each sign. It stakes *no more than the bar takes* (what lies beyond it
decides nothing), and all that the bar takes where the stake is nearly that: any stake that is
settled before the sign is seen keeps the martingale.

**The interval** of a confirmed gain is for Gaussian differences and inverts the t-process, the
likelihood ratio of the maximal invariant :math:`a_n = \sum d_i / \|d\|` against :math:`\delta = 0`,

.. math:: L_n(\delta) = e^{-n \delta^2 / 2} \; E_{u \sim \chi_n}\!\left[ e^{\delta a_n u} \right]

(Robbins 1970, Lai 1976, Wang and Ramdas 2025), mixed over two effects.

What neither promises is equal means with different shapes: there nothing with power is exact for
unbounded metrics (Bahadur and Savage 1956).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

EFFECTS = (0.4, 1.0, 3.2)
"""The standardised effects that are bet on, each with the same part of the first wealth.

Chosen by simulation so that Gaussian differences of .5 to 2 sds are all decided in few pairs
(docs/statistics.md)."""

ENOUGH = 0.7
"""A stake of this share of what the bar takes is raised to all that it takes."""

INTERVAL_EFFECTS = (0.3, 0.7, 1.5)
INTERVAL_WEIGHTS = (0.2, 0.3, 0.5)
"""Effects and weights of the t-process of the interval: narrow where most candidates end."""

OVERSHOOT = 0.75
"""How often Gaussian noise lifts the t-process to x within 150 pairs, times x.

Ville's inequality says at most 1; it is less because the process jumps over x. Simulated for x of
10 to 200 (see the tests)."""

_SPREAD = 0.65
"""Sd of the log of the pairs beyond the least that can decide."""

_LEGENDRE = np.polynomial.legendre.leggauss(96)
"""Nodes and weights of the quadrature; its error is below 1e-12 (see the tests)."""


def log_path(differences: NDArray[np.float64], bar: float = np.inf) -> NDArray[np.float64]:
    """The log of the e-process that decides, after each difference.

    Args:
        differences: Paired differences in the order of their pairs, above 0 where the candidate is
            better, shape (..., n): one sequence, or many at once.
        bar: The log e-value that decides. Stakes are cut to it, and it is never left again.

    Returns:
        log S after 1..n differences, shape (..., n), at most `bar`. A difference of exactly 0 has
        no sign and changes nothing.
    """
    d = np.asarray(differences, dtype=np.float64)
    mixture = _log_mixture(d)
    return mixture if np.isinf(bar) else _staked(mixture, d > 0.0, bar)


def _log_mixture(d: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mixture of sign processes without a bar, shape (..., n)."""
    scale = np.sqrt(np.cumsum(d * d, axis=-1) / np.arange(1, d.shape[-1] + 1))
    ratio = np.divide(d, scale, out=np.zeros_like(d), where=scale > 0.0)
    logs = np.full(d.shape, -np.inf)
    for effect in EFFECTS:
        tilt = 2.0 * effect * np.sqrt(1.0 + effect**2)
        factors = np.log(2.0) - np.logaddexp(0.0, -tilt * ratio)
        logs = np.logaddexp(logs, np.cumsum(factors, axis=-1))
    return np.asarray(logs - np.log(len(EFFECTS)))


def _staked(
    mixture: NDArray[np.float64], won: NDArray[np.bool_], bar: float
) -> NDArray[np.float64]:
    """The wealth that stakes the mixture's shares on each sign, cut or raised to the bar.

    Args:
        mixture: Log of the mixture, shape (..., n).
        won: Which differences are above 0, same shape.
        bar: The log wealth to reach.
    """
    shares = np.abs(np.expm1(np.diff(mixture, axis=-1, prepend=0.0)))
    path = np.empty_like(mixture)
    wealth = np.zeros(mixture.shape[:-1])
    for i in range(mixture.shape[-1]):
        share, takes = shares[..., i], np.expm1(bar - wealth)
        reaches = (share >= ENOUGH * takes) & (takes < 1.0)
        stake = np.where(reaches, takes, share)
        after = wealth + np.log1p(np.where(won[..., i], stake, -stake))
        wealth = np.where(reaches & (won[..., i] | (takes == 0.0)), bar, after)
        path[..., i] = wealth
    return path


def spending(candidate: int) -> float:
    """The factor by which candidate number `candidate` must exceed `1 / alpha`.

    The weights 6 / (pi^2 k^2) sum to 1, so all candidates of a campaign together spend alpha.

    Raises:
        ValueError: Candidates are numbered from 1.
    """
    if candidate < 1:
        raise ValueError(f"candidates are numbered from 1, not {candidate}")
    return float(np.pi**2 * candidate**2 / 6.0)


def log_t_process(n: int, invariant: float) -> float:
    """The log of the Gaussian e-process of the interval.

    Args:
        n: Number of differences, at least 1.
        invariant: Their sum over their Euclidean norm, between -sqrt(n) and sqrt(n).
    """
    effects = np.array(INTERVAL_EFFECTS)
    logs = _log_chi_mgf(n, invariant * effects) - 0.5 * n * effects**2
    return float(special.logsumexp(logs, b=np.array(INTERVAL_WEIGHTS)))


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


@cache
def half_width(n: int, level: float) -> float:
    """Half the width of the interval of one look, in sds (of n) of n differences.

    The t-process of d - g grows with the standardised distance from g to the mean, so the g that it
    has not rejected are those within so many sds.

    Args:
        n: Number of differences, at least 1.
        level: Coverage at all looks at once.

    Returns:
        Infinite where n differences, however equal, reject nothing.
    """
    bar = float(np.log(2.0 * OVERSHOOT / (1.0 - level)))
    most = float(np.sqrt(n))
    if log_t_process(n, most) <= bar:
        return float("inf")
    a = _root(lambda a: log_t_process(n, a) - bar, 0.0, most)
    return float(a / np.sqrt(n - a * a))


def _half(d: NDArray[np.float64], level: float) -> float:
    """The same in the unit of the differences; ties alone say nothing of the noise."""
    sd = float(d.std())
    return sd * half_width(len(d), level) if sd > 0.0 else float("inf")


def confidence_interval(
    differences: NDArray[np.float64], level: float
) -> tuple[float | None, float | None]:
    """A time-uniform confidence interval for the mean of the differences.

    What no look so far has rejected, each side at (1 - level) / 2: since all looks hold at once, so
    does what they have in common.

    Args:
        differences: Paired differences in the order of their pairs, shape (n,).
        level: Coverage, held at up to 150 looks at once for Gaussian differences.

    Returns:
        (low, high) in the unit of the differences; None where the data do not bound that side yet.
    """
    d = np.asarray(differences, dtype=np.float64)
    if len(d) == 0:
        return None, None
    if np.all(d == d[0]):
        return (float(d[0]), float(d[0])) if len(d) > 1 else (None, None)
    looks = range(1, len(d) + 1)
    mean = np.array([d[:n].mean() for n in looks])
    half = np.array([_half(d[:n], level) for n in looks])
    low, high = float(np.max(mean - half)), float(np.min(mean + half))
    if low > high:  # looks that contradict each other: the last one knows most
        low, high = float(mean[-1] - half[-1]), float(mean[-1] + half[-1])
    return (low, high) if np.isfinite(low) else (None, None)


def skewness(differences: NDArray[np.float64]) -> float | None:
    """Sample skewness of the differences, shown beside a verdict; None below three pairs."""
    d = np.asarray(differences, dtype=np.float64)
    if len(d) < 3 or float(d.std()) == 0.0:
        return None
    centred = d - d.mean()
    return float(np.mean(centred**3) / np.mean(centred**2) ** 1.5)


def pairs_to_decide(effect: float, log_threshold: float) -> float:
    """About how many pairs it takes, on average, until `log_path` reaches a threshold.

    Fitted to simulations at thresholds of 20 to 500 and effects of .3 to 8 (within a tenth): the
    pairs grow with the log threshold over the squared effect, and no effect, however large, is
    decided before the signs alone could decide it (2^n above the threshold).

    Args:
        effect: Mean over sd of the differences.
        log_threshold: The log of the e-value that decides.

    Returns:
        Pairs; infinite for an effect of 0 or below.
    """
    if effect <= 0.0:
        return float("inf")
    more = _more_pairs(effect, log_threshold, first=1.8, per_nat=2.8, decay=0.6)
    return _least_pairs(log_threshold) + more


def power(effect: float, pairs: float, log_threshold: float) -> float:
    """About how likely it is that so many pairs decide.

    The pairs beyond the least that can decide are taken for log-normal. Where four of five are
    decided was fitted to the same simulations (within an eighth of the pairs).

    Args:
        effect: Mean over sd of the differences.
        pairs: How many there are.
        log_threshold: The log of the e-value that decides.
    """
    spare = pairs - _least_pairs(log_threshold)
    if effect <= 0.0 or spare <= 0.0:
        return 0.0
    most = _more_pairs(effect, log_threshold, first=5.0, per_nat=3.65, decay=0.57)
    return float(special.ndtr(special.ndtri(0.8) + np.log(spare / most) / _SPREAD))


def _more_pairs(
    effect: float, log_threshold: float, *, first: float, per_nat: float, decay: float
) -> float:
    """Pairs beyond the least: about the log threshold over the squared effect."""
    return float((first + per_nat * log_threshold) * np.exp(-decay * effect) / effect**2)


def _least_pairs(log_threshold: float) -> float:
    """Pairs that even the largest effect takes: the signs alone must be able to pass."""
    return float((log_threshold + 0.7) / np.log(2.0))


def effect_decided_in(pairs: float, log_threshold: float) -> float | None:
    """The effect, in sds of a difference, that takes so many pairs on average.

    Returns:
        None where so few pairs can decide nothing.
    """
    if pairs <= _least_pairs(log_threshold):
        return None
    most = 1.0
    while pairs_to_decide(most, log_threshold) > pairs:
        most *= 2.0
    return _root(lambda effect: pairs_to_decide(effect, log_threshold) - pairs, 1e-6, most)


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where a function is 0 between two places at which it has different signs."""
    # Here and not above: it would cost every command a quarter of its start.
    from scipy.optimize import brentq

    return float(brentq(rising, low, high, xtol=1e-12))
