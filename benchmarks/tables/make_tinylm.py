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
import importlib
import json
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from functools import cache
from pathlib import Path
from typing import NoReturn

from tables import runs

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "tinylm"
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

Run = tuple[int, int]


def main() -> int:
    """Runs what is missing; returns the exit code."""
    parser = argparse.ArgumentParser(description="Train every combination of ten proposals.")
    runs.seed_options(parser)
    parser.add_argument("-j", type=int, default=1, dest="jobs", help="runs at once (default 1)")
    options = parser.parse_args()

    OUT.parent.mkdir(parents=True, exist_ok=True)
    runs.same_facts(OUT, packages=("torch",), steps=STEPS)
    todo = runs.missing(OUT, len(PROPOSALS), range(options.first, options.first + options.seeds))
    print(f"{len(todo)} runs to do", flush=True)
    load_torch()
    with tempfile.TemporaryDirectory() as scratch:
        trees = Trees(Path(scratch))
        running: dict[int, Run] = {}
        started = time.monotonic()
        for number, run in enumerate(todo, start=1):
            if len(running) >= options.jobs:
                collect(running, trees)
            running[start(run, trees.tree(run))] = run
            if number % 64 == 0:
                print(f"{number} of {len(todo)}, {time.monotonic() - started:.0f} s", flush=True)
        while running:
            collect(running, trees)
    return 0


def load_torch() -> None:
    """Imports torch once for all forks, on one thread."""
    os.environ["OMP_NUM_THREADS"] = "1"  # read when torch is loaded, not later
    importlib.import_module("torch").set_num_threads(1)


class Trees:
    """The files of recipes: branches merged one after the other onto the trunk.

    A recipe's commit is made from that of the recipe without its last proposal, so 1,024 recipes
    are 1,023 merges.
    """

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.repo = scratch / "repo"
        build = [sys.executable, str(EXAMPLE / "build_repo.py"), str(self.repo)]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
        self.commit = cache(self._commit)

    def tree(self, run: Run) -> Path:
        """A fresh checkout of a run's recipe; `drop` removes it."""
        index = {"GIT_INDEX_FILE": str(self.scratch / "index")}
        self._git("read-tree", self.commit(run[0]), **index)
        self._git("checkout-index", "--all", f"--prefix={self.path(run)}{os.sep}", **index)
        return self.path(run)

    def drop(self, run: Run) -> None:
        """Removes a run's checkout and what the run wrote into it."""
        shutil.rmtree(self.path(run))

    def path(self, run: Run) -> Path:
        """Where a run's checkout lies."""
        return self.scratch / "tree-{}-{}".format(*run)

    def _commit(self, recipe: int) -> str:
        if recipe == 0:
            return self._git("rev-parse", "main")
        last = recipe.bit_length() - 1
        ours, theirs = self.commit(recipe ^ 1 << last), PROPOSALS[last]
        merged = self._git("merge-tree", "--write-tree", ours, theirs)
        return self._git("commit-tree", merged, "-p", ours, "-p", theirs, "-m", theirs)

    def _git(self, *arguments: str, **variables: str) -> str:
        identity = {
            f"GIT_{role}_{part}": value
            for role in ("AUTHOR", "COMMITTER")
            for part, value in (("NAME", "table"), ("EMAIL", "table@example.org"))
        }
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.repo,
            env=os.environ | identity | variables,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()


def start(run: Run, tree: Path) -> int:
    """Forks a process that trains in `tree`; returns its id."""
    process = os.fork()
    if process == 0:
        train(tree, run[1])
    return process


def train(tree: Path, seed: int) -> NoReturn:
    """The stack's own command, in this fork."""
    status = 1
    try:
        os.chdir(tree)
        os.environ["MAINSTEM_METRICS"] = str(tree / "metrics.jsonl")
        sys.path.insert(0, str(tree))
        sys.dont_write_bytecode = True
        sys.argv = ["train.py", "--seed", str(seed), "--steps", str(STEPS)]
        with Path(os.devnull).open("w", encoding="utf-8") as sink:
            sys.stdout = sink
            runpy.run_path("train.py", run_name="__main__")
        status = 0
    except BaseException:  # noqa: BLE001 - a fork must end here, whatever happened
        traceback.print_exc()
    finally:
        os._exit(status)


def collect(running: dict[int, Run], trees: Trees) -> None:
    """Waits for one fork and writes its line.

    Raises:
        RuntimeError: it failed: no recipe of this table is meant to.
    """
    process, status = os.wait()
    run = running.pop(process)
    if status != 0:
        code = os.waitstatus_to_exitcode(status)
        raise RuntimeError(f"recipe {run[0]}, seed {run[1]}: exit {code}; its error is above")
    text = (trees.path(run) / "metrics.jsonl").read_text(encoding="utf-8")
    runs.append(OUT, recipe=run[0], seed=run[1], metrics=json.loads(text.splitlines()[-1]))
    trees.drop(run)


if __name__ == "__main__":
    sys.exit(main())
