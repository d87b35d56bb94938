"""Optuna's tree-structured Parzen estimator, multivariate, one categorical parameter a proposal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from arena.rivals.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arena.landscapes import Bits
    from arena.play import Meter

LABEL = "TPE (Optuna)"
VERSION = "1"
NEEDS: tuple[str, ...] = ("optuna",)
SLOW = False
MODELLED = True


def play(meter: Meter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
    """Asks and tells one trial at a time."""
    del budget
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space: dict[str, optuna.distributions.BaseDistribution] = {
        f"p{i:02d}": optuna.distributions.CategoricalDistribution((0, 1)) for i in range(meter.n)
    }
    sampler = optuna.samplers.TPESampler(multivariate=True, seed=int(rng.integers(2**31)))
    study = optuna.create_study(sampler=sampler, direction="minimize")
    tally = Tally(meter, rng)
    while True:
        trial = study.ask(space)
        study.tell(trial, tally.run(np.array([trial.params[name] for name in space])))
        yield tally.lowest()
