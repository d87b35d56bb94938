"""Mainstem through its public face, over both rungs and at the top rung alone.

The same campaign both times but for the rungs: `ask(4)`, `tell`, `recommend()`, defaults
throughout, the margin of `arena.rivals.mainstem_search`. All runs count, confirmation included.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from arena.rivals.mainstem_search import MARGIN_SDS
from arena.sources import digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arena.landscapes import Bits
    from arena.rungs.play import RungMeter

VERSION = digest(str(MARGIN_SDS).encode())[:10] or "absent"

_BATCH = 4
_LEAST_MARGIN = 1e-9


def campaign(
    meter: RungMeter, budget: int, rng: np.random.Generator, *, all_rungs: bool
) -> Iterator[Bits]:
    """A campaign until it ends or the budget is spent; recommends anew after every batch.

    Args:
        meter: Runs recipes.
        budget: In ticks.
        rng: Where the campaign's seed is drawn.
        all_rungs: Whether it is told of the rungs below the top.
    """
    from mainstem import Integrator, Objective

    names = [f"p{i:04d}" for i in range(meter.n)]
    rungs = [f"r{place}" for place in range(len(meter.ticks))]
    said: dict[str, Any] = {}
    if all_rungs:
        costs = dict(zip(rungs, map(float, meter.ticks), strict=True))
        said = {"rungs": costs, "confirm_rung": rungs[-1]}
    margin = max(MARGIN_SDS * meter.trunk_sd, _LEAST_MARGIN)
    integrator = Integrator(
        proposals=names,
        objectives=[Objective("loss", margin=margin)],
        seed=int(rng.integers(2**31)),
        **said,
    )
    best = np.zeros(meter.n, np.int64)
    while not integrator.done and meter.spent < budget:
        trials = integrator.ask(_BATCH)
        for place, trial in enumerate(trials, start=1):
            recipe = np.array([name in trial.recipe for name in names], dtype=np.int64)
            rung = len(rungs) - 1 if trial.rung is None else rungs.index(trial.rung)
            integrator.tell(trial, {"loss": meter.evaluate(recipe, rung, trial.seed)})
            if place == len(trials):
                chosen = integrator.recommend().recipe
                best = np.array([name in chosen for name in names], dtype=np.int64)
            yield best


over_rungs = partial(campaign, all_rungs=True)
top_only = partial(campaign, all_rungs=False)
