"""The landscape: a posterior over one objective as a function of the recipe.

The response is warped (`mainstem.stats.warp`) and standardised; main effects, pairs and a remainder
of all orders are learnt from it (`mainstem.stats.mixture`). Each chain of hyper-parameters gives a
Gaussian posterior, and the landscape is their mixture, so that what is not known of the
hyper-parameters widens every interval. The chains are driven by a generator that is passed in and
start anew at every fit: a fit depends on its data and that generator alone.

Everything anyone asks of it - effects, interactions, gains, the next recipe - is a joint draw of f
at chosen recipes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy import linalg

from mainstem.stats.mixture import (
    CONSTANT_VAR,
    RATES,
    Data,
    Hyper,
    factors,
    rates,
    remainder,
    sample,
    weigh,
)
from mainstem.stats.warp import Warp, fit_warp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mainstem.stats.effects import Effects

_NEGLIGIBLE = 1e-5
"""A remainder of less variance than this is not drawn."""


class Roots:
    """Square roots of the remainder's prior correlation at some recipes; worked out when needed.

    Over distinct recipes: what stays of a root to a millionth is then the same for a recipe
    wherever it stands, so that data are met as they are and a recipe equals itself.

    Args:
        seen: The recipes of the data, shape (U, n).
        x: The recipes to draw at, shape (A, n).
    """

    def __init__(self, seen: NDArray[np.float64], x: NDArray[np.float64]) -> None:
        every = np.concatenate([seen, x])
        self._distinct, places = np.unique(every, axis=0, return_inverse=True)
        self._places = places.ravel()
        self._known: dict[int, NDArray[np.float64]] = {}

    def of(self, rate: int) -> NDArray[np.float64]:
        """The root for a rate: U + A rows, a column per distinct recipe."""
        if rate not in self._known:
            decay = rates(self._distinct.shape[1])[rate]
            correlation = remainder(self._distinct, self._distinct, float(decay))
            correlation[np.diag_indices(len(correlation))] += 1e-6
            lower = linalg.cholesky(correlation, lower=True, check_finite=False)
            self._known[rate] = np.asarray(lower)[self._places]
        return self._known[rate]


@dataclass(frozen=True, kw_only=True)
class Sketch:
    """A function drawn from the posterior, up to a constant.

    Attributes:
        effects: The layout of the features.
        theta: The effect of each feature, in gain units, losses compressed, shape (p,).
        seen: Recipes of the data, shape (U, n).
        pull: What each of them adds to the remainder, shape (U,).
        rate: Its decay per differing proposal.
    """

    effects: Effects
    theta: NDArray[np.float64]
    seen: NDArray[np.float64]
    pull: NDArray[np.float64]
    rate: float

    def at(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values at recipes x, shape (A, n): shape (A,)."""
        near = remainder(x, self.seen, self.rate)
        return np.asarray(self.effects.of(x) @ self.theta + near @ self.pull)


