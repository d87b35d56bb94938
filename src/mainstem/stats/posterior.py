"""The posterior of the landscape given the hyper-parameters of every chain: draws and means.

Given a chain's hyper-parameters f is Gaussian. Draws of it as a whole are made by Matheron's rule:
a draw from the prior, corrected by what it misses of the data. All is on the standard scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from mainstem.stats.chains import sample_each
from mainstem.stats.mixture import CONSTANT_VAR, Data, Hyper, solve
from mainstem.stats.remainder import RATES, Reach, Roots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_NEGLIGIBLE = 1e-5
"""A remainder of less variance than this is not drawn."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the chains expect on average.

    Attributes:
        theta: The effects, shape (p,).
        constant: The constant.
        pulls: Per rate, what each recipe of the data adds to the remainder, shape (R, U).
    """

    theta: NDArray[np.float64]
    constant: float
    pulls: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One draw of the effects, and the remainder as the data then expect it.

    Attributes:
        theta: The effects, shape (p,).
        pull: What each recipe of the data adds to the remainder, shape (U,).
        rate: The remainder's decay.
    """

    theta: NDArray[np.float64]
    pull: NDArray[np.float64]
    rate: int


@dataclass(frozen=True, kw_only=True)
class Paths:
    """Joint draws of f as a whole, as many of each of C chains.

    Attributes:
        theta: The effects, shape (C, S, p).
        constant: The constant, shape (C, S, 1).
        rests: The chains whose remainder is drawn, by its decay.
        sd: Its prior sd, shape (C,).
        white: Independent normals behind its prior at the recipes of the data, shape (C, S, U).
        prior: By its decay that prior's draws there, of variance 1, for these chains one after the
            other, shape (S C', U).
        pull: What each of those recipes adds to it, shape (C, S, U).
    """

    theta: NDArray[np.float64]
    constant: NDArray[np.float64]
    rests: dict[int, NDArray[np.int64]]
    sd: NDArray[np.float64]
    white: NDArray[np.float64]
    prior: dict[int, NDArray[np.float64]]
    pull: NDArray[np.float64]

    def at(self, reach: Reach, rng: np.random.Generator) -> NDArray[np.float64]:
        """The draws read at A recipes, chains in turn, shape (S C, A).

        Args:
            reach: The recipes.
            rng: Draws what the data leave open of the remainder there.
        """
        chains, each, size = self.theta.shape
        out = (self.theta.reshape(-1, size) @ reach.features.T).reshape(chains, each, -1)
        out += self.constant
        for rate, alike in self.rests.items():
            white = _of(self.white, alike)
            more = rng.standard_normal((len(white), reach.unseen))
            rest = reach.prior(rate, white, more, self.prior[rate]).reshape(len(alike), each, -1)
            rest *= self.sd[alike, None, None]
            pulled = _of(self.pull, alike) @ reach.near.of(rate).T
            rest += pulled.reshape(rest.shape)
            if len(alike) == chains:
                out += rest
            else:
                out[alike] += rest
        return np.asarray(out.transpose(1, 0, 2).reshape(chains * each, -1))


class Posterior(Protocol):
    """What the landscape needs of a posterior given hyper-parameters."""

    @property
    def hyper(self) -> Hyper:
        """Hyper-parameters of every chain."""
        ...

    @property
    def expected(self) -> Expected:
        """The average over the chains."""
        ...

    def paths(
        self,
        each: int,
        rng: np.random.Generator,
        roots: Roots,
        moved: NDArray[np.float64] | None = None,
    ) -> Paths:
        """Joint draws of f as a whole, so many of each chain.

        Args:
            each: How many of each chain.
            rng: Draws them.
            roots: Of the remainder at the recipes of the data.
            moved: What is taken off the weighted responses in each draw, shape (C, S, U).
        """
        ...

    def drawn(
        self, chain: int, rng: np.random.Generator, moved: NDArray[np.float64] | None = None
    ) -> Drawn:
        """One draw of the effects of a chain; `moved`, shape (U,), is taken off the responses."""
        ...


