"""How many trials one process drives: confined ones a second, and thousands that run for minutes.

*Rate*: trials that do nothing, two at once, from the job to the line in the ledger, beside a bare
pool of two threads that start the same bubblewrap with the same words on the same tree and write
nothing down. Rounds of both follow one another, so what else the machine does falls on both alike.

*Slots*: a campaign of the real engine, with real merges and a real ledger, whose executor has 2,000
slots that only let time pass. What is counted is the processor time of this process and of the git
that it starts.

*Show*: new proposals join that campaign, whose trials take no time, until the ledger holds 10,000
of them; then `mainstem show`.
"""

from __future__ import annotations

import contextlib
import heapq
import os
import resource
import shutil
import statistics
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from mainstem.domain.trial import Ending, Job, Run, TrialId
from mainstem.engine import campaign as campaigns
from mainstem.engine.workshop import Workshop
from mainstem.executors.environment import trial_environment
from mainstem.executors.folders import Folders
from mainstem.executors.ladder import probe, standing_at
from mainstem.executors.local import LocalExecutor
from mainstem.executors.plan import Level, program
from mainstem.executors.profile import Profile
from mainstem.wiring import open_project
from mainstem.wiring.shown import Keeping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mainstem.engine.ports import Ledger
    from mainstem.wiring import Project

AT_ONCE, JOBS, ROUNDS = 2, 100, 5
LEAST_PER_S, MOST_TIMES = 25.0, 1.5
SLOTS, TRIALS, PROPOSALS = 2_000, 10_000, 20
TAKES_S = (60.0, 180.0)
MOST_CORES, MOST_SHOW_S = 0.5, 0.5
STACK = """
[stack]
command = "true"
[[objectives]]
name = "loss"
margin = 0.05
"""


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Trials a second, ours and bare; cores in use with many slots; seconds of `show`."""
    shutil.rmtree(folder, ignore_errors=True)
    stack = _stack(folder / "stack")
    with open_project(stack) as project:
        rate = _rate(project, folder, 1 if quick else ROUNDS)
        trials = 300 if quick else TRIALS
        slots = _slots(project, slots=100 if quick else SLOTS, trials=trials)
        held = _fill(project, trials)
        show_s = _show(stack, project.state, keep=True)
        listed_s = _show(stack, project.state, keep=False)
        weighed_s = _seconds(lambda: project.show(weigh=True))
    return {
        "rate": rate,
        "slots": slots,
        "held": held,
        "show_s": show_s,
        "listed_s": listed_s,
        "weighed_s": weighed_s,
    }


def _stack(path: Path) -> Path:
    """A repository of a file."""
    path.mkdir(parents=True)
    _git(path, "init", "--quiet", "--initial-branch=main")
    (path / "mainstem.toml").write_text(STACK, encoding="utf-8")
    _git(path, "add", "--all")
    _git(path, "commit", "--quiet", "--message=trunk")
    return path


def _git(path: Path, *words: str) -> None:
    name = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
    subprocess.run(["git", *name, *words], cwd=path, check=True, capture_output=True)


def _branches(path: Path, prefix: str) -> list[str]:
    """As many new branches as a campaign has proposals, each with a file of its own."""
    names = [f"{prefix}{number:02}" for number in range(PROPOSALS)]
    for name in names:
        _git(path, "checkout", "--quiet", "-b", name, "main")
        (path / f"change-{name}").write_text("on\n", encoding="utf-8")
        _git(path, "add", "--all")
        _git(path, "commit", "--quiet", "--message=change")
    _git(path, "checkout", "--quiet", "main")
    return names


def _rate(project: Project, folder: Path, rounds: int) -> dict[str, Any]:
    """Trials a second in turn, over rounds."""
    if why := probe(Level.BUBBLEWRAP):
        return {"lacking": why}
    tree = project.trees.merger.tree_of(project.trunk_commit)
    state = folder / "rate"
    state.mkdir()
    profile = Profile(state=state, standing=standing_at(Level.BUBBLEWRAP))
    executor = LocalExecutor(
        slots=AT_ONCE,
        workspace=state,
        materialise=project.trees.materialise,
        held=project.trees.held,
        confine=profile,
    )
    place = Folders(folder / "bare").prepare(TrialId("bare"))
    laid = Path(place.tree)
    project.trees.materialise(tree, laid)
    first = _job("first", tree)
    confined = profile(first, place, trial_environment(first, place, os.environ))
    words: list[str] = [*confined.plan["bubblewrap"][:-1], program("true") or "true"]
    ours, bare = [], []
    with contextlib.closing(executor):
        _through(executor, project.ledger, _jobs("start", tree)[:AT_ONCE])  # starts the keepers
        for number in range(rounds):
            jobs = _jobs(f"r{number}", tree)  # of new names, as a campaign's are
            ours.append(JOBS / _seconds(partial(_through, executor, project.ledger, jobs)))
            bare.append(JOBS / _seconds(lambda: _pool(words, laid)))
    return {"ours": ours, "bare": bare}


def _jobs(prefix: str, tree: Any) -> list[Job]:
    """As many jobs as run in a round."""
    return [_job(f"{prefix}-{number}", tree) for number in range(JOBS)]


def _job(name: str, tree: Any) -> Job:
    return Job(trial=TrialId(name), tree=tree, argv=("true",), seed=0, rung="full", timeout_s=60.0)


def _seconds(do: Callable[[], object]) -> float:
    start_s = time.perf_counter()
    do()
    return time.perf_counter() - start_s


def _through(executor: LocalExecutor, ledger: Ledger, jobs: Sequence[Job]) -> None:
    """Has jobs run, and each end written down as a campaign does."""
    for job in jobs:
        executor.submit(job)
    left = len(jobs)
    while left:
        for run in executor.wait():
            if run.exit_code != 0:
                raise RuntimeError(run.detail or run.stderr_tail)
            body = {"trial": run.trial, "wall_s": run.wall_s, "confinement": dict(run.confinement)}
            ledger.append([("bench-finished", body)])
            left -= 1


def _pool(words: Sequence[str], tree: Path) -> None:
    """The same sandbox with the same command, as often, by two bare threads."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = [
            pool.submit(subprocess.run, words, cwd=tree, check=True, env={}) for _ in range(JOBS)
        ]
        for each in done:
            each.result()


