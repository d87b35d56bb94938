"""The demo's campaign with many seeds: how far is each merged recipe from the best of them?

Every trial is the real stack's training run, but as a fork (`tables.forks`) that needs no sandbox
and no second import of torch, and a recipe's i-th run has the same seed in every campaign, so that
campaigns share runs. Both make a campaign some minutes shorter than the demo's; what is asked, told
and decided goes through the same `Integrator` in batches of the same size.
`demo-seeds` does the same with the commands themselves.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import demo_seeds
from mainstem.engine.opening import BATCH
from mainstem.integrator import Integrator
from mainstem.tomlfiles.stack import read_stack
from tables import runs
from tables.forks import EXAMPLE, Forks, Trees

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mainstem.integrator import Trial
    from tables.forks import Run

TRAINS = True  # see run.py
CAMPAIGNS = 8
BUDGET, QUICK_BUDGET = 150, 24
MOST_RUNS = 256  # of one recipe in one campaign
CHECKS = 4  # runs of the trunk that `mainstem check` leaves behind
FRESH, FIRST_FRESH = 6, 2**31  # no campaign's seed is as high
JOBS = 2

PROPOSALS = tuple(
    patch.stem.partition("-")[2] for patch in sorted((EXAMPLE / "proposals").glob("*.patch"))
)
STACK = read_stack(EXAMPLE / "stack" / "mainstem.toml")


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Runs the campaigns, then their merged recipes side by side on fresh seeds."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        played = Runs(folder / "runs.jsonl", Path(scratch))
        budget = QUICK_BUDGET if quick else BUDGET
        numbers = range(1 if quick else CAMPAIGNS)
        campaigns = [campaign(played, seed, budget) for seed in numbers]
        seeds = range(FIRST_FRESH, FIRST_FRESH + (2 if quick else FRESH))
        merged = {tuple(c["recipe"]) for c in campaigns}
        wanted = {recipe: [(number(recipe), seed) for seed in seeds] for recipe in sorted(merged)}
        played.run(run for many in wanted.values() for run in many)
        fresh = {
            "+".join(recipe) or "trunk": [(played.known[run] or {})["code_bpb"] for run in many]
            for recipe, many in wanted.items()
        }
    margin = next(o.margin for o in STACK.objectives if o.name == "code_bpb")
    return {"campaigns": campaigns, "fresh": fresh, "margin": margin}


class Runs:
    """Runs of recipes, made when they are first wanted and kept in a file.

    Args:
        path: The file.
        scratch: A folder for checkouts.
    """

    def __init__(self, path: Path, scratch: Path) -> None:
        self.path = path
        self.trees = Trees(scratch, PROPOSALS)
        self.forks = Forks(
            trees=self.trees, steps=int(STACK.rungs[0].parameters["steps"]), jobs=JOBS
        )
        runs.same_facts(path, packages=("torch",), steps=self.forks.steps)
        lines = runs.read(path)
        self.known = {(line["recipe"], line["seed"]): line["metrics"] for line in lines}

    def run(self, wanted: Iterable[Run]) -> None:
        """Makes those that are missing."""
        missing = [run for run in wanted if run not in self.known]
        for (recipe, seed), metrics in self.forks.results(missing):
            runs.append(self.path, recipe=recipe, seed=seed, metrics=metrics)
            self.known[recipe, seed] = metrics

    def conflicts(self) -> list[tuple[str, str]]:
        """Pairs of proposals that git cannot merge."""
        found = []
        for pair in combinations(PROPOSALS, 2):
            try:
                self.trees.commit(number(pair))
            except subprocess.CalledProcessError:
                found.append(pair)
        return found


def number(recipe: Iterable[str]) -> int:
    """A recipe's number."""
    return sum(1 << PROPOSALS.index(proposal) for proposal in recipe)


def seed_of(recipe: int, i: int) -> int:
    """The seed of a recipe's i-th run: no two recipes share one, so their noise is independent."""
    return MOST_RUNS * recipe + i


def campaign(played: Runs, seed: int, budget: int = BUDGET) -> dict[str, Any]:
    """One campaign to its end."""
    integrator = Integrator(
        proposals=PROPOSALS,
        objectives=STACK.objectives,
        conflicts=played.conflicts(),
        seed=seed,
        budget=budget,
        alpha=STACK.decisions.alpha,
    )
    often: Counter[int] = Counter()
    for _ in range(CHECKS):
        run = (0, seed_of(0, often[0]))
        often[0] += 1
        played.run([run])
        integrator.observe((), run[1], _values(played, run))
    asked = 0
    while trials := integrator.ask(BATCH):
        asked += len(trials)
        batch = _as_runs(trials, often)
        played.run(batch)
        for trial, run in zip(trials, batch, strict=True):
            integrator.tell(trial, _values(played, run))
    verdicts = {p: str(verdict.kind) for p, verdict in integrator.verdicts().items()}
    return {
        "seed": seed,
        "recipe": [p for p in PROPOSALS if verdicts[p] == "merge"],
        "trials": {"done": asked},
        "verdicts": verdicts,
    }


def _as_runs(trials: Sequence[Trial], often: Counter[int]) -> list[Run]:
    """Each as the next run of its recipe in its campaign."""
    found = []
    for trial in trials:
        recipe = number(trial.recipe)
        found.append((recipe, seed_of(recipe, often[recipe])))
        often[recipe] += 1
    return found


def _values(played: Runs, run: Run) -> dict[str, float] | None:
    metrics = played.known[run]
    return metrics and {o.name: float(metrics[o.name]) for o in STACK.objectives}


table = demo_seeds.table
