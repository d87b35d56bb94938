"""Small planted worlds and a loop that drives an `Integrator` over them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mainstem import Integrator, Objective

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mainstem import Trial


@dataclass(frozen=True, kw_only=True)
class World:
    """A truth to be found: gains per objective by set of proposals, noise, and sets that crash.

    Attributes:
        effects: Per objective, the gain that every set adds to each recipe that holds it.
        sds: Run-to-run sd per objective.
        guilty: Sets that crash.
    """

    effects: Mapping[str, Mapping[str, float]]
    sds: Mapping[str, float]
    guilty: tuple[str, ...] = field(default=())

    def run(self, trial: Trial) -> dict[str, float] | None:
        """What a trial measures (all objectives are minimised); the same trial, the same values."""
        if any(set(members) <= trial.recipe for members in self.guilty):
            return None
        rng = np.random.default_rng([trial.seed, *sorted(map(ord, trial.recipe))])
        return {
            name: 10.0 - self.gain(name, trial.recipe) + self.sds[name] * rng.standard_normal()
            for name in self.effects
        }

    def gain(self, objective: str, recipe: frozenset[str]) -> float:
        """The true gain over the trunk; proposals have names of one letter, sets are words."""
        effects = self.effects[objective].items()
        return sum(gain for members, gain in effects if set(members) <= recipe)


@pytest.fixture
def world() -> Callable[..., World]:
    """Makes a world of one objective, `loss`, with noise 0.5, unless told otherwise."""

    def make(
        effects: Mapping[str, float],
        *,
        guards: Mapping[str, Mapping[str, float]] | None = None,
        guilty: tuple[str, ...] = (),
        sd: float = 0.5,
    ) -> World:
        every = {"loss": effects, **(guards or {})}
        return World(effects=every, sds=dict.fromkeys(every, sd), guilty=guilty)

    return make


@pytest.fixture
def campaign() -> Callable[..., Integrator]:
    """Runs a whole campaign over a world, in batches of four."""

    def run(
        world: World, proposals: str, *, conflicts: tuple[str, ...] = (), budget: int = 120
    ) -> Integrator:
        objectives = [Objective("loss", margin=1.0)]
        objectives += [Objective(g, role="guard", margin=1.0) for g in world.effects if g != "loss"]
        integrator = Integrator(
            proposals=proposals, objectives=objectives, conflicts=conflicts, budget=budget
        )
        while not integrator.done:
            for trial in integrator.ask(4):
                assert not any(set(conflict) <= trial.recipe for conflict in conflicts)
                integrator.tell(trial, world.run(trial))
        return integrator

    return run
