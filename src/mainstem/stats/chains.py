"""Chains of several objectives, side by side in one set of arrays.

Objectives of the same runs differ in what came out and in nothing else, and a sweep of a few chains
is mostly small steps: so all chains of the objectives with noise take them at once, and all of
those without. Each objective's chains are driven by its own generator, in the order in which they
would be alone: beside others they are what they are alone, to the last digits.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mainstem.stats.mixture import (
    CHAINS,
    DRAWS,
    EVERY,
    MANY_RECIPES,
    RUNS_PER_SWEEP,
    SETTLED_RECIPES,
    SWEEPS,
    factors,
    grams,
    hides,
    joined,
    products,
    start,
    sweep,
    thinned,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mainstem.stats.mixture import Data, Hyper, Products

    Sampled = tuple[Hyper, list[NDArray[np.float64]]]
    """Draws of the hyper-parameters, and the lower factor of the covariance given each."""


def sample_each(every: Sequence[Data], rngs: Sequence[np.random.Generator]) -> list[Sampled]:
    """Draws of several objectives of the same runs, at least one.

    Args:
        every: What was seen of each: the same recipes, as often.
        rngs: Drive their chains; the same ones give the same draws.
    """
    found: dict[int, Sampled] = {}
    shared = products(every[0])  # of the recipes alone, whatever came out
    for exact in (False, True):
        which = [j for j, data in enumerate(every) if data.exact == exact]
        if which:
            drawn = _alike([every[j] for j in which], [rngs[j] for j in which], shared)
            found |= zip(which, drawn, strict=True)
    return [found[j] for j in range(len(every))]


def _alike(
    every: Sequence[Data], rngs: Sequence[np.random.Generator], shared: Products
) -> list[Sampled]:
    """The same of objectives that all have noise, or all have none."""
    first, recipes = every[0], len(every[0].x)
    few = first.exact or recipes > MANY_RECIPES
    chains = CHAINS if few or recipes >= SETTLED_RECIPES else DRAWS
    data, known, rng = _stacked(every, chains), grams(first, shared), _Several(rngs, chains)
    hyper = joined([_begun(data, chains, rng) for data, rng in zip(every, rngs, strict=True)])
    for _ in range(SWEEPS + min(recipes, MANY_RECIPES) // RUNS_PER_SWEEP):
        hyper = sweep(data, known, hyper, rng)
    drawn, lowers = [hyper], [factors(data, known, hyper)]
    while not few and len(lowers) * chains < DRAWS:
        hyper = sweep(data, known, hyper, rng, lowers=lowers[-1])
        for _ in range(EVERY - 1):
            hyper = sweep(data, known, hyper, rng)
        drawn.append(hyper)
        lowers.append(factors(data, known, hyper))
    found = []
    for j in range(len(every)):
        own = slice(chains * j, chains * (j + 1))
        roots = [lower for part in lowers for lower in part[own]]
        found.append((joined([one.some(own) for one in drawn]), roots))
    return found


def _begun(data: Data, chains: int, rng: np.random.Generator) -> Hyper:
    """Where an objective's chains start."""
    hyper = start(data, chains)
    return thinned(data.effects, hyper, rng) if hides(data) else hyper


def _stacked(every: Sequence[Data], chains: int) -> Data:
    """What was seen, chain by chain: as many chains of each objective."""
    return replace(
        every[0],
        y=np.repeat([data.y for data in every], chains, axis=0),
        within=np.repeat([data.within for data in every], chains),
    )


class _Several:
    """A generator per objective, each for its own chains (`mixture.Chance`).

    Args:
        rngs: The generators.
        chains: How many chains each of them drives.
    """

    def __init__(self, rngs: Sequence[np.random.Generator], chains: int) -> None:
        self._each = [(rng, slice(chains * j, chains * (j + 1))) for j, rng in enumerate(rngs)]

    def standard_normal(self, size: tuple[int, ...]) -> NDArray[np.float64]:
        """Independent normals, a row of each chain."""
        out = np.empty(size)
        for rng, own in self._each:
            rng.standard_normal(out=out[own])
        return out

    def random(self, size: tuple[int, ...]) -> NDArray[np.float64]:
        """Independent and uniform, a row of each chain."""
        out = np.empty(size)
        for rng, own in self._each:
            rng.random(out=out[own])
        return out

    def beta(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        """A beta of each chain."""
        out = np.empty(len(a))
        for rng, own in self._each:
            out[own] = rng.beta(a[own], b[own])
        return out

    def gamma(self, shape: float, *, size: int) -> NDArray[np.float64]:
        """A gamma of each chain."""
        out = np.empty(size)
        for rng, own in self._each:
            rng.standard_gamma(shape, out=out[own])
        return out
