"""How long an ask of four takes, and how much memory, from a few proposals to a thousand.

Each size runs in a process of its own, so that its peak memory is its own. The integrator is filled
through `observe` with noisy runs of random recipes of a sparse pairwise landscape, five of them of
the trunk; then it asks, recommends and is told a few times. An ask is made right after the last
tells, so it fits the model to them anew: that and the search are what a campaign waits for. The
first ask is the same and loads what it needs. Times are processor seconds on one thread.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

LIMIT_S = 300.0
"""A size that has not answered by then is given up."""

_TRUNK_RUNS = 5
_ROUNDS = 4
_BATCH = 4


@dataclass(frozen=True, kw_only=True)
class Size:
    """How many proposals and runs, and the goal.

    Attributes:
        n: Proposals.
        runs: Observed before the first ask.
        goal_s: Seconds per ask of four, at most.
        goal_bytes: Peak memory, at most; None where nothing is set.
    """

    n: int
    runs: int
    goal_s: float
    goal_bytes: int | None = None


SIZES = (
    Size(n=20, runs=200, goal_s=0.05),
    Size(n=40, runs=400, goal_s=0.1),
    Size(n=1000, runs=2000, goal_s=1.0),
    Size(n=1000, runs=20000, goal_s=5.0, goal_bytes=2 * 2**30),
)


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Every size; the small ones only where it has to be quick."""
    del folder
    sizes = SIZES[:2] if quick else SIZES
    return {"sizes": [_measured(size) for size in sizes]}


def _measured(size: Size) -> dict[str, Any]:
    """One size in its own process."""
    words = [sys.executable, __file__, str(size.n), str(size.runs)]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    found: dict[str, Any] = {"n": size.n, "runs": size.runs}
    try:
        said = subprocess.run(
            words,
            env=os.environ | threads,
            capture_output=True,
            check=False,
            text=True,
            timeout=LIMIT_S,
        )
    except subprocess.TimeoutExpired:
        return found | {"failed": f"no answer within {LIMIT_S:.0f} s"}
    if said.returncode != 0:
        lines = said.stderr.strip().splitlines() or [f"exit code {said.returncode}"]
        return found | {"failed": lines[-1]}
    answer: dict[str, Any] = json.loads(said.stdout.splitlines()[-1])
    return found | answer


def table(figures: dict[str, Any]) -> str:
    """All sizes beside their goals."""
    goals = {(size.n, size.runs): size for size in SIZES}
    return "\n".join(_line(found, goals[found["n"], found["runs"]]) for found in figures["sizes"])


def _line(found: dict[str, Any], size: Size) -> str:
    head = f"  n {size.n:5d}, {size.runs:6d} trials: "
    if "failed" in found:
        return head + str(found["failed"])
    most = f" of {size.goal_bytes / 2**20:.0f}" if size.goal_bytes else ""
    return (
        f"{head}{found['ask_s']:.3f} s an ask of {_BATCH} (goal {size.goal_s:g}), the first "
        f"{found['first_s']:.3f} s, with recommending {found['round_s']:.3f} s, "
        f"peak {found['peak_bytes'] / 2**20:.0f}{most} MiB"
    )


def ask(n: int, runs: int) -> dict[str, float]:
    """Fills an integrator and times its asks, in this process."""
    from arena.landscapes import Pairwise
    from mainstem import Integrator, Objective

    rng = np.random.default_rng([n, runs])
    land = Pairwise(n, rng)
    names = [f"p{i:04d}" for i in range(n)]
    integrator = Integrator(proposals=names, objectives=[Objective("loss", margin=0.5)], seed=1)

    def value(row: Any) -> dict[str, float]:
        return {"loss": land.truth(row) + float(rng.normal())}

    for seed in range(runs):
        row = rng.integers(0, 2, n) if seed >= _TRUNK_RUNS else np.zeros(n, np.int64)
        chosen = [name for name, on in zip(names, row, strict=True) if on]
        integrator.observe(chosen, seed, value(row))
    asks, rounds = [], []
    for _ in range(1 + _ROUNDS):
        started = time.process_time()
        trials = integrator.ask(_BATCH)
        asks.append(time.process_time() - started)
        integrator.recommend()
        rounds.append(time.process_time() - started)
        for trial in trials:
            row = np.array([name in trial.recipe for name in names], dtype=np.int64)
            integrator.tell(trial, value(row))
    return {
        "first_s": asks[0],
        "ask_s": median(asks[1:]),
        "round_s": median(rounds[1:]),
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


if __name__ == "__main__":
    print(json.dumps(ask(int(sys.argv[1]), int(sys.argv[2]))))
