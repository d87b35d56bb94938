r"""Which effects are at work, and how large: posterior draws of the landscape's hyper-parameters.

The standardised response of recipe x is

.. math:: y = c + \sum_k \theta_k \phi_k(x) + g(x) + e

with a constant c, main effects and pairs :math:`\theta_k` (`mainstem.stats.effects`), a remainder g
of all orders, and noise e. Each effect is either at work or close to nothing (George and McCulloch
1993): :math:`\theta_k \sim N(0, \tau_g)` with probability :math:`\pi_g`, else
:math:`N(0, \epsilon^2 \tau_g)`, with :math:`\tau_g` and :math:`\pi_g` of their own for mains and
for pairs. So one proposal may dwarf the rest, and a strong pair is not shrunk by the many that do
nothing. g is a Gaussian process with covariance :math:`v \exp(-h d(x, x'))`, d the number of
proposals in which two recipes differ. Where pairs suffice v is found to be small, where effects
of every order matter it takes over: neither kind of landscape needs a switch.

Chains of a blocked Gibbs sampler start from "every effect is at work", or, where effects hide in
noise, from as many pairs as the prior expects, and run side by side. A sweep draws all effects at
once, given everything else (Bhattacharya, Chakraborty and Mallick 2016), then what is at work, the
variances, and (v, h) with the noise integrated out. Some chains of a few sweeps are as good here as
one long chain, because every chain's posterior given its hyper-parameters is Gaussian and used as a
whole (docs/statistics.md has the figures).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.linalg import blas, lapack

from mainstem.stats.effects import Effects, distinct
from mainstem.stats.remainder import RATES, Near, factor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

DRAWS = 16
"""Draws of the hyper-parameters, each from a chain of its own where recipes are few."""

SETTLED_RECIPES = 60
"""From so many distinct recipes on `CHAINS` chains give all draws. Below, chains that start alike
and go apart say best how little is known; above, what they cost is most of a fit."""

CHAINS = 4
"""Chains side by side then, and all draws of a metric without noise: it leaves little open."""

EVERY = 3
"""Sweeps between two draws of a chain."""

MANY_RECIPES = 600
"""Above so many distinct recipes one draw of each chain will do, and no more sweeps: each is a draw
of what is known well by then, and costs the cube of their number."""

SWEEPS = 8
"""Sweeps of a chain before its first draw, and one more for each `RUNS_PER_SWEEP` distinct recipes.
"""

RUNS_PER_SWEEP = 25

HIDES = 6.0
"""Effects hide in noise where the response's sd is at most so many times that of replicates."""

SPIKE = 0.12
"""The sd of an effect that is not at work, as a share of one that is."""

CONSTANT_VAR = 4.0
"""Prior variance of the constant; the response's own variance is 1."""

_MAIN_SHARE, _PAIR_SHARE = (3.0, 2.0), 2.0  # Beta(3, 2) and Beta(2, n - 1)
_MEANS = np.array([0.25, 0.1])  # variance of a group's mean effect, of tau * pi
_SHARES = (1e-4, 1.0 - 1e-4)  # only what keeps log odds finite
_NOISE = (0.5, 0.005)  # inverse gamma: weak, so that a metric of little noise is believed
_EXACT_VAR = 1e-8  # noise of a metric that has none: only what keeps a factor stable
_RATIOS = np.array([1e-4, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0])
_RATIO_CENTRE, _RATIO_SD = np.log(0.3), 3.0
_LEVELS = np.array([1e-4, 1e-3, 0.01, 0.03, 0.1, 0.3, 1.0])


@dataclass(frozen=True, kw_only=True)
class Data:
    """Means over replicates, weighted: what the effects are learnt from.

    Rows are multiplied by the square root of the number of runs, so that all have the same noise; a
    run of more noise counts for so much less than one run.

    Attributes:
        x: Distinct recipes, shape (U, n).
        effects: Their features' layout.
        weight: Square root of the runs per recipe, by what they count for, shape (U,).
        features: Weighted features, shape (U, p).
        y: Weighted mean response, standardised, shape (U,); where chains of several objectives run
            side by side (`mainstem.stats.chains`) that of each chain, shape (C, U).
        within: Sum of squares within recipes, by what the runs count for; shape (C,) there.
        runs: Runs in all.
        exact: Whether the metric has no noise.
    """

    x: NDArray[np.float64]
    effects: Effects
    weight: NDArray[np.float64]
    features: NDArray[np.float64]
    y: NDArray[np.float64]
    within: float | NDArray[np.float64]
    runs: int
    exact: bool


