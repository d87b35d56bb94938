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
from typing import TYPE_CHECKING

import numpy as np
from scipy import linalg

from mainstem.stats.mixture import (
    CONSTANT_VAR,
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

_NEGLIGIBLE = 1e-5
"""A remainder of less variance than this is not drawn."""


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

    def mean(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Posterior mean of f at x, shape (A,), on the warped, standard scale."""
        data = self._data
        theta = self._variances * (self._weights @ data.features)
        out = data.effects.of(x) @ theta.mean(0)
        out += CONSTANT_VAR * float(np.mean(self._weights @ data.weight))
        for r, rate in enumerate(rates(data.effects.n)):
            var = np.where(self.hyper.rate == r, self.hyper.rest_var, 0.0)
            if var.any():
                pull = (var[:, None] * self._weights * data.weight).mean(0)
                out += remainder(x, data.x, rate) @ pull
        return np.asarray(out)

    def draw(
        self,
        x: NDArray[np.float64],
        samples: int,
        rng: np.random.Generator,
        *,
        compressed: bool = False,
    ) -> NDArray[np.float64]:
        """Joint posterior draws of f at recipes x, in gain units, shape (samples, A).

        Draw s is of chain s modulo C, so that any run of draws weighs all chains alike.

        Args:
            x: Recipes, shape (A, n).
            samples: How many draws.
            rng: Draws them.
            compressed: Leave the bad side compressed. The order of recipes stays, and means and
                covariances are not ruled by a few draws that are very bad.
        """
        each = -(-samples // self.chains)
        features, roots = self._data.effects.of(x), self._roots(x)
        out = np.empty((each, self.chains, len(x)))
        for chain in range(self.chains):
            out[:, chain] = self._draw_of(chain, each, rng, x=x, features=features, roots=roots)
        standard = out.reshape(each * self.chains, len(x))[:samples]
        return self.to_compressed(standard) if compressed else self.to_gain(standard)

    def _roots(self, x: NDArray[np.float64]) -> dict[int, NDArray[np.float64]]:
        """Per rate in use, a square root of the remainder's prior correlation at data and x.

        Over distinct recipes: what stays of a root to a millionth is then the same for a recipe
        wherever it stands, so that data are met as they are and a recipe equals itself.
        """
        every, places = np.unique(np.concatenate([self._data.x, x]), axis=0, return_inverse=True)
        used = np.unique(self.hyper.rate[self.hyper.rest_var > _NEGLIGIBLE])
        decays = rates(self._data.effects.n)
        return {int(r): _root(remainder(every, every, decays[r]))[places.ravel()] for r in used}

    def _draw_of(
        self,
        chain: int,
        samples: int,
        rng: np.random.Generator,
        *,
        x: NDArray[np.float64],
        features: NDArray[np.float64],
        roots: dict[int, NDArray[np.float64]],
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
        if rate in roots and rest_var > _NEGLIGIBLE:
            white = rng.standard_normal((samples, roots[rate].shape[1]))
            rest = np.sqrt(rest_var) * white @ roots[rate].T
        missed = data.y - at_data - rest[:, :runs] * data.weight
        solved = linalg.cho_solve((self._factors[chain], True), missed.T, check_finite=False).T
        theta = theta + variances * (solved @ data.features)
        constant = constant + CONSTANT_VAR * (solved @ data.weight)[:, None]
        reach = rest_var * remainder(data.x, x, rates(data.effects.n)[rate])
        return np.asarray(
            theta @ features.T + constant + rest[:, runs:] + (solved * data.weight) @ reach
        )

    def to_gain(self, standard: NDArray[np.float64]) -> NDArray[np.float64]:
        """From the warped, standard scale to gain units; any shape."""
        return self.warp.inverse(self.to_compressed(standard))

    def to_compressed(self, standard: NDArray[np.float64]) -> NDArray[np.float64]:
        """From the standard scale to gain units with the bad side compressed; any shape."""
        return self.shift + self.scale * standard

    @property
    def noise_sd(self) -> float:
        """Noise sd in gain units, for recipes as good as the trunk or better."""
        return float(np.sqrt(self.hyper.noise_var.mean())) * self.scale


def _root(correlation: NDArray[np.float64]) -> NDArray[np.float64]:
    """A lower square root of a correlation that may be singular, to a millionth."""
    return np.asarray(linalg.cholesky(correlation + 1e-6 * np.eye(len(correlation)), lower=True))


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
