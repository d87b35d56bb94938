"""What each level of confinement costs per trial: `/bin/true` on an empty tree, one slot.

Rounds of all levels follow one another, so that what else the machine does falls on all alike;
the figure of a level is the median over its trials, folders, logs and ledger-free bookkeeping
included, and its overhead the difference to no confinement at all.
"""

from __future__ import annotations

import contextlib
import shutil
import statistics
import time
from typing import TYPE_CHECKING, Any

from mainstem.domain.proposal import TreeId
from mainstem.domain.trial import Job, TrialId
from mainstem.executors.confine import Confine, unconfined
from mainstem.executors.ladder import probe, standing_at
from mainstem.executors.local import LocalExecutor
from mainstem.executors.plan import Level
from mainstem.executors.profile import Profile

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 40
BOUND_MS = 60.0
"""What bubblewrap may cost per trial."""


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Milliseconds per trial at each level that works here, and without confinement."""
    shutil.rmtree(folder, ignore_errors=True)
    lacking = {str(level): why for level in Level if (why := probe(level))}
    ways: dict[str, Confine] = {"none": unconfined}
    for level in Level:
        if level not in lacking:
            state = folder / level
            ways[level] = Profile(state=state, standing=standing_at(level))
    took_ms: dict[str, list[float]] = {name: [] for name in ways}
    with contextlib.ExitStack() as closing:
        executors = {name: _executor(folder / name, confine) for name, confine in ways.items()}
        for executor in executors.values():
            closing.callback(executor.close)
        for number in range(1 + (10 if quick else ROUNDS)):
            for name, executor in executors.items():
                start_s = time.perf_counter()
                executor.submit(_job(number))
                (run,) = executor.wait()
                if run.exit_code != 0:
                    raise RuntimeError(f"{name}: {run.detail or run.stderr_tail}")
                took_ms[name].append(1000.0 * (time.perf_counter() - start_s))
    # The first trial starts the keeper and looks for the toolchain, once per process.
    medians = {name: statistics.median(each[1:]) for name, each in took_ms.items()}
    return {
        "median_ms": medians,
        "overhead_ms": {name: medians[name] - medians["none"] for name in medians},
        "first_ms": {name: each[0] for name, each in took_ms.items()},
        "trials": len(took_ms["none"]) - 1,
        "lacking": lacking,
    }


def _executor(state: Path, confine: Confine) -> LocalExecutor:
    state.mkdir(parents=True)
    return LocalExecutor(
        slots=1, workspace=state, materialise=lambda _tree, into: into.mkdir(), confine=confine
    )


def _job(number: int) -> Job:
    return Job(
        trial=TrialId(f"t{number}"),
        tree=TreeId("ab" * 20),
        argv=("true",),
        seed=0,
        rung="small",
        timeout_s=60.0,
    )


def table(figures: dict[str, Any]) -> str:
    """The figures as text."""
    lines = [f"level         ms per trial  overhead   (medians of {figures['trials']} trials)"]
    for name, median_ms in figures["median_ms"].items():
        overhead_ms = figures["overhead_ms"][name]
        lines.append(f"{name:12}  {median_ms:12.1f}  {overhead_ms:8.1f}")
    lines += [f"{name}: {why}" for name, why in figures["lacking"].items()]
    found_ms = figures["overhead_ms"].get("bubblewrap")
    if found_ms is not None:
        kept = "within" if found_ms < BOUND_MS else "ABOVE"
        lines.append(f"bubblewrap is {kept} its bound of {BOUND_MS:.0f} ms")
    return "\n".join(lines)
