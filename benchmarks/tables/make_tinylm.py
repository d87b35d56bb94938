"""Train every combination of ten tinylm proposals: the full factorial, on each seed.

    python -m tables.make_tinylm --seeds 3 -j 1

A run is the stack's own `train.py`, unchanged, in a checkout of the recipe's tree, for 60 steps
instead of 160: about 1.1 s, so 3,072 runs take about an hour on one core. torch is imported once
and each run is a fork of that process. Finished runs are lines of `build/tables/tinylm.jsonl`; the
command goes on where it stopped, and `pack.py` turns the lines into a table.

Six of the sixteen proposals are left out. A factorial needs every corner to exist: `indentation`
conflicts with `frequent-strings` and `byte-prior` crashes with it. `wider` and `code-only` each
break a guard alone, `shuffled-windows` is another random stream by design, and `beta2` speaks of a
run that is longer than the window of 0.98, which 60 steps hardly are.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tables import runs
from tables.forks import ROOT, Forks, Trees

OUT = ROOT / "build" / "tables" / "tinylm.jsonl"
STEPS = 60

PROPOSALS = (
    "frequent-strings",
    "warmup-decay",
    "token-shift",
    "sharpen",
    "muon",
    "learning-rate",
    "rotary",
    "no-smoothing",
    "three-bit",
    "sign-updates",
)
"""Branches of the example; the place of each is its bit in a recipe's number."""


def main() -> int:
    """Runs what is missing; returns the exit code.

    Raises:
        RuntimeError: A run failed: no recipe of this table is meant to.
    """
    parser = argparse.ArgumentParser(description="Train every combination of ten proposals.")
    runs.seed_options(parser)
    parser.add_argument("-j", type=int, default=1, dest="jobs", help="runs at once (default 1)")
    options = parser.parse_args()

    OUT.parent.mkdir(parents=True, exist_ok=True)
    runs.same_facts(OUT, packages=("torch",), steps=STEPS)
    todo = runs.missing(OUT, len(PROPOSALS), range(options.first, options.first + options.seeds))
    print(f"{len(todo)} runs to do", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        forks = Forks(trees=Trees(Path(scratch), PROPOSALS), steps=STEPS, jobs=options.jobs)
        started = time.monotonic()
        for number, ((recipe, seed), metrics) in enumerate(forks.results(todo), start=1):
            if metrics is None:
                raise RuntimeError(f"recipe {recipe}, seed {seed} failed; its error is above")
            runs.append(OUT, recipe=recipe, seed=seed, metrics=metrics)
            if number % 64 == 0:
                print(f"{number} of {len(todo)}, {time.monotonic() - started:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
