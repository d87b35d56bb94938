"""Runs of the tinylm stack, each a fork of one process that has torch loaded: about 2 s saved each.

A run is the stack's own `train.py`, unchanged, in a checkout of its recipe's tree.
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import shutil
import subprocess
import sys
import traceback
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "tinylm"

Run = tuple[int, int]
"""A recipe, as a number whose bit i says whether proposal i is in it, and a seed."""


class Trees:
    """The files of recipes: branches merged one after the other onto the trunk.

    A recipe's commit is made from that of the recipe without its last proposal, so 1,024 recipes
    are 1,023 merges.

    Args:
        scratch: A folder for the repository and the checkouts.
        proposals: Branches of the example; the place of each is its bit in a recipe's number.
    """

    def __init__(self, scratch: Path, proposals: tuple[str, ...]) -> None:
        self.scratch = scratch
        self.proposals = proposals
        self.repo = scratch / "repo"
        build = [sys.executable, str(EXAMPLE / "build_repo.py"), str(self.repo)]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
        self.commit = cache(self._commit)

    def tree(self, run: Run) -> Path:
        """A fresh checkout of a run's recipe; `drop` removes it.

        Raises:
            subprocess.CalledProcessError: The recipe's branches conflict.
        """
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
        ours, theirs = self.commit(recipe ^ 1 << last), self.proposals[last]
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


@dataclass(kw_only=True)
class Forks:
    """Runs in forks, some at once.

    Attributes:
        trees: The files of recipes.
        steps: Training steps of a run.
        jobs: How many runs at once.
    """

    trees: Trees
    steps: int
    jobs: int
    _running: dict[int, Run] = field(default_factory=dict)

    def __post_init__(self) -> None:
        os.environ["OMP_NUM_THREADS"] = "1"  # read when torch is loaded, not later
        importlib.import_module("torch").set_num_threads(1)

    def results(self, todo: Iterable[Run]) -> Iterator[tuple[Run, dict[str, Any] | None]]:
        """Each run with its metrics as soon as it ends; None: it failed, its error is on stderr."""
        for run in todo:
            if len(self._running) >= self.jobs:
                yield self._collect()
            self._start(run)
        while self._running:
            yield self._collect()

    def _start(self, run: Run) -> None:
        tree = self.trees.tree(run)
        process = os.fork()
        if process == 0:
            _train(tree, run[1], self.steps)
        self._running[process] = run

    def _collect(self) -> tuple[Run, dict[str, Any] | None]:
        process, status = os.wait()
        run = self._running.pop(process)
        metrics = None
        if status == 0:
            text = (self.trees.path(run) / "metrics.jsonl").read_text(encoding="utf-8")
            metrics = json.loads(text.splitlines()[-1])
        self.trees.drop(run)
        return run, metrics


def _train(tree: Path, seed: int, steps: int) -> NoReturn:
    """The stack's own command, in this fork."""
    status = 1
    try:
        os.chdir(tree)
        os.environ["MAINSTEM_METRICS"] = str(tree / "metrics.jsonl")
        sys.path.insert(0, str(tree))
        sys.dont_write_bytecode = True
        sys.argv = ["train.py", "--seed", str(seed), "--steps", str(steps)]
        with Path(os.devnull).open("w", encoding="utf-8") as sink:
            sys.stdout = sink
            runpy.run_path("train.py", run_name="__main__")
        status = 0
    except BaseException:  # noqa: BLE001 - a fork must end here, whatever happened
        traceback.print_exc()
    finally:
        os._exit(status)
