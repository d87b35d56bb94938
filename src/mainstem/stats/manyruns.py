r"""Many runs of many proposals: the effects by their precision, with no remainder.

Through the covariance of the runs (`mainstem.stats.mixture`) U recipes cost U^3. Beyond `MOST_RUNS`
recipes, where pairs have no features of their own, there are fewer features than recipes, and the
same posterior is had from the p x p products of the features:

.. math:: \theta \mid s^2, D \sim N(A^{-1} b, A^{-1}),\quad
    A = \Phi^T \Phi / s^2 + D^{-1},\quad b = \Phi^T y / s^2

with the weighted features and the weights themselves, for the constant, as the columns of
:math:`\Phi`, and the prior variances D. So recipes cost U p^2, once, and a sweep p^3. What is left
out is the remainder g: it correlates all runs, and what it would explain counts as noise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import blas, lapack

from mainstem.stats import mixture
from mainstem.stats.mixture import CONSTANT_VAR, Data, Hyper, solve
from mainstem.stats.posterior import Drawn, Expected, Paths
from mainstem.stats.remainder import RATES, Roots, factor

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_RUNS = 600
"""Up to so many distinct recipes the remainder is learnt too, however many proposals there are."""

CHAINS = 4
"""Chains side by side: with so many runs each is one draw of what is known well."""

SWEEPS = 6
"""Sweeps of every chain."""


def applies(data: Data) -> bool:
    """Whether there are so many runs that the effects' precision is the smaller matrix."""
    return not data.effects.paired and len(data.y) > max(MOST_RUNS, data.effects.size)


@dataclass(frozen=True, kw_only=True)
class Products:
    """What every sweep needs of the data, worked out once; the last column is the constant's.

    Attributes:
        square: Products of the columns, shape (p + 1, p + 1); in columns, and
            only its lower triangle.
        with_y: Products of the columns and the response, shape (p + 1,).
    """

    square: NDArray[np.float64]
    with_y: NDArray[np.float64]


def products(data: Data) -> Products:
    """Products of the data's columns."""
    size = data.effects.size
    square = np.zeros((size + 1, size + 1), order="F")
    square[:size, :size] = blas.dsyrk(1.0, data.features, trans=1, lower=1)
    square[size, :size] = data.weight @ data.features
    square[size, size] = data.weight @ data.weight
    with_y = np.append(data.y @ data.features, data.weight @ data.y)
    return Products(square=square, with_y=with_y)


@dataclass(frozen=True, kw_only=True)
class Given:
    """The posterior of effects and constant given one chain's hyper-parameters.

    Attributes:
        mean: Shape (p + 1,).
        sd: Prior sds, shape (p + 1,).
        root: Lower root of sd A sd, shape (p + 1, p + 1).
    """

    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    root: NDArray[np.float64]

    def draw(self, samples: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Joint draws, shape (samples, p + 1)."""
        white = rng.standard_normal((samples, len(self.mean)))
        spread = lapack.dtrtrs(self.root, white.T, lower=1, trans=1)[0].T
        return np.asarray(self.mean + self.sd * spread)


def given(known: Products, variances: NDArray[np.float64], noise_var: float) -> Given:
    """The posterior of the effects given the prior variances, shape (p,), and the noise.

    In units of the prior's sds the precision is 1 plus what the data say: never singular.
    """
    sd = np.sqrt(np.append(variances, CONSTANT_VAR))
    precision = known.square * (sd / noise_var)
    precision *= sd[:, None]
    precision[np.diag_indices(len(sd))] += 1.0
    root = factor(precision)
    mean = sd * solve(root, sd * known.with_y / noise_var)
    return Given(mean=mean, sd=sd, root=root)


def sample(data: Data, rng: np.random.Generator) -> tuple[Hyper, Products]:
    """Draws of the hyper-parameters, one per chain, and the products they go with.

    Args:
        data: What was seen.
        rng: Drives the chains; the same one gives the same draws.
    """
    data = replace(data, exact=False)  # what the effects do not explain has to go somewhere
    known, hyper = products(data), mixture.start(data, CHAINS)
    for _ in range(SWEEPS):
        hyper = _sweep(data, known, hyper, rng)
    return hyper, known


def given_each(data: Data, known: Products, hyper: Hyper) -> list[Given]:
    """The posterior of the effects given the hyper-parameters of every chain."""
    every = hyper.variances(data.effects)
    return [given(known, v, float(s)) for v, s in zip(every, hyper.noise_var, strict=True)]


def _sweep(data: Data, known: Products, hyper: Hyper, rng: np.random.Generator) -> Hyper:
    """One sweep of all chains: the effects, what is at work, and the noise."""
    drawn = np.concatenate([each.draw(1, rng) for each in given_each(data, known, hyper)])
    theta, constant = drawn[:, :-1], drawn[:, -1:]
    at_work, tau, pi = mixture.what_works(data.effects, theta, hyper, rng)
    left = data.y - theta @ data.features.T - constant * data.weight
    return Hyper(
        at_work=at_work,
        tau=tau,
        pi=pi,
        rest_var=np.zeros(len(theta)),
        rate=hyper.rate,
        noise_var=mixture.noise_given(data, np.sum(left**2, axis=1), rng),
    )


@dataclass(frozen=True, kw_only=True)
class ByEffects:
    """The posterior through the precision of the effects.

    Attributes:
        hyper: Hyper-parameters of every chain.
        chains: The posterior of the effects given each of them.
    """

    hyper: Hyper
    chains: list[Given]

    @cached_property
    def expected(self) -> Expected:
        """The average over the chains."""
        mean = np.mean([each.mean for each in self.chains], axis=0)
        return Expected(theta=mean[:-1], constant=float(mean[-1]), pulls=np.zeros((RATES, 0)))

    def paths(
        self,
        each: int,
        rng: np.random.Generator,
        roots: Roots,
        moved: NDArray[np.float64] | None = None,
    ) -> Paths:
        """Joint draws of f as a whole, so many of each chain; there is no remainder.

        What is moved is nothing beside so many runs.
        """
        del roots, moved
        drawn = np.array([chain.draw(each, rng) for chain in self.chains])
        nothing = np.zeros((len(drawn), each, 0))
        return Paths(
            theta=drawn[:, :, :-1],
            constant=drawn[:, :, -1:],
            rests={},
            sd=np.zeros(len(drawn)),
            white=nothing,
            prior={},
            pull=nothing,
        )

    def drawn(
        self, chain: int, rng: np.random.Generator, moved: NDArray[np.float64] | None = None
    ) -> Drawn:
        """One draw of the effects of a chain; what is moved is nothing beside so many runs."""
        del moved
        return Drawn(theta=self.chains[chain].draw(1, rng)[0, :-1], pull=np.zeros(0), rate=0)


def by_effects(data: Data, rng: np.random.Generator) -> ByEffects:
    """Draws hyper-parameters and prepares the posterior given each of them."""
    hyper, known = sample(data, rng)
    return ByEffects(hyper=hyper, chains=given_each(data, known, hyper))