class Simulated:
    """Slots in which time passes and a value appears; the port `Executor`."""

    def __init__(self, slots: int, takes_s: tuple[float, float]) -> None:
        self.slots = slots
        self._takes_s = takes_s
        self._rng = Random(0)
        self._ends: list[tuple[float, TrialId]] = []

    def submit(self, job: Job) -> None:
        """Starts at once: no more are asked for than there are slots."""
        heapq.heappush(
            self._ends, (time.monotonic() + self._rng.uniform(*self._takes_s), job.trial)
        )

    def wait(self, timeout_s: float | None = None) -> list[Run]:
        """What has ended; sleeps until something has, or the timeout is over."""
        if not self._ends:
            return []
        first_s = self._ends[0][0] - time.monotonic()
        time.sleep(max(0.0, first_s if timeout_s is None else min(first_s, timeout_s)))
        found = []
        while self._ends and self._ends[0][0] <= time.monotonic():
            trial = heapq.heappop(self._ends)[1]
            loss = self._rng.gauss(2.0, 0.1)
            found.append(
                Run(
                    trial=trial,
                    ending=Ending.EXITED,
                    exit_code=0,
                    metrics=f'{{"loss": {loss}}}\n',
                    wall_s=100.0,
                )
            )
        return found

    def running(self) -> list[TrialId]:
        """All that were submitted."""
        return [trial for _, trial in self._ends]

    def close(self) -> None:
        """Nothing is left behind."""


class Silent:
    """A listener that says nothing."""

    def __getattr__(self, name: str) -> Any:
        """Whatever happens."""
        return lambda *_words, **_more: None


