"""Train every combination of twelve changes to the classifier: the full factorial, on each seed.

    python -m tables.make_classifier --seeds 3

A run of `classifier.py` takes about a tenth of a second, so 12,288 runs take about 20 minutes on
one core. Finished runs are lines of `build/tables/classifier.jsonl`; the command goes on where it
stopped, and `pack.py` turns the lines into a table. Needs scikit-learn, for its digits: the extra
`bench`.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from pathlib import Path

from tables import runs

OUT = Path(__file__).resolve().parents[2] / "build" / "tables" / "classifier.jsonl"


def main() -> int:
    """Runs what is missing; returns the exit code."""
    parser = argparse.ArgumentParser(description="Train every combination of twelve changes.")
    runs.seed_options(parser)
    options = parser.parse_args()

    for library in ("OMP", "OPENBLAS", "MKL"):  # read when numpy is loaded, not later
        os.environ[f"{library}_NUM_THREADS"] = "1"
    from tables import classifier

    OUT.parent.mkdir(parents=True, exist_ok=True)
    runs.same_facts(OUT, packages=("numpy", "scikit-learn"), steps=classifier.STEPS)
    todo = runs.missing(
        OUT, len(classifier.CHANGES), range(options.first, options.first + options.seeds)
    )
    print(f"{len(todo)} runs to do", flush=True)
    digits = classifier.load()
    started = time.monotonic()
    for number, (recipe, seed) in enumerate(todo, start=1):
        changes = {name for i, name in enumerate(classifier.CHANGES) if recipe >> i & 1}
        metrics = classifier.run(digits, changes, seed)
        if not all(map(math.isfinite, metrics.values())):
            raise FloatingPointError(f"recipe {recipe}, seed {seed}: {metrics}: not finite")
        runs.append(OUT, recipe=recipe, seed=seed, metrics=metrics)
        if number % 512 == 0:
            print(f"{number} of {len(todo)}, {time.monotonic() - started:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
