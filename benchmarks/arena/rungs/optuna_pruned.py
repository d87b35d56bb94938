"""Optuna's multivariate TPE, one categorical parameter a proposal, with a pruner between the rungs.

A trial runs its recipe at the small rung and reports that; if the pruner lets it live it runs at
the top. Pruned trials teach the sampler too. Where a bracket of Hyperband starts at the top, its
trials go there at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from arena.rungs.play import SMALL
from arena.rungs.tally import RungTally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arena.landscapes import Bits
    from arena.rungs.play import RungMeter

VERSION = "1"
NEEDS = ("optuna",)


def play(
    meter: RungMeter, budget: int, rng: np.random.Generator, *, eta: int, hyperband: bool
) -> Iterator[Bits]:
    """Asks and tells one trial at a time; recommends the lowest mean at the top.

    Args:
        meter: Runs recipes.
        budget: Not looked at.
        rng: For seeds.
        eta: The pruner's reduction factor: one trial in so many lives.
        hyperband: Whether the pruner is Hyperband's, else successive halving's.
    """
    del budget
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space: dict[str, optuna.distributions.BaseDistribution] = {
        f"p{i:02d}": optuna.distributions.CategoricalDistribution((0, 1)) for i in range(meter.n)
    }
    seed = int(rng.integers(2**31))
    pruner = _pruner(optuna, meter.ticks, eta, hyperband=hyperband)
    study = optuna.create_study(
        study_name=f"study-{seed}",  # brackets are a hash of it
        sampler=optuna.samplers.TPESampler(multivariate=True, seed=seed),
        pruner=pruner,
        direction="minimize",
    )
    tally = RungTally(meter, rng)
    while True:
        trial = study.ask(space)
        recipe = np.array([trial.params[name] for name in space])
        if not _starts_at_top(study, pruner, trial):
            trial.report(tally.run(recipe, SMALL), step=meter.ticks[SMALL])
            yield tally.lowest()
            if trial.should_prune():
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                continue
        value = tally.run(recipe, tally.top)
        trial.report(value, step=meter.ticks[tally.top])
        study.tell(trial, value)
        yield tally.lowest()


def _pruner(optuna: Any, ticks: tuple[int, ...], eta: int, *, hyperband: bool) -> Any:
    if hyperband:
        return optuna.pruners.HyperbandPruner(
            min_resource=ticks[SMALL], max_resource=ticks[-1], reduction_factor=eta
        )
    return optuna.pruners.SuccessiveHalvingPruner(
        min_resource=ticks[SMALL], reduction_factor=eta, min_early_stopping_rate=0
    )


def _starts_at_top(study: Any, pruner: Any, trial: Any) -> bool:
    """Whether the small rung cannot stop this trial: its run there would be for nothing."""
    if not hasattr(pruner, "_get_bracket_id"):
        return False
    frozen = study.get_trials(deepcopy=False)[trial.number]
    return bool(pruner._get_bracket_id(study, frozen) > 0)  # noqa: SLF001  # Optuna tells it nowhere else
