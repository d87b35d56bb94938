"""How a method is played, and how it is scored: the same for every method.

A method is a generator that spends one run at a time through a `Meter` and yields, after each run,
the recipe that it would merge now. The score is the true gain of that recipe over the trunk, as a
share of the best possible gain. Methods that come with no model of their own are also scored with
one (`arena.recommend`): a search that picks the lowest single run throws away what it has seen.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from arena import recommend
from arena.landscapes import Pairwise, Saturating

if TYPE_CHECKING:
    from arena.landscapes import Bits, Floats, Landscape

TARGET = 0.95
"""The share of the best gain that has to be reached and kept."""

OWN = "own"
"""The method's own recommendation; `recommend.RULES` names the others."""


@dataclass(frozen=True, kw_only=True)
class Structure:
    """What the learner that knows the true structure is told; no sizes and no signs.

    Attributes:
        main: Proposals with a main effect.
        pairs: Pairs that interact.
        noise: Standard deviation of a run.
        ceiling: What the sum of the gains is bounded by; None where there is no ceiling.
    """

    main: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...]
    noise: float
    ceiling: float | None


class Meter:
    """All that a method sees of a landscape: it runs recipes, and every run is counted.

    Attributes:
        n: How many proposals there are.
        trunk_sd: Standard deviation of the trunk between seeds, in the unit of a run's value.
        recipes: What has run, in order, each of shape (n,).
        values: What came out, in the same order.
        seconds: Processor time spent inside runs.
    """

    def __init__(self, landscape: Landscape) -> None:
        self._landscape = landscape
        self.n = landscape.n
        self.trunk_sd = landscape.trunk_sd
        self.recipes: list[Bits] = []
        self.values: list[float] = []
        self.seconds = 0.0

    def evaluate(self, recipe: Bits, seed: int) -> float:
        """One run of a recipe with a seed."""
        started = time.process_time()
        value = self._landscape.evaluate(recipe, seed)
        self.seconds += time.process_time() - started
        self.recipes.append(np.array(recipe, dtype=np.int64))
        self.values.append(value)
        return value

    def structure(self) -> Structure:
        """For the learner that is told the structure, and for nobody else.

        Raises:
            TypeError: The landscape has no sparse structure to tell.
        """
        land = self._landscape
        if not isinstance(land, Pairwise):
            raise TypeError(f"{type(land).__name__} has no sparse structure to tell")
        i, j = np.nonzero(land.pair)
        return Structure(
            main=tuple(int(k) for k in np.flatnonzero(land.main)),
            pairs=tuple((int(a), int(b)) for a, b in zip(i, j, strict=True)),
            noise=land.noise,
            ceiling=land.ceiling if isinstance(land, Saturating) else None,
        )


Method = Callable[[Meter, int, np.random.Generator], Iterator["Bits"]]
"""(meter, budget in runs, generator) -> the recommendation after each run."""


@dataclass(frozen=True, kw_only=True)
class Episode:
    """One method on one landscape.

    Attributes:
        gains: Per rule of recommending, the true gain after each run as a share of the best
            possible gain, length `budget`; not clipped.
        runs: Runs spent; fewer than the budget if the method ended by itself.
        seconds: Processor time of the method's own work.
    """

    gains: dict[str, list[float]]
    runs: int
    seconds: float


def play(
    method: Method,
    make: Callable[[np.random.Generator], Landscape],
    budget: int,
    *,
    seed0: int = 0,
    repeat: int = 0,
    modelled: bool = False,
) -> Episode:
    """Plays one repeat; the landscape and the method's generator depend on seed0 and repeat only.

    Args:
        method: What to play.
        make: Draws the landscape.
        budget: Runs.
        seed0: Tells sets of repeats apart.
        repeat: Number of the repeat.
        modelled: Whether to score the recommendations of a model over the method's runs too.

    Raises:
        RuntimeError: The method did not recommend exactly once per run, or ran nothing.
    """
    landscape = make(np.random.default_rng([seed0, repeat, 7]))
    meter = Meter(landscape)
    share = _shares(landscape)
    played = method(meter, budget, np.random.default_rng([seed0, repeat]))
    started = time.process_time()
    chosen = list(_checked(played, meter, budget))
    seconds = time.process_time() - started - meter.seconds
    gains = {OWN: [share(recipe) for recipe in chosen]}
    if modelled:
        said = list(recommend.after_each_run(np.array(meter.recipes), np.array(meter.values)))
        gains |= {rule: [share(recipes[rule]) for recipes in said] for rule in recommend.RULES}
    spare = budget - len(chosen)
    padded = {rule: curve + [curve[-1]] * spare for rule, curve in gains.items()}
    return Episode(gains=padded, runs=len(chosen), seconds=seconds)


def _checked(played: Iterator[Bits], meter: Meter, budget: int) -> Iterator[Bits]:
    """Copies of the recommendations, as many as the budget.

    Raises:
        RuntimeError: The method did not recommend exactly once per run, or ran nothing.
    """
    said = 0
    for said, recipe in enumerate(played, start=1):
        if said != len(meter.values):
            raise RuntimeError(f"{said} recommendations for {len(meter.values)} runs")
        yield np.array(recipe, dtype=np.int64)
        if said == budget:
            return
    if said == 0:
        raise RuntimeError("the method ran nothing")


def _shares(landscape: Landscape) -> Callable[[Bits], float]:
    """The true gain of a recipe as a share of the best; 1 or 0 where nothing can be gained."""
    base = landscape.truth(np.zeros(landscape.n, np.int64))
    full = base - landscape.oracle()[1]

    def share(recipe: Bits) -> float:
        gain = base - landscape.truth(recipe)
        return gain / full if full > 1e-9 else float(gain >= -1e-9)

    return share


def runs_to_keep(gains: Floats | list[float], target: float = TARGET) -> float:
    """Runs until the gain reaches the target and stays there to the end; infinite if it does not.

    Args:
        gains: After each run, as shares of the best.
        target: The share to keep.
    """
    below = np.flatnonzero(np.asarray(gains) < target)
    if not len(below):
        return 1.0
    last = int(below[-1])
    return float(last + 2) if last + 1 < len(gains) else math.inf
