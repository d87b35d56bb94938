"""SMAC3: a random forest with log expected improvement, replicates raced by its intensifier.

`HyperparameterOptimizationFacade` over categorical parameters that default to the trunk, not
deterministic, its defaults but for two settings that cost time and not runs: 1,000 challengers and
three local searches, instead of 10,000 and ten. The initial design holds n/2 recipes, not a quarter
of the budget. Every run has a fresh seed, so that replicates are replicates on a table as well.
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from arena.rivals.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arena.landscapes import Bits
    from arena.play import Meter

LABEL = "SMAC3"
VERSION = "1"
NEEDS: tuple[str, ...] = ("smac",)
SLOW = True
MODELLED = True


def play(meter: Meter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
    """Asks and tells one trial at a time; recommends the incumbent."""
    from smac.main.exceptions import ConfigurationSpaceExhaustedException
    from smac.runhistory.dataclasses import TrialValue

    logging.disable(logging.WARNING)
    tally = Tally(meter, rng)
    names = [f"p{i:02d}" for i in range(meter.n)]
    with tempfile.TemporaryDirectory() as folder:
        search = _search(names, budget, Path(folder), rng)
        while True:
            try:
                trial = search.ask()
            except ConfigurationSpaceExhaustedException:
                return  # of a handful of proposals every recipe has run
            value = tally.run(np.array([int(trial.config[name]) for name in names]))
            search.tell(trial, TrialValue(cost=value), save=False)
            best = search.intensifier.get_incumbents()
            yield np.array([int(best[0][name]) for name in names]) if best else tally.lowest()


def _search(names: list[str], budget: int, folder: Path, rng: np.random.Generator) -> Any:
    """The facade over one category a proposal; it writes into the folder."""
    from ConfigSpace import Categorical, ConfigurationSpace
    from smac import HyperparameterOptimizationFacade as Facade, Scenario

    space = ConfigurationSpace(seed=int(rng.integers(2**31)))
    space.add([Categorical(name, [0, 1], default=0) for name in names])
    scenario = Scenario(
        space,
        deterministic=False,
        n_trials=budget,
        seed=int(rng.integers(2**31)),
        output_directory=folder,
    )
    return Facade(
        scenario,
        initial_design=Facade.get_initial_design(scenario, n_configs=max(5, len(names) // 2)),
        acquisition_maximizer=Facade.get_acquisition_maximizer(
            scenario, challengers=1000, local_search_iterations=3
        ),
        logging_level=False,
        overwrite=True,
    )
