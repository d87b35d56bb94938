"""Mainstem through its public face: `ask(4)`, `tell`, `recommend()`, defaults throughout.

All its runs count, confirmation included. One objective, to be minimised, whose margin is half the
trunk's standard deviation between seeds: what a user would set after `mainstem check`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from arena.sources import digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arena.landscapes import Bits
    from arena.play import Meter

LABEL = "Mainstem"
NEEDS: tuple[str, ...] = ("mainstem",)
SLOW = False
MODELLED = False

MARGIN_SDS = 0.5
"""The margin in standard deviations of the trunk between seeds."""

_BATCH = 4
_LEAST_MARGIN = 1e-9


def play(meter: Meter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
    """Recommends anew after every batch; ends when the integrator does."""
    yield from campaign(meter, rng, budget=None, most=budget)


def campaign(
    meter: Meter, rng: np.random.Generator, *, budget: int | None, most: int
) -> Iterator[Bits]:
    """A campaign of at most so many runs, with or without a budget that it is told."""
    from mainstem import Integrator, Objective

    names = [f"p{i:04d}" for i in range(meter.n)]
    margin = max(MARGIN_SDS * meter.trunk_sd, _LEAST_MARGIN)
    integrator = Integrator(
        proposals=names,
        objectives=[Objective("loss", margin=margin)],
        seed=int(rng.integers(2**31)),
        budget=budget,
    )
    best, runs = np.zeros(meter.n, np.int64), 0
    while not integrator.done and runs < most:
        trials = integrator.ask(_BATCH)
        for place, trial in enumerate(trials, start=1):
            recipe = np.array([name in trial.recipe for name in names], dtype=np.int64)
            integrator.tell(trial, {"loss": meter.evaluate(recipe, trial.seed)})
            runs += 1
            if place == len(trials):
                chosen = integrator.recommend().recipe
                best = np.array([name in chosen for name in names], dtype=np.int64)
            yield best


VERSION = digest(str(MARGIN_SDS).encode())[:10] or "absent"
