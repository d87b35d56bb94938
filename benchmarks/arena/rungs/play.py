"""How a method is played over recipes and rungs, and how it is scored.

As in `arena.play`, but a run has a rung, and what is counted is cost: in *ticks*, the cost of a run
of the small rung. A method yields, after each run, the recipe that it would merge now. The score
is the true gain of that recipe at the top rung, as a share of the best there, after every tick: a
recommendation counts from when the run before it has ended. A run that does not end within the
budget counts for nothing. The small rung is a training of its own, not the start of a longer one
(its schedule ends with it), so a recipe that is promoted pays for the whole top run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from arena.play import OWN, Episode, runs_to_keep
from arena.rungs import recommend
from arena.rungs.landscapes import SMALL, TOP

if TYPE_CHECKING:
    from arena.landscapes import Bits, Floats
    from arena.rungs.landscapes import RungLandscape

__all__ = ["SMALL", "TOP", "Method", "RungMeter", "cost_to_keep", "play"]


class RungMeter:
    """All that a method sees of a landscape: it runs recipes at rungs, and every run is counted.

    Attributes:
        n: How many proposals there are.
        ticks: Of each rung, the cost of a run in ticks; rung 0 is the small one, the last the top.
        trunk_sd: Standard deviation of the trunk between seeds at the top rung.
        recipes: What has run, in order, each of shape (n,).
        rungs: At which rung, in the same order, as a place in `ticks`.
        values: What came out, in the same order.
        ends: Ticks spent when each ended, in the same order.
        seconds: Processor time spent inside runs.
    """

    def __init__(self, landscape: RungLandscape) -> None:
        self._landscape = landscape
        self.n = landscape.n
        self.ticks = landscape.ticks
        self.trunk_sd = landscape.trunk_sd
        self.recipes: list[Bits] = []
        self.rungs: list[int] = []
        self.values: list[float] = []
        self.ends: list[int] = []
        self.seconds = 0.0

    @property
    def spent(self) -> int:
        """Ticks spent."""
        return self.ends[-1] if self.ends else 0

    def evaluate(self, recipe: Bits, rung: int, seed: int) -> float:
        """One run of a recipe at a rung (0, 1, ...; -1: the top) with a seed."""
        place = range(len(self.ticks))[rung]
        started = time.process_time()
        value = self._landscape.evaluate(recipe, place, seed)
        self.seconds += time.process_time() - started
        self.recipes.append(np.array(recipe, dtype=np.int64))
        self.rungs.append(place)
        self.values.append(value)
        self.ends.append(self.spent + self.ticks[place])
        return value


Method = Callable[[RungMeter, int, np.random.Generator], Iterator["Bits"]]
"""(meter, budget in ticks, generator) -> the recommendation after each run."""


def play(
    method: Method,
    make: Callable[[np.random.Generator], RungLandscape],
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
        budget: Ticks.
        seed0: Tells sets of repeats apart.
        repeat: Number of the repeat.
        modelled: Whether to score the recommendations of a model over the method's runs too.

    Returns:
        `gains` have an entry per tick: the share after so many; `runs` are those that ended.

    Raises:
        RuntimeError: The method did not recommend exactly once per run, or ran nothing.
    """
    landscape = make(np.random.default_rng([seed0, repeat, 7]))
    meter = RungMeter(landscape)
    played = method(meter, budget, np.random.default_rng([seed0, repeat]))
    started = time.process_time()
    chosen = list(_within(played, meter, budget))
    seconds = time.process_time() - started - meter.seconds
    count = len(chosen)
    ends = meter.ends[:count]
    share = _share(landscape)
    gains = {OWN: _curve(ends, [share(recipe) for recipe in chosen], budget)}
    if modelled:
        history = recommend.History(
            x=np.array(meter.recipes[:count]),
            rung=np.array(meter.rungs[:count]),
            y=np.array(meter.values[:count]),
        )
        said = list(recommend.after_some_runs(history, ends, meter.ticks[TOP]))
        for rule in recommend.RULES:
            shares = [share(recipes[rule]) for _, recipes in said]
            gains[rule] = _curve([end for end, _ in said], shares, budget)
    return Episode(gains=gains, runs=count, seconds=seconds)


def cost_to_keep(gains: Floats | list[float], ticks: int) -> float:
    """Cost in runs of the top rung until the gain reaches the target and stays; or infinite.

    Args:
        gains: After each tick, as shares of the best.
        ticks: What a run of the top rung costs.
    """
    return runs_to_keep(gains) / ticks


def _within(played: Iterator[Bits], meter: RungMeter, budget: int) -> Iterator[Bits]:
    """Copies of the recommendations after the runs that end within the budget.

    Raises:
        RuntimeError: The method did not recommend exactly once per run, or ran nothing.
    """
    said = 0
    for said, recipe in enumerate(played, start=1):
        if said != len(meter.values):
            raise RuntimeError(f"{said} recommendations for {len(meter.values)} runs")
        if meter.spent > budget:
            break
        yield np.array(recipe, dtype=np.int64)
        if meter.spent == budget:
            break
    if said == 0:
        raise RuntimeError("the method ran nothing")


def _curve(ends: list[int], shares: list[float], budget: int) -> list[float]:
    """The share after every tick: that of the trunk, 0, until the first recommendation."""
    curve = np.zeros(budget)
    for end, share in zip(ends, shares, strict=True):
        curve[end - 1 :] = share
    return [float(value) for value in curve]


def _share(landscape: RungLandscape) -> Callable[[Bits], float]:
    """The true gain of a recipe at the top as a share of the best; 1 or 0 where there is none."""
    base = landscape.truth(np.zeros(landscape.n, np.int64))
    full = base - landscape.oracle()[1]

    def share(recipe: Bits) -> float:
        gain = base - landscape.truth(recipe)
        return gain / full if full > 1e-9 else float(gain >= -1e-9)

    return share