@dataclass(frozen=True, kw_only=True)
class Landscape:
    """A fitted posterior of one objective's gain.

    Attributes:
        hyper: Hyper-parameters of every chain.
        warp: The response's warp.
        shift: Mean of the warped response, subtracted.
        scale: Its standard deviation, divided out.
    """

    hyper: Hyper
    warp: Warp
    shift: float
    scale: float
    _data: Data
    _variances: NDArray[np.float64]
    _factors: NDArray[np.float64]
    _weights: NDArray[np.float64]

    @property
    def chains(self) -> int:
        """Number of chains, C."""
        return len(self.hyper.tau)

    @cached_property
    def _expected(self) -> tuple[NDArray[np.float64], float, NDArray[np.float64]]:
        """Posterior means of the effects (p,) and the constant; per rate, what pulls g (R, U)."""
        data = self._data
        theta = self._variances * (self._weights @ data.features)
        constant = CONSTANT_VAR * float(np.mean(self._weights @ data.weight))
        var = np.where(
            self.hyper.rate == np.arange(RATES)[:, None], self.hyper.rest_var, 0.0
        )  # (R, C)
        return theta.mean(0), constant, var @ (self._weights * data.weight) / self.chains

    def mean(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Posterior mean of f at x, shape (A,), on the warped, standard scale."""
        data = self._data
        theta, constant, pulls = self._expected
        out = data.effects.of(x) @ theta + constant
        for pull, rate in zip(pulls, rates(data.effects.n), strict=True):
            if pull.any():
                out += remainder(x, data.x, rate) @ pull
        return np.asarray(out)

    def draw(
        self,
        x: NDArray[np.float64],
        samples: int,
        rng: np.random.Generator,
        *,
        compressed: bool = False,
        roots: Roots | None = None,
    ) -> NDArray[np.float64]:
        """Joint posterior draws of f at recipes x, in gain units, shape (samples, A).

        Draw s is of chain s modulo C, so that any run of draws weighs all chains alike.

        Args:
            x: Recipes, shape (A, n).
            samples: How many draws.
            rng: Draws them.
            compressed: Leave the bad side compressed. The order of recipes stays, and means and
                covariances are not ruled by a few draws that are very bad.
            roots: What other objectives of the same runs have worked out for the same x.
        """
        each = -(-samples // self.chains)
        features, roots = self._data.effects.of(x), roots or Roots(self._data.x, x)
        out = np.empty((each, self.chains, len(x)))
        for chain in range(self.chains):
            out[:, chain] = self._draw_of(chain, each, rng, x=x, features=features, roots=roots)
        standard = out.reshape(each * self.chains, len(x))[:samples]
        return self.to_compressed(standard) if compressed else self.to_gain(standard)

    def _draw_of(
        self,
        chain: int,
        samples: int,
        rng: np.random.Generator,
        *,
        x: NDArray[np.float64],
        features: NDArray[np.float64],
        roots: Roots,
    ) -> NDArray[np.float64]:
        """Joint draws of one chain on the standard scale: the prior, corrected by the data."""
        data, variances = self._data, self._variances[chain]
        runs, noise_sd = len(data.y), np.sqrt(self.hyper.noise_var[chain])
        theta = rng.standard_normal((samples, len(variances))) * np.sqrt(variances)
        constant = np.sqrt(CONSTANT_VAR) * rng.standard_normal((samples, 1))
        at_data = theta @ data.features.T + constant * data.weight
        at_data += noise_sd * rng.standard_normal((samples, runs))
        rest_var, rate = float(self.hyper.rest_var[chain]), int(self.hyper.rate[chain])
        rest = np.zeros((samples, runs + len(x)))
        if rest_var > _NEGLIGIBLE:
            root = roots.of(rate)
            white = rng.standard_normal((samples, root.shape[1]))
            rest = np.sqrt(rest_var) * white @ root.T
        missed = data.y - at_data - rest[:, :runs] * data.weight
        solved = linalg.cho_solve((self._factors[chain], True), missed.T, check_finite=False).T
        theta = theta + variances * (solved @ data.features)
        constant = constant + CONSTANT_VAR * (solved @ data.weight)[:, None]
        reach = rest_var * remainder(data.x, x, rates(data.effects.n)[rate])
        return np.asarray(
            theta @ features.T + constant + rest[:, runs:] + (solved * data.weight) @ reach
        )

    def sketch(self, rng: np.random.Generator) -> Sketch:
        """One draw of f as a function of any recipe: its effects, and g as the data then expect it.

        Unlike a joint draw at given recipes it can be climbed; it leaves out how g varies away
        from the data.
        """
        data, chain = self._data, int(rng.integers(self.chains))
        variances, noise_sd = self._variances[chain], np.sqrt(self.hyper.noise_var[chain])
        theta = rng.standard_normal(len(variances)) * np.sqrt(variances)
        missed = data.y - data.features @ theta - noise_sd * rng.standard_normal(len(data.y))
        missed -= np.sqrt(CONSTANT_VAR) * rng.standard_normal() * data.weight
        solved = linalg.cho_solve((self._factors[chain], True), missed, check_finite=False)
        return Sketch(
            effects=data.effects,
            theta=self.scale * (theta + variances * (solved @ data.features)),
            seen=data.x,
            pull=self.scale * self.hyper.rest_var[chain] * solved * data.weight,
            rate=float(rates(data.effects.n)[self.hyper.rate[chain]]),
        )

    def to_gain(self, standard: NDArray[np.float64]) -> NDArray[np.float64]:
        """From the warped, standard scale to gain units; any shape."""
        return self.warp.inverse(self.to_compressed(standard))

    def to_compressed(self, standard: NDArray[np.float64]) -> NDArray[np.float64]:
        """From the standard scale to gain units with the bad side compressed; any shape."""
        return self.shift + self.scale * standard

    @property
    def pair_prior(self) -> tuple[float, float]:
        """How often a pair that was never seen is at work, and its sd in gain units then."""
        sd = float(np.sqrt(self.hyper.tau[:, 1].mean())) * self.scale
        return float(self.hyper.pi[:, 1].mean()), sd

    @property
    def noise_sd(self) -> float:
        """Noise sd in gain units, for recipes as good as the trunk or better."""
        return float(np.sqrt(self.hyper.noise_var.mean())) * self.scale


def fit(
    x: NDArray[np.float64],
    gains: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    exact: bool = False,
) -> Landscape:
    """Fits the landscape of one objective.

    Args:
        x: Recipe of each run, 0 or 1, shape (T, n), T at least 1.
        gains: Gain of each run over a common origin, above 0 is better, shape (T,).
        rng: Drives the chains.
        exact: Whether the metric has no noise.
    """
    warp = fit_warp(gains)
    warped = warp.forward(gains)
    shift, scale = float(np.mean(warped)), float(np.std(warped))
    if not scale > 0.0:
        scale = 1.0
    data = weigh(x, (warped - shift) / scale, exact=exact)
    hyper, known = sample(data, rng)
    factor = factors(data, known, hyper)
    weights = np.array(
        [linalg.cho_solve((each, True), data.y, check_finite=False) for each in factor]
    )
    return Landscape(
        hyper=hyper,
        warp=warp,
        shift=shift,
        scale=scale,
        _data=data,
        _variances=hyper.variances(data.effects),
        _factors=factor,
        _weights=weights,
    )
