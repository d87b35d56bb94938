"""How much of a table's variance is effects of single proposals, of pairs, of triples, ...

Every function f on the 2**n recipes is a sum of Walsh functions, one per set k of proposals,

    f(x) = sum_k w_k (-1)^|k & x|,      w_k = 2^-n sum_x f(x) (-1)^|k & x|,

and the variance of f over all recipes is the sum of w_k^2 over k but the empty set. What sets of
size o carry is the share of *order* o: 1 is main effects (averaged over all contexts), 2 is what
pairs add to them, and so on.

f is known through means of S noisy runs, and noise has power in every w_k. With w_ks from seed s
alone, w_k its mean over seeds and s_k^2 their variance over seeds (S - 1 below),

    net power of order o = sum over |k| = o of (w_k^2 - s_k^2 / S),

which is unbiased whatever the noise of a recipe is, and also where runs that share a seed share
noise; it needs only that seeds are independent. (It is the mean of w_ks w_kt over pairs of
different seeds.) Net shares may come out below 0 where an order carries next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def transform(values: Floats) -> Floats:
    """Walsh coefficients w along the first axis, shape (2**n, ...): row k belongs to the set k.

    The fast transform: n passes of sums and differences.

    Raises:
        ValueError: the number of rows is no power of two.
    """
    rows = len(values)
    if rows == 0 or rows & (rows - 1):
        raise ValueError(f"{rows} rows: a full factorial has a power of two")
    w = np.array(values, dtype=np.float64)
    half = 1
    while half < rows:
        pairs = w.reshape(-1, 2, half, *w.shape[1:])
        w = np.stack((pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]), axis=1)
        w = w.reshape(values.shape)
        half *= 2
    return w / rows


def orders(rows: int) -> NDArray[np.int64]:
    """How many proposals each set holds, shape (rows,)."""
    return np.array([row.bit_count() for row in range(rows)])


def power(runs: Floats) -> tuple[Floats, Floats]:
    """Power of each order 0 .. n of runs (2**n, seeds): as measured, and net of noise.

    Raises:
        ValueError: there is one seed, which cannot tell noise from effects.
    """
    rows, seeds = runs.shape
    if seeds < 2:
        raise ValueError("power net of noise needs two seeds or more")
    w = transform(runs)
    of_means = w.mean(axis=1) ** 2
    noise = w.var(axis=1, ddof=1) / seeds
    size = orders(rows)
    return _sums(size, of_means), _sums(size, of_means - noise)


def _sums(size: NDArray[np.int64], values: Floats) -> Floats:
    """Sums of the values of each size 0 .. n."""
    return np.bincount(size, weights=values).astype(np.float64)


@dataclass(frozen=True, kw_only=True)
class Shares:
    """Shares of the variance over recipes by order, net of noise, for orders 1, 2, ..."""

    share: Floats
    """Sums to 1; the last entry may hold several orders."""
    low: Floats
    high: Floats
    noise: float
    """Share of the variance of the means over seeds that is noise."""


def shares(
    runs: Floats,
    rng: np.random.Generator,
    *,
    last: int | None = None,
    level: float = 0.9,
    draws: int = 400,
) -> Shares:
    """Shares by order of runs (2**n, seeds), with intervals for what more seeds would change.

    Orders of `last` and more are taken together (default: each stands alone).

    The intervals are of the basic bootstrap in its parametric form. With three seeds there are
    only ten ways to draw seeds again, so noise is drawn instead: normal, independent, and for each
    recipe with the sd that its own runs show, since bad recipes are noisier. The world that is
    drawn from holds the means, each order shrunk to its net power. `level` of the differences
    between a drawn estimate and that world's share lie between `low` and `high` around `share`.
    """
    rows = len(runs)
    measured, net = power(runs)
    keep = np.sqrt(np.clip(net, 0, None) / np.where(measured > 0, measured, 1))
    keep[0] = 1
    world = transform(transform(runs.mean(axis=1)) * keep[orders(rows)]) * rows
    sd = runs.std(axis=1, ddof=1)[:, None]
    drawn = np.array(
        [
            _shares(power(world[:, None] + sd * rng.normal(size=runs.shape))[1], last)
            for _ in range(draws)
        ]
    )
    wrong = drawn - _shares(np.clip(net, 0, None), last)
    tail = (1 - level) / 2
    share = _shares(net, last)
    return Shares(
        share=share,
        low=share - np.quantile(wrong, 1 - tail, axis=0),
        high=share - np.quantile(wrong, tail, axis=0),
        noise=float(1 - net[1:].sum() / measured[1:].sum()),
    )


def _shares(powers: Floats, last: int | None) -> Floats:
    """Orders 1 .. `last` of powers of orders 0 .. n as shares of their sum."""
    n = len(powers) - 1
    last = n if last is None else last
    places = np.minimum(np.arange(1, n + 1), last) - 1
    sums = np.bincount(places, weights=powers[1:], minlength=last)
    shares: Floats = sums / sums.sum()
    return shares


def shared_noise(runs: Floats) -> Floats:
    """Noise power per coefficient of each order 0 .. n, over what independent noise would give.

    Above 1 in low orders: runs that share a seed share luck, in all recipes (order 0) or in all
    recipes that hold a proposal (order 1).
    """
    noise = transform(runs).var(axis=1, ddof=1)
    size = orders(len(runs))
    expected = runs.var(axis=1, ddof=1).mean() / len(runs)
    found: Floats = _sums(size, noise) / np.bincount(size) / expected
    return found


def model_up_to(means: Floats, order: int) -> Floats:
    """The part of `means` (2**n,) that sets of at most `order` proposals make: their best fit."""
    rows = len(means)
    return transform(np.where(orders(rows) <= order, transform(means), 0)) * rows