def weigh(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    *,
    exact: bool,
    noise: NDArray[np.float64] | None = None,
) -> Data:
    """Single runs as weighted means.

    Args:
        x: Recipe of each run, shape (T, n).
        y: Its standardised response, shape (T,).
        exact: Whether the metric has no noise.
        noise: Noise variance of each run, as a multiple of that which is learnt, above 0, shape
            (T,); None: all have the same.
    """
    recipes, index, _ = distinct(x)
    each = np.ones(len(y)) if noise is None else 1.0 / noise
    total = np.bincount(index, weights=each, minlength=len(recipes))
    means = np.bincount(index, weights=each * y, minlength=len(recipes)) / total
    weight = np.sqrt(total)
    effects = Effects(n=x.shape[1])
    features = effects.of(recipes)
    features *= weight[:, None]
    return Data(
        x=recipes,
        effects=effects,
        weight=weight,
        features=features,
        y=means * weight,
        within=float(np.sum(each * (y - means[index]) ** 2)),
        runs=len(y),
        exact=exact,
    )


@dataclass(frozen=True, kw_only=True)
class Hyper:
    """Hyper-parameters of every chain.

    Attributes:
        at_work: Which mains and pairs are at work, shape (C, p - 2).
        tau: Variance of an effect at work, mains and pairs, shape (C, 2).
        pi: Share of effects at work, mains and pairs, shape (C, 2).
        rest_var: Variance of the remainder, shape (C,).
        rate: Index of its decay, shape (C,).
        noise_var: Variance of the noise of one run, shape (C,).
    """

    at_work: NDArray[np.bool_]
    tau: NDArray[np.float64]
    pi: NDArray[np.float64]
    rest_var: NDArray[np.float64]
    rate: NDArray[np.int64]
    noise_var: NDArray[np.float64]

    def some(self, chains: slice) -> Hyper:
        """Those of some of the chains."""
        return Hyper(**{one.name: getattr(self, one.name)[chains] for one in fields(Hyper)})

    def variances(self, effects: Effects) -> NDArray[np.float64]:
        """Prior variance of every feature's effect, shape (C, p)."""
        tau = self.tau.repeat(effects.groups, axis=1)
        each = np.where(self.at_work, tau, SPIKE**2 * tau)
        means = self.tau * self.pi * _MEANS
        return np.concatenate([each, means], axis=1)


@dataclass(frozen=True, kw_only=True)
class Products:
    """What every sweep needs of the recipes and how often each ran: one for all objectives.

    Attributes:
        spikes: Products of all mains, and of all pairs, shape (2, U, U).
        rests: Weighted correlations of the remainder, one per rate, shape (R, U, U).
        columns: The weighted features and the weights, a row of each, shape (p + 1, U).
        values: Eigenvalues of `rests`, shape (R, U).
        vectors: Their eigenvectors, shape (R, U, U).
        roots: The square roots of these, shape (R, U, U).
    """

    spikes: NDArray[np.float64]
    rests: NDArray[np.float64]
    columns: NDArray[np.float64]
    values: NDArray[np.float64]
    vectors: NDArray[np.float64]
    roots: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Grams(Products):
    """What every sweep needs of the data, worked out once.

    Attributes:
        shrinkage: 1 / (1 + g e) per rate, level g of `_grid` and eigenvalue e, shape (R, U, G).
        volume: Minus the sum of their logarithms over the eigenvalues, shape (R, G).
    """

    shrinkage: NDArray[np.float64]
    volume: NDArray[np.float64]


def products(data: Data) -> Products:
    """Products of the data's rows, in which what came out has no part."""
    weights = np.outer(data.weight, data.weight)
    n, pairs = data.effects.n, data.effects.pairs
    columns = np.concatenate([data.features.T, data.weight[None]])
    mains, paired = columns[:n], columns[n : n + pairs]
    near = Near(data.x, data.x)
    rests = np.array([weights * near.of(rate) for rate in range(RATES)])
    values, vectors = np.linalg.eigh(rests)
    values = np.maximum(values, 0.0)
    return Products(
        spikes=np.array([mains.T @ mains, paired.T @ paired]),
        rests=rests,
        columns=columns,
        values=values,
        vectors=vectors,
        roots=vectors * np.sqrt(values)[:, None, :],
    )


