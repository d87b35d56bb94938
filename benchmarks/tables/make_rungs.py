"""Train tinylm recipes at several scales: a full factorial at two, and a ladder up to a far one.

    python -m tables.make_rungs factorial -j 1
    python -m tables.make_rungs ladder -j 1

`factorial` trains all 256 combinations of eight proposals for 32 steps and for 256, on three seeds
each: what a search over recipes and rungs is played on. `ladder` trains 48 of them for 10, 15, 22
and 32 steps on three other seeds: what is forecast from these is held against the factorial's runs
of 256 steps. Runs are made as `make_tinylm` makes them, by the stack's own `train.py`; finished
ones are lines of `build/tables/rungs-STEPS.jsonl`, which both kinds share, and the command goes on
where it stopped.

Eight of the sixteen proposals: those of `make_tinylm` without `three-bit`, which helps nowhere, and
`rotary`, which hardly does anything in so few steps.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from tables import runs
from tables.forks import ROOT, Forks, Run, Trees

FOLDER = ROOT / "build" / "tables"

PROPOSALS = (
    "frequent-strings",
    "warmup-decay",
    "token-shift",
    "sharpen",
    "muon",
    "learning-rate",
    "no-smoothing",
    "sign-updates",
)
"""Branches of the example; the place of each is its bit in a recipe's number."""

RUNGS = (32, 256)
"""Training steps of the two rungs of the factorial, 8-fold apart."""

LADDER = (10, 15, 22, 32)
"""Training steps that a forecast is fitted on, the last an eighth of what is forecast."""

CLIMBERS = 48
"""Recipes of the ladder."""

SEEDS, LADDER_SEEDS = range(3), range(3, 6)
"""Seeds of the factorial, and of the ladder: a forecast is held against fresh ones."""


def path(steps: int) -> Path:
    """The file of the runs of so many steps."""
    return FOLDER / f"rungs-{steps}.jsonl"


def climbers() -> list[int]:
    """The recipes of the ladder: the trunk, and others in an order of chance."""
    others = list(range(1, 2 ** len(PROPOSALS)))
    random.Random(0).shuffle(others)
    return [0, *others[: CLIMBERS - 1]]


def wanted(kind: str) -> list[tuple[int, list[Run]]]:
    """The runs of a kind, in parts of as many steps each."""
    if kind == "ladder":
        climb = [(recipe, seed) for seed in LADDER_SEEDS for recipe in climbers()]
        return [(steps, climb) for steps in LADDER]
    every = list(runs.order(len(PROPOSALS), SEEDS))
    return [(steps, [run for run in every if run[1] == seed]) for seed in SEEDS for steps in RUNGS]


def main() -> int:
    """Runs what is missing; returns the exit code."""
    parser = argparse.ArgumentParser(description="Train recipes of eight proposals at some scales.")
    parser.add_argument("kind", choices=("factorial", "ladder"))
    parser.add_argument("-j", type=int, default=1, dest="jobs", help="runs at once (default 1)")
    options = parser.parse_args()

    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        trees = Trees(Path(scratch), PROPOSALS)
        for steps, todo in wanted(options.kind):
            _train(trees, steps, todo, options.jobs)
    return 0


def _train(trees: Trees, steps: int, wanted_runs: list[Run], jobs: int) -> None:
    """The runs of one scale that are missing.

    Raises:
        RuntimeError: A run failed: no recipe of these is meant to.
    """
    out = path(steps)
    runs.same_facts(out, packages=("torch",), steps=steps)
    done = {(line["recipe"], line["seed"]) for line in runs.read(out)}
    todo = [run for run in wanted_runs if run not in done]
    print(f"{steps} steps: {len(todo)} runs to do", flush=True)
    started = time.monotonic()
    forks = Forks(trees=trees, steps=steps, jobs=jobs)
    for number, ((recipe, seed), metrics) in enumerate(forks.results(todo), start=1):
        if metrics is None:
            raise RuntimeError(f"recipe {recipe}, seed {seed} failed; its error is above")
        runs.append(out, recipe=recipe, seed=seed, metrics=metrics)
        if number % 32 == 0:
            print(f"{number} of {len(todo)}, {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