@dataclass(frozen=True, kw_only=True)
class ByRuns:
    """The posterior through the covariance of the runs.

    Attributes:
        data: What was seen.
        hyper: Hyper-parameters of every chain.
        lowers: Lower factor of the covariance of every chain, each of shape (U, U).
    """

    data: Data
    hyper: Hyper
    lowers: list[NDArray[np.float64]]

    @cached_property
    def _variances(self) -> NDArray[np.float64]:
        """Prior variance of every effect in every chain, shape (C, p)."""
        return self.hyper.variances(self.data.effects)

    @cached_property
    def expected(self) -> Expected:
        """The average over the chains."""
        data, hyper = self.data, self.hyper
        weights = np.array([solve(lower, data.y) for lower in self.lowers])
        var = np.where(hyper.rate == np.arange(RATES)[:, None], hyper.rest_var, 0.0)  # (R, C)
        return Expected(
            theta=(self._variances * (weights @ data.features)).mean(0),
            constant=CONSTANT_VAR * float(np.mean(weights @ data.weight)),
            pulls=var @ (weights * data.weight) / len(weights),
        )

    def paths(
        self,
        each: int,
        rng: np.random.Generator,
        roots: Roots,
        moved: NDArray[np.float64] | None = None,
    ) -> Paths:
        """Joint draws of f as a whole, so many of each chain; see `Posterior`."""
        data, hyper = self.data, self.hyper
        chains, runs = len(self.lowers), len(data.y)
        theta = rng.standard_normal((chains, each, data.effects.size))
        theta *= np.sqrt(self._variances)[:, None, :]
        constant = np.sqrt(CONSTANT_VAR) * rng.standard_normal((chains, each, 1))
        white = rng.standard_normal((chains, each, runs))
        missed = theta @ data.features.T  # in place from here: these arrays are large
        np.subtract(data.y, missed, out=missed)
        missed -= constant * data.weight
        if moved is not None:
            missed -= moved
        noise = rng.standard_normal((chains, each, runs))
        noise *= np.sqrt(hyper.noise_var)[:, None, None]
        missed -= noise
        rests, sd = self._rests(), np.sqrt(hyper.rest_var)
        prior = {rate: _of(white, alike) @ roots.of(rate).T for rate, alike in rests.items()}
        for rate, alike in rests.items():
            rest = prior[rate].reshape(len(alike), each, runs) * data.weight
            rest *= sd[alike, None, None]
            if len(alike) == chains:
                missed -= rest
            else:
                missed[alike] -= rest
        solved = missed
        for lower, one in zip(self.lowers, solved, strict=True):
            one[:] = solve(lower, one.T, overwrite=True).T
        learnt = solved @ data.features
        learnt *= self._variances[:, None, :]
        theta += learnt
        constant += CONSTANT_VAR * (solved @ data.weight)[:, :, None]
        solved *= hyper.rest_var[:, None, None]
        solved *= data.weight
        return Paths(
            theta=theta,
            constant=constant,
            rests=rests,
            sd=sd,
            white=white,
            prior=prior,
            pull=solved,
        )

    def _rests(self) -> dict[int, NDArray[np.int64]]:
        """The chains whose remainder is worth drawing, by its decay."""
        large = self.hyper.rest_var > _NEGLIGIBLE
        groups = {r: np.flatnonzero(large & (self.hyper.rate == r)) for r in range(RATES)}
        return {rate: alike for rate, alike in groups.items() if len(alike)}

    def drawn(
        self, chain: int, rng: np.random.Generator, moved: NDArray[np.float64] | None = None
    ) -> Drawn:
        """One draw of the effects of a chain; see `Posterior`."""
        data, variances = self.data, self._variances[chain]
        theta = rng.standard_normal(len(variances)) * np.sqrt(variances)
        noise_sd = np.sqrt(self.hyper.noise_var[chain])
        missed = data.y - data.features @ theta - noise_sd * rng.standard_normal(len(data.y))
        missed -= np.sqrt(CONSTANT_VAR) * rng.standard_normal() * data.weight
        if moved is not None:
            missed -= moved
        solved = solve(self.lowers[chain], missed)
        return Drawn(
            theta=theta + variances * (solved @ data.features),
            pull=self.hyper.rest_var[chain] * solved * data.weight,
            rate=int(self.hyper.rate[chain]),
        )


def _of(draws: NDArray[np.float64], chains: NDArray[np.int64]) -> NDArray[np.float64]:
    """Draws of these chains one after the other, (C, S, U) to (S C', U); of all without a copy."""
    picked = draws if len(chains) == len(draws) else draws[chains]
    return picked.reshape(-1, draws.shape[-1])


def by_runs(data: Data, rng: np.random.Generator) -> ByRuns:
    """Draws hyper-parameters and prepares the posterior given each of them.

    Args:
        data: What was seen.
        rng: Drives the chains.
    """
    return by_runs_each([data], [rng])[0]


def by_runs_each(every: Sequence[Data], rngs: Sequence[np.random.Generator]) -> list[ByRuns]:
    """The same of several objectives of the same runs.

    Args:
        every: What was seen of each.
        rngs: Drive their chains.
    """
    drawn = sample_each(every, rngs)
    return [
        ByRuns(data=data, hyper=hyper, lowers=lowers)
        for data, (hyper, lowers) in zip(every, drawn, strict=True)
    ]