def grams(data: Data, shared: Products | None = None) -> Grams:
    """What sweeps need of the data; `shared` are its products, if they are known."""
    known = products(data) if shared is None else shared
    spread = _grid(exact=data.exact)[None, :, None] * known.values[:, None, :] + 1.0  # (R, G, U)
    return Grams(
        **vars(known),
        shrinkage=(1.0 / spread).transpose(0, 2, 1),
        volume=np.log(spread).sum(2),
    )


def covariances(
    data: Data, known: Grams, hyper: Hyper, variances: NDArray[np.float64]
) -> Iterator[NDArray[np.float64]]:
    """Covariance of the weighted responses under the hyper-parameters of each chain in turn.

    Args:
        data: What was seen.
        known: Its products.
        hyper: Hyper-parameters of every chain.
        variances: Their prior variances of all features, shape (C, p).

    Yields:
        Shape (U, U), in columns; what is above the diagonal is of no use.
    """
    n, runs, spikes = data.effects.n, len(data.x), SPIKE**2 * hyper.tau
    extra = np.empty((len(variances), len(known.columns)))
    extra[:, :-1], extra[:, -1] = variances, CONSTANT_VAR
    extra[:, :n] -= spikes[:, :1]
    extra[:, n:-3] -= spikes[:, 1:]
    roots = np.sqrt(np.maximum(extra, 0.0))
    mains, pairs = (product.ravel() for product in known.spikes)
    for chain, (main_var, pair_var) in enumerate(spikes.tolist()):
        out = (hyper.rest_var[chain] * known.rests[hyper.rate[chain]]).ravel()
        out = blas.daxpy(mains, out, a=main_var)
        out = blas.daxpy(pairs, out, a=pair_var)
        wide = roots[chain].nonzero()[0]  # those at work: few of all
        picked = known.columns.take(wide, axis=0)
        picked *= roots[chain].take(wide)[:, None]
        out[:: runs + 1] += hyper.noise_var[chain]
        square = out.reshape(runs, -1).T
        yield np.asarray(blas.dsyrk(1.0, picked.T, beta=1.0, c=square, lower=1, overwrite_c=1))


def factors(data: Data, known: Grams, hyper: Hyper) -> list[NDArray[np.float64]]:
    """Lower Cholesky factors of the covariance of every chain, each of shape (U, U).

    Raises:
        numpy.linalg.LinAlgError: A covariance is not positive definite.
    """
    return [factor(each) for each in covariances(data, known, hyper, hyper.variances(data.effects))]


def _grid(*, exact: bool) -> NDArray[np.float64]:
    """The variances of the remainder that are weighed, as multiples of the noise's, shape (G,)."""
    return _LEVELS / _EXACT_VAR if exact else _RATIOS


def joined(parts: Sequence[Hyper]) -> Hyper:
    """Hyper-parameters of some chains, and of more, as those of all of them."""
    names = [one.name for one in fields(Hyper)]
    return Hyper(**{name: np.concatenate([getattr(h, name) for h in parts]) for name in names})


