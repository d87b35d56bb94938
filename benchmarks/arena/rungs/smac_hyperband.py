"""SMAC3's `MultiFidelityFacade`: a random forest, candidates raced by Hyperband over both rungs.

Categorical parameters that default to the trunk, which the initial design holds. Its defaults but
for the reduction factor and for settings that cost time and not runs: 1,000 challengers and three
local searches, instead of 10,000 and ten; and its forest has room for 4,096 leaves a tree, not for
a million that are never there (their memory takes half a second a tree). Every run has a fresh
seed, so that replicates are replicates on a table as well.
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from arena.rungs.play import SMALL
from arena.rungs.tally import RungTally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arena.landscapes import Bits
    from arena.rungs.play import RungMeter

VERSION = "1"
NEEDS = ("smac",)

_LEAVES = 4096


def play(meter: RungMeter, budget: int, rng: np.random.Generator, *, eta: int) -> Iterator[Bits]:
    """Asks and tells one trial at a time; recommends the incumbent.

    Args:
        meter: Runs recipes.
        budget: In ticks.
        rng: For seeds.
        eta: One in so many goes on to the next budget.
    """
    from smac.main.exceptions import ConfigurationSpaceExhaustedException
    from smac.runhistory.dataclasses import TrialValue

    logging.disable(logging.WARNING)
    tally = RungTally(meter, rng)
    names = [f"p{i:02d}" for i in range(meter.n)]
    with tempfile.TemporaryDirectory() as folder:
        search = _search(names, meter.ticks, budget, rng, eta=eta, folder=Path(folder))
        while True:
            try:
                trial = search.ask()
            except (ConfigurationSpaceExhaustedException, StopIteration):
                return  # of a handful of proposals every recipe has run
            recipe = np.array([int(trial.config[name]) for name in names])
            # Hyperband's lower budgets are eta-fold steps down from the top: what is below is small
            rung = tally.top if trial.budget >= meter.ticks[-1] else SMALL
            search.tell(trial, TrialValue(cost=tally.run(recipe, rung)), save=False)
            best = search.intensifier.get_incumbents()
            yield np.array([int(best[0][name]) for name in names]) if best else tally.lowest()


def _search(
    names: list[str],
    ticks: tuple[int, ...],
    budget: int,
    rng: np.random.Generator,
    *,
    eta: int,
    folder: Path,
) -> Any:
    """The facade over one category a proposal; it writes into the folder."""
    from ConfigSpace import Categorical, ConfigurationSpace
    from smac import MultiFidelityFacade as Facade, Scenario

    space = ConfigurationSpace(seed=int(rng.integers(2**31)))
    space.add([Categorical(name, [0, 1], default=0) for name in names])
    scenario = Scenario(
        space,
        deterministic=False,
        n_trials=budget,
        min_budget=ticks[SMALL],
        max_budget=ticks[-1],
        seed=int(rng.integers(2**31)),
        output_directory=folder,
    )
    return Facade(
        scenario,
        initial_design=Facade.get_initial_design(
            scenario,
            n_configs=max(5, len(names) // 2),
            additional_configs=[space.get_default_configuration()],
        ),
        intensifier=Facade.get_intensifier(scenario, eta=eta),
        model=_forest(scenario),
        acquisition_maximizer=Facade.get_acquisition_maximizer(
            scenario, challengers=1000, local_search_iterations=3
        ),
        logging_level=False,
        overwrite=True,
    )


def _forest(scenario: Any) -> Any:
    """The facade's own forest, with less room, in one thread."""
    from smac.model.random_forest import RandomForest

    return RandomForest(
        log_y=True,
        n_trees=10,
        bootstrapping=True,
        ratio_features=1.0,
        min_samples_split=2,
        min_samples_leaf=1,
        max_leaf_nodes=_LEAVES,
        n_jobs=1,
        configspace=scenario.configspace,
        seed=scenario.seed,
    )