def _slots(project: Project, *, slots: int, trials: int) -> dict[str, Any]:
    """A campaign with that many slots, all of them full while a batch lasts."""
    takes_s = TAKES_S if slots == SLOTS else (2.0, 6.0)
    start_s, used_s = time.perf_counter(), _processor_s()
    _campaign(project, _branches(project.root, "b"), slots=slots, trials=trials, takes_s=takes_s)
    wall_s, used_s = time.perf_counter() - start_s, _processor_s() - used_s
    return {
        "slots": slots,
        "trials": _trials(project),
        "wall_s": wall_s,
        "cores": used_s / wall_s,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _fill(project: Project, trials: int) -> int:
    """Lets new proposals join the campaign until the ledger holds so many trials; how many."""
    number = 1
    while (held := _trials(project)) < trials:
        names = _branches(project.root, f"c{number}-")
        _campaign(project, names, slots=trials // 20, trials=trials, takes_s=(0.0, 0.0))
        number += 1
    return held


def _trials(project: Project) -> int:
    """How many trials have ended; by the ledger, as a look at it would be kept."""
    return sum(len(campaign.finished) for campaign in project.record().campaigns.values())


def _campaign(
    project: Project, names: list[str], *, slots: int, trials: int, takes_s: tuple[float, float]
) -> None:
    """A campaign of the real engine on simulated slots, in batches as wide as they."""
    project.propose(names, proposal_id=None, claim="")
    shop = Workshop(
        stack=project.stack,
        trunk=project.trunk_commit,
        trunk_tree=project.trees.merger.tree_of(project.trunk_commit),
        trees=project.trees,
        executor=Simulated(slots, takes_s),
        ledger=project.ledger,
        keep=Keeping(project.state, project.stack, project.ledger, project.weigh),
    )
    with _quiet(project, slots) as listener:
        campaigns.integrate(shop, budget=trials, seed=0, batch=slots, listener=listener)


@contextlib.contextmanager
def _quiet(project: Project, slots: int) -> Iterator[Any]:
    """What `mainstem integrate` does for other processes, and nothing on the terminal."""
    with project.only_campaign(), project.progress_writer(Silent(), slots=slots) as listener:  # type: ignore[arg-type]  # has every method
        yield listener


def _processor_s() -> float:
    """Processor time of this process and of those that it waited for."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def _show(stack: Path, state: Path, *, keep: bool) -> float:
    """Seconds of `mainstem show`, as a user starts it: over what was kept, or over lines alone."""
    took_s = []
    for _ in range(7):
        for name in () if keep else ("shown.json", "weighed.json"):
            (state / name).unlink(missing_ok=True)
        start_s = time.perf_counter()
        subprocess.run(["mainstem", "show"], cwd=stack, check=True, capture_output=True)
        took_s.append(time.perf_counter() - start_s)
    return statistics.median(took_s)


def table(figures: dict[str, Any]) -> str:
    """The figures as text."""
    rate, slots = figures["rate"], figures["slots"]
    lines = []
    if "lacking" in rate:
        lines.append(f"trials a second: bubblewrap does not work here: {rate['lacking']}")
    else:
        ours, bare = statistics.median(rate["ours"]), statistics.median(rate["bare"])
        lines.append(
            f"trials a second, {AT_ONCE} at once, in bubblewrap: {ours:.1f} (at least "
            f"{LEAST_PER_S:.0f}); a bare pool {bare:.1f}, {bare / ours:.2f} times as many (at most "
            f"{MOST_TIMES})"
        )
    lines.append(
        f"{slots['slots']:,} slots, {slots['trials']:,} trials in {slots['wall_s']:.0f} s: "
        f"{slots['cores']:.2f} cores (at most {MOST_CORES}), peak {slots['peak_mb']:.0f} MB"
    )
    lines.append(
        f"`show` on a ledger of {figures['held']:,} trials: {figures['show_s']:.2f} s (at most "
        f"{MOST_SHOW_S}); with nothing kept {figures['listed_s']:.2f} s, and all weighed anew "
        f"{figures['weighed_s']:.1f} s"
    )
    return "\n".join(lines)
