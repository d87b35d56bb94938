r"""Does an attribute of the author go with a decision, given the evidence that stood at it?

The null is that decision and attribute are independent *given the evidence the decider saw*. The
truth, or what was measured later, is no substitute: groups that differ in merit also differ in what
a noisy covariate leaves out, and a fair decider then looks partial.

**Merging** is modelled as logistic in a natural spline of the evidence. The test is of the
efficient score: with fitted probabilities :math:`p_i` of the model *without* the attribute, weights
:math:`w_i = p_i (1 - p_i)`, and the attribute's part that the evidence does not explain (weighted
least squares),

.. math:: U = \sum_i (y_i - p_i) \, \tilde a_i, \qquad
          S = U' \Big( \sum_i w_i \tilde a_i \tilde a_i' \Big)^{-1} U

beside the same of outcomes drawn with the fitted probabilities (a parametric bootstrap). Errors of
the model of merging enter U only times those of the model of the attribute, so that one of them
may be wrong (Shah and Peters 2020, Niu et al. 2024), and the fit needs no repetition for each draw.

**Other responses** (runs, log-rank scores, vetoes) take the same spline out of response and
attribute by least squares, and permute what is left of the response (Freedman and Lane 1983) with
a statistic that is studentised for unequal variances (DiCiccio and Romano 2017). Without evidence
this is the exact permutation test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mainstem.stats import logistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DRAWS = 1999
"""Draws from the null: a p-value can be as small as 1 / 2,000."""

KNOTS = ((100, (0.05, 0.35, 0.65, 0.95)), (30, (0.1, 0.5, 0.9)))
"""From so many rows on, the quantiles at which a spline has its knots (Harrell 2015, table 2.3, one
knot fewer above 100); below them evidence enters linearly."""

_EQUAL = 1e-9  # statistics within this share of each other are ties
_NOTHING = 1e-6  # what is left of a column of length 1 that others explain
_BLOCK = 500  # draws at a time
_LARGEST = float(np.log(1000.0))  # no larger log odds ratio is looked for


def basis(evidence: Floats, strata: NDArray[np.int64] | None = None) -> Floats:
    """Columns that stand for the evidence: intercepts of strata and natural cubic splines.

    Args:
        evidence: What the decider saw, shape (D, p); p may be 0.
        strata: Campaigns or the like that each have their own base rate, shape (D,); one if None.

    Returns:
        Shape (D, q), of full column rank. A column that others explain is left out.
    """
    rows = len(evidence)
    labels = np.zeros(rows, dtype=np.int64) if strata is None else strata
    columns = [np.ones(rows), *_indicators(labels).T]
    for values in evidence.T:
        if np.ptp(values) > 0.0:
            columns += _spline(values)
    return _independent(np.column_stack(columns))


def _spline(values: Floats) -> list[Floats]:
    """The values themselves and what bends them (Hastie, Tibshirani and Friedman 2009, 5.4)."""
    z = (values - values.mean()) / values.std()
    shares = next((shares for rows, shares in KNOTS if len(z) >= rows), ())
    knots = np.unique(np.quantile(z, shares)) if shares else np.empty(0)
    if len(knots) < 3:
        return [z]
    last = np.maximum(z - knots[-1], 0.0) ** 3
    bends = [(np.maximum(z - k, 0.0) ** 3 - last) / (knots[-1] - k) for k in knots[:-1]]
    return [z, *(bend - bends[-1] for bend in bends[:-1])]


def _indicators(labels: NDArray[np.generic]) -> Floats:
    """One column for each label but the first, shape (D, labels - 1)."""
    found, index = np.unique(labels, return_inverse=True)
    return np.asarray(index[:, None] == np.arange(1, len(found)), dtype=np.float64)


def _independent(columns: Floats) -> Floats:
    """The columns that those before them do not explain."""
    scaled = columns / np.linalg.norm(columns, axis=0)
    kept: list[int] = []
    space = np.empty((len(columns), 0))
    for k, column in enumerate(scaled.T):
        rest = column - space @ (space.T @ column)
        rest -= space @ (space.T @ rest)
        if (size := float(np.linalg.norm(rest))) > _NOTHING:
            kept.append(k)
            space = np.column_stack([space, rest / size])
    return columns[:, kept]


def _unexplained(x: Floats, attribute: Floats, weights: Floats) -> Floats:
    """Attribute less its weighted projection on x; columns of nothing are left out."""
    root = np.sqrt(weights)[:, None]
    slopes = np.linalg.lstsq(root * x, root * attribute, rcond=None)[0]
    rest = attribute - x @ slopes
    left = np.linalg.norm(root * rest, axis=0) > _NOTHING * np.linalg.norm(root * attribute, axis=0)
    return np.asarray(rest[:, left])


def merging_p(
    rng: np.random.Generator,
    merged: NDArray[np.bool_],
    evidence: Floats,
    attribute: NDArray[np.generic],
    strata: NDArray[np.int64] | None = None,
) -> float | None:
    """The p-value of merging being independent of an attribute given the evidence.

    Args:
        rng: Draws outcomes under the null.
        merged: Decisions, shape (D,).
        evidence: What stood in the ledger at each, shape (D, p); p may be 0.
        attribute: A label of each decision's author, of two kinds or more, shape (D,).
        strata: Campaigns with base rates of their own, shape (D,).

    Returns:
        None where the data cannot tell: one outcome only, or nothing of the attribute that the
        evidence does not explain.
    """
    x = basis(evidence, strata)
    if merged.all() or not merged.any():
        return None
    p = logistic.fit(x, merged).probabilities
    weights = p * (1.0 - p)
    rest = _unexplained(x, _indicators(attribute), weights)
    if rest.shape[1] == 0:
        return None
    inverse = np.linalg.pinv(rest.T @ (weights[:, None] * rest), hermitian=True)

    def statistic(outcomes: Floats) -> Floats:
        score = (outcomes - p) @ rest
        return np.asarray(np.einsum("...i,ij,...j->...", score, inverse, score))

    drawn = (statistic((rng.random((n, len(p))) < p).astype(np.float64)) for n in _blocks())
    return _share(statistic(merged.astype(np.float64)), np.concatenate(list(drawn)))


def response_p(
    rng: np.random.Generator,
    response: Floats,
    evidence: Floats,
    attribute: NDArray[np.generic],
    strata: NDArray[np.int64] | None = None,
) -> float | None:
    """The p-value of a numeric response being independent of an attribute given the evidence.

    Args:
        rng: Draws permutations.
        response: Log runs, log-rank scores or the like, shape (D,).
        evidence: What is conditioned on, shape (D, p); with p = 0 and no strata the test is exact.
        attribute: A label of two kinds or more, shape (D,).
        strata: Campaigns with means of their own, shape (D,).

    Returns:
        None where nothing of the response, or of the attribute, is left to explain.
    """
    x = basis(evidence, strata)
    ones = np.ones(len(response))
    left = _unexplained(x, response[:, None], ones)
    rest = _unexplained(x, _indicators(attribute), ones)
    if left.shape[1] == 0 or rest.shape[1] == 0:
        return None
    drawn = (_studentised(rng.permuted(np.tile(left.T, (n, 1)), axis=1), rest) for n in _blocks())
    return _share(_studentised(left.T, rest)[0], np.concatenate(list(drawn)))


def _studentised(residuals: Floats, rest: Floats) -> Floats:
    """The score of each row of residuals in units of its own, unequal variances, shape (n,)."""
    score, width = residuals @ rest, rest.shape[1]
    products = (rest[:, :, None] * rest[:, None, :]).reshape(len(rest), -1)
    variance = (residuals**2 @ products).reshape(-1, width, width)
    inverse = np.linalg.pinv(variance, hermitian=True)
    return np.asarray(np.einsum("nj,njk,nk->n", score, inverse, score))


def _blocks() -> list[int]:
    """Sizes of blocks of draws that make up all of them."""
    whole, rest = divmod(DRAWS, _BLOCK)
    return [_BLOCK] * whole + [rest] * (rest > 0)


def _share(found: Floats, drawn: Floats) -> float:
    """The share at least as extreme, what was found included (Phipson and Smyth 2010)."""
    beyond = np.count_nonzero(drawn >= found * (1.0 - _EQUAL))
    return (1.0 + float(beyond)) / (1.0 + len(drawn))


def log_odds_ratio(
    merged: NDArray[np.bool_],
    evidence: Floats,
    group: NDArray[np.bool_],
    level: float,
    strata: NDArray[np.int64] | None = None,
) -> logistic.Estimate | None:
    """The log odds ratio of merging, inside the group against outside it, at equal evidence.

    Args:
        merged: Decisions, shape (D,).
        evidence: What stood in the ledger at each, shape (D, p).
        group: Whose author is in the group, shape (D,).
        level: Coverage of the profile penalised likelihood interval.
        strata: Campaigns with base rates of their own, shape (D,).

    Returns:
        None where one outcome, or one side, is all there is, or the evidence explains the group.
    """
    x = basis(evidence, strata)
    both = _independent(np.column_stack([x, group]))
    if merged.all() or not merged.any() or not group.any() or both.shape[1] == x.shape[1]:
        return None
    return logistic.profile_interval(both, merged, x.shape[1], level)


def detectable(
    merged: NDArray[np.bool_],
    evidence: Floats,
    group: NDArray[np.bool_],
    *,
    alpha: float,
    power: float = 0.8,
    strata: NDArray[np.int64] | None = None,
) -> float | None:
    r"""The smallest odds ratio of a group that so many decisions show, in either direction.

    With :math:`q_i` the probabilities at log odds ratio :math:`\theta` and as many merged in all,
    the score is about normal with mean :math:`\sum (q_i - p_i) \tilde a_i` and variance
    :math:`\sum q_i (1 - q_i) \tilde a_i^2`, and is held to :math:`z_{1 - \alpha / 2}` sds of
    the null.

    Args:
        merged: Decisions, shape (D,).
        evidence: What stood in the ledger at each, shape (D, p).
        group: Whose author is in the group, shape (D,).
        alpha: What the p-value is held to.
        power: How likely it is to be shown.
        strata: Campaigns with base rates of their own, shape (D,).

    Returns:
        Above 1; None where not even 1,000 is shown with that power, or nothing can be asked.
    """
    from scipy import optimize, special

    x = basis(evidence, strata)
    if merged.all() or not merged.any():
        return None
    p = logistic.fit(x, merged).probabilities
    rest = _unexplained(x, group[:, None].astype(np.float64), p * (1.0 - p))
    if rest.shape[1] == 0:
        return None
    a, eta = rest[:, 0], special.logit(p)
    needed = special.ndtri(1.0 - 0.5 * alpha) * np.sqrt(np.sum(p * (1.0 - p) * a**2))
    sure = float(special.ndtri(power))

    def missing(theta: float, sign: float) -> float:
        """By how many sds the score falls short of what is needed."""
        q = special.expit(eta + sign * theta * a)
        sd = np.sqrt(np.sum(q * (1.0 - q) * a**2))
        return float((needed - sign * np.sum((q - p) * a)) / sd + sure)

    found = 0.0
    for sign in (1.0, -1.0):
        if missing(_LARGEST, sign) > 0.0:
            return None
        ends = (0.0, _LARGEST)
        found = max(found, float(optimize.brentq(missing, *ends, args=(sign,), xtol=1e-6)))
    return float(np.exp(found))


def difference(
    response: Floats,
    evidence: Floats,
    group: NDArray[np.bool_],
    level: float,
    strata: NDArray[np.int64] | None = None,
) -> logistic.Estimate | None:
    """How much higher a response is inside a group than outside it, at equal evidence.

    Least squares with a t interval from variances that allow for unequal spreads (HC3, MacKinnon
    and White 1985).

    Args:
        response: Log runs or the like, shape (D,).
        evidence: What is conditioned on, shape (D, p).
        group: Whose author is in the group, shape (D,).
        level: Coverage of the interval.
        strata: Campaigns with means of their own, shape (D,).

    Returns:
        None where one side is all there is, the evidence explains the group, or there are not more
        decisions than columns.
    """
    from scipy import special

    x = basis(evidence, strata)
    rest = _unexplained(x, group[:, None].astype(np.float64), np.ones(len(x)))
    free = len(x) - x.shape[1] - 1
    if rest.shape[1] == 0 or free < 1:
        return None
    both = np.column_stack([x, rest])
    fitted, *_ = np.linalg.lstsq(both, response, rcond=None)
    leverage = np.einsum("ij,ji->i", both, np.linalg.pinv(both))
    left = (response - both @ fitted) / np.maximum(1.0 - leverage, _NOTHING)
    size = float(rest[:, 0] @ rest[:, 0])
    half = special.stdtrit(free, 0.5 + 0.5 * level) * np.sqrt(rest[:, 0] ** 2 @ left**2) / size
    value = float(fitted[-1])
    return logistic.Estimate(value=value, low=value - float(half), high=value + float(half))


def slope(
    merged: NDArray[np.bool_],
    gain: Floats,
    level: float,
    strata: NDArray[np.int64] | None = None,
) -> logistic.Estimate | None:
    """The log odds of merging per unit of measured gain.

    Args:
        merged: Decisions, shape (D,).
        gain: Gain that stood in the ledger at each, in margins, shape (D,).
        level: Coverage of the interval.
        strata: Campaigns with base rates of their own, shape (D,).

    Returns:
        None where one outcome is all there is, or one gain (in each of the strata).
    """
    x = basis(np.empty((len(gain), 0)), strata)
    both = _independent(np.column_stack([x, gain])) if gain.any() else x
    if merged.all() or not merged.any() or both.shape[1] == x.shape[1]:
        return None
    return logistic.profile_interval(both, merged, x.shape[1], level)


def slope_p(
    rng: np.random.Generator,
    merged: NDArray[np.bool_],
    gain: Floats,
    strata: NDArray[np.int64] | None = None,
) -> float | None:
    """The p-value of merging being independent of measured gain: an exact permutation test.

    Args:
        rng: Draws permutations, within strata.
        merged: Decisions, shape (D,).
        gain: Gain that stood in the ledger at each, shape (D,).
        strata: Campaigns, shape (D,).

    Returns:
        The two-sided p-value of the summed gain of what was merged; None where no permutation
        changes it.
    """
    labels = np.zeros(len(gain), dtype=np.int64) if strata is None else strata
    centred = np.zeros(len(gain))
    varies = False
    for label in np.unique(labels):
        own = labels == label
        centred[own] = gain[own] - gain[own].mean()
        varies |= bool(0 < merged[own].sum() < own.sum() and np.ptp(gain[own]) > 0.0)
    if not varies:
        return None
    drawn = np.zeros(DRAWS)
    for label in np.unique(labels):
        own = labels == label
        outcomes = rng.permuted(np.tile(merged[own], (DRAWS, 1)), axis=1)
        drawn += outcomes @ centred[own]
    return _share(np.abs(merged @ centred), np.abs(drawn))