class Chance(Protocol):
    """What a sweep wants of a generator: numbers for every chain, which are the rows."""

    def standard_normal(self, size: tuple[int, ...]) -> NDArray[np.float64]:
        """Independent normals."""
        ...

    def random(self, size: tuple[int, ...]) -> NDArray[np.float64]:
        """Independent and uniform, from 0 up to 1."""
        ...

    def beta(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        """A beta of each chain's own parameters."""
        ...

    def gamma(self, shape: float, *, size: int) -> NDArray[np.float64]:
        """Gammas of scale 1."""
        ...


def start(data: Data, chains: int) -> Hyper:
    """Every effect is at work, with the prior's variance, in so many chains."""
    n = data.effects.n
    return Hyper(
        at_work=np.ones((chains, data.effects.size - 2), dtype=np.bool_),
        tau=np.full((chains, 2), 1.5 / n),
        pi=np.tile([0.6, 2.0 / (n + 1.0)], (chains, 1)),
        rest_var=np.full(chains, 0.1 if data.exact else 0.01),
        rate=np.full(chains, RATES // 2, dtype=np.int64),
        noise_var=np.full(chains, _EXACT_VAR if data.exact else 0.1),
    )


def hides(data: Data) -> bool:
    """Whether replicates scatter by a good part of what all runs do: then pairs can explain noise.

    Where they scatter by little, or nothing ran twice, effects of every order are what is seen. Of
    no more recipes than proposals most are near each other, and their spread says nothing yet.
    """
    recipes = len(data.x)
    scatter = float(data.within) / max(data.runs - recipes, 1)
    return recipes > data.effects.n and scatter * HIDES**2 >= 1.0


def thinned(effects: Effects, hyper: Hyper, rng: np.random.Generator) -> Hyper:
    """As many pairs at work as the prior expects, other ones in every chain; mains as they are.

    From all at work short chains come down to the few that are only late. Until then pairs explain
    noise, and what is best far from the runs is best by luck.
    """
    pairs = effects.is_pair
    few = rng.random((len(hyper.pi), int(pairs.sum()))) < hyper.pi[:, 1:]
    at_work = hyper.at_work.copy()
    at_work[:, pairs] = few
    return replace(hyper, at_work=at_work)


def sweep(
    data: Data,
    known: Grams,
    hyper: Hyper,
    rng: Chance,
    *,
    lowers: Sequence[NDArray[np.float64]] | None = None,
) -> Hyper:
    """One sweep of all chains; `lowers` are the factors of their covariances, if they are known."""
    theta, constant = _effects(data, known, hyper, rng, lowers=lowers)
    at_work, tau, pi = what_works(data.effects, theta, hyper, rng)
    left = data.y - theta @ data.features.T - constant * data.weight
    rest_var, rate, noise_var = _rest_and_noise(data, known, left, rng)
    return Hyper(at_work=at_work, tau=tau, pi=pi, rest_var=rest_var, rate=rate, noise_var=noise_var)


def _effects(
    data: Data,
    known: Grams,
    hyper: Hyper,
    rng: Chance,
    *,
    lowers: Sequence[NDArray[np.float64]] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """All effects, shape (C, p), and the constant, shape (C, 1), given the hyper-parameters.

    A draw from the prior, corrected by what it misses of the data (Matheron's rule).
    """
    chains, runs = len(hyper.tau), len(data.x)
    variances = hyper.variances(data.effects)
    theta = rng.standard_normal(variances.shape) * np.sqrt(variances)
    constant = np.sqrt(CONSTANT_VAR) * rng.standard_normal((chains, 1))
    white = rng.standard_normal((chains, runs))
    noise = np.sqrt(hyper.noise_var)[:, None] * rng.standard_normal((chains, runs))
    rest = np.empty_like(white)
    for rate, root in enumerate(known.roots):
        alike = (hyper.rate == rate).nonzero()[0]
        if len(alike):
            rest[alike] = white[alike] @ root.T
    rest *= np.sqrt(hyper.rest_var)[:, None]
    missed = data.y - theta @ data.features.T - constant * data.weight - rest - noise
    if lowers is None:
        every = zip(covariances(data, known, hyper, variances), missed, strict=True)
        solved = np.array([_solved(each, left) for each, left in every])
    else:
        solved = np.array([solve(root, left) for root, left in zip(lowers, missed, strict=True)])
    theta = theta + variances * (solved @ data.features)
    return theta, constant + CONSTANT_VAR * (solved @ data.weight)[:, None]


def _solved(covariance: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """K^-1 b from the lower triangle of K, shape (U, U), which is overwritten, and b, (U,).

    As `solve` with `factor`, where nobody needs the factor afterwards.

    Raises:
        numpy.linalg.LinAlgError: K is not positive definite.
    """
    _, found, info = lapack.dposv(covariance, right, lower=1, overwrite_a=1)
    if info:
        raise np.linalg.LinAlgError(f"leading minor {info} is not positive definite")
    return np.asarray(found)


def solve(
    lower: NDArray[np.float64], right: NDArray[np.float64], *, overwrite: bool = False
) -> NDArray[np.float64]:
    """K^-1 b from the lower factor of K, shape (U, U), and b of shape (U,) or (U, B).

    It may stand where b was, if that may be overwritten.
    """
    return np.asarray(lapack.dpotrs(lower, right, lower=1, overwrite_b=overwrite)[0])


def what_works(
    effects: Effects, theta: NDArray[np.float64], hyper: Hyper, rng: Chance
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
    """Which effects are at work, and their variances and shares, given all effects.

    The two counts' effects have variance tau * pi too. It enters tau's inverse gamma; a share is
    proposed without it, then taken or not by what it says of them (Metropolis).
    """
    squares, n = theta[:, :-2] ** 2, effects.n
    share = np.minimum(hyper.pi, _SHARES[1])  # it is 1 of the pairs of one proposal: there are none
    prior = np.log(share / (1.0 - share)) + np.log(SPIKE)
    weight = 0.5 * (SPIKE**-2 - 1.0) / hyper.tau
    odds = weight.repeat(effects.groups, axis=1)
    odds *= squares
    odds += prior.repeat(effects.groups, axis=1)
    odds = np.minimum(np.maximum(odds, -50.0), 50.0)
    at_work = rng.random(squares.shape) < 1.0 / (1.0 + np.exp(-odds))
    squared = np.where(at_work, squares, squares / SPIKE**2)
    new_tau, new_pi = hyper.tau.copy(), hyper.pi.copy()
    for g, (a, b) in enumerate((_MAIN_SHARE, (_PAIR_SHARE, max(n - 1.0, 1.0)))):
        members, size = (slice(n), slice(n, None))[g], int(effects.groups[g])
        working = at_work[:, members].sum(1)
        drift = 0.5 * theta[:, g - 2] ** 2 / _MEANS[g]  # of variance tau pi
        proposed = rng.beta(a + working, b + size - working)
        proposed = np.minimum(np.maximum(proposed, _SHARES[0]), _SHARES[1])
        old = new_pi[:, g]
        gain = 0.5 * np.log(old / proposed) + drift / new_tau[:, g] * (1.0 / old - 1.0 / proposed)
        new_pi[:, g] = np.where(np.log1p(-rng.random((len(theta),))) < gain, proposed, old)
        total = 2.0 / n + 0.5 * squared[:, members].sum(1) + drift / new_pi[:, g]
        new_tau[:, g] = total / rng.gamma(2.5 + 0.5 * size, size=len(theta))
    return at_work, new_tau, new_pi


def _rest_and_noise(
    data: Data, known: Grams, left: NDArray[np.float64], rng: Chance
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Variance and decay of the remainder, and the noise, given what the effects leave, (C, U)."""
    turned = (left @ known.vectors) ** 2  # (R, C, U)
    grid, volume = _grid(exact=data.exact), known.volume
    fit = (turned @ known.shrinkage).transpose(1, 0, 2)  # (C, R, G)
    shape, scale = _noise_scale(data)
    if data.exact:
        log_density = -0.5 * volume - 0.5 * fit / _EXACT_VAR
    else:
        prior = -0.5 * ((np.log(grid) - _RATIO_CENTRE) / _RATIO_SD) ** 2
        scales = np.reshape(scale, (-1, 1, 1)) + 0.5 * fit
        log_density = prior - 0.5 * volume - shape * np.log(scales)
    flat = log_density.reshape(len(left), -1)
    gumbel = -np.log(-np.log(np.maximum(rng.random(flat.shape), 1e-300)))
    rate, level = np.unravel_index(np.argmax(flat + gumbel, axis=1), log_density.shape[1:])
    chains = np.arange(len(left))
    noise_var = noise_given(data, fit[chains, rate, level], rng)
    return grid[level] * noise_var, rate.astype(np.int64), noise_var


def noise_given(data: Data, fit: NDArray[np.float64], rng: Chance) -> NDArray[np.float64]:
    """The noise given the sums of squares, in units of it, that all else leaves, shape (C,)."""
    if data.exact:
        return np.full(len(fit), _EXACT_VAR)
    shape, scale = _noise_scale(data)
    return np.maximum((scale + 0.5 * fit) / rng.gamma(shape, size=len(fit)), _EXACT_VAR)


def _noise_scale(data: Data) -> tuple[float, float | NDArray[np.float64]]:
    """Shape and scale of the noise's inverse gamma, by its prior, the runs and the replicates."""
    return _NOISE[0] + 0.5 * data.runs, _NOISE[1] + 0.5 * data.within
