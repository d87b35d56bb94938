"""Plays what is missing, in as many processes as wanted, each on one thread.

An episode that fails is named with its cause and stays missing: the next call tries it again, and
no figure is made up for it.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
import warnings
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from arena import cache
from arena.catalogue import catalogue
from arena.methods import LIMIT, OURS, RIVALS, VARIANTS, Entrant, entrant as entrant_of
from arena.play import play

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from arena.catalogue import Spec

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_TOLD_EVERY_S = 30.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be played.

    Attributes:
        folder: Of the cache.
        tables: Folder of the tables of real runs.
        landscapes: Names, in the order of the tables.
        methods: Names, in the order of the rows.
        repeats: Of a method that is not slow.
        slow_repeats: Of a slow one.
        seed0: Tells sets of repeats apart.
    """

    folder: Path
    tables: Path
    landscapes: tuple[str, ...]
    methods: tuple[str, ...]
    repeats: int = 60
    slow_repeats: int = 8
    seed0: int = 0

    def specs(self) -> list[Spec]:
        """The landscapes.

        Raises:
            ValueError: There is none of a name.
        """
        known = catalogue(self.tables)
        unknown = [name for name in self.landscapes if name not in known]
        if unknown:
            raise ValueError(f"no landscape {', '.join(unknown)}; there are {', '.join(known)}")
        return [known[name] for name in self.landscapes]

    def entrants(self, spec: Spec) -> list[Entrant]:
        """The methods that can be played on a landscape."""
        found = sorted_entrants(self.methods)
        return [one for one in found if spec.structured or one.name != LIMIT]

    def repeats_of(self, entrant: Entrant) -> int:
        """How many times a method is played on each landscape."""
        return self.slow_repeats if entrant.slow else self.repeats

    def keys(self, spec: Spec, entrant: Entrant) -> list[cache.Key]:
        """The episodes of a method on a landscape."""
        repeats = range(self.repeats_of(entrant))
        return [cache.Key.of(spec, entrant, self.seed0, repeat) for repeat in repeats]


@dataclass(frozen=True, kw_only=True)
class Job:
    """One episode to play, in words that another process understands."""

    folder: str
    tables: str
    landscape: str
    method: str
    seed0: int
    repeat: int


def missing(plan: Plan) -> list[Job]:
    """What is not in the cache and can be played here: cheap methods first, then by repeat."""
    found = []
    for place, spec in enumerate(plan.specs()):
        for entrant in plan.entrants(spec):
            if entrant.lacks:
                continue
            for key in plan.keys(spec, entrant):
                if cache.read(plan.folder, key) is None:
                    job = Job(
                        folder=str(plan.folder),
                        tables=str(plan.tables),
                        landscape=spec.name,
                        method=entrant.name,
                        seed0=plan.seed0,
                        repeat=key.repeat,
                    )
                    order = (key.repeat, place) if entrant.slow else (place, key.repeat)
                    found.append(((entrant.slow, *order), job))
    return [job for _, job in sorted(found, key=lambda pair: pair[0])]


def absent(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Methods that cannot be played here, with the packages they lack."""
    return {one.label: one.lacks for one in sorted_entrants(plan.methods) if one.lacks}


def sorted_entrants(names: Iterable[str]) -> list[Entrant]:
    """The named methods in the order of the rows, ours first and the limit last."""
    rows = (OURS, *VARIANTS, *RIVALS, LIMIT)
    return [entrant_of(name) for name in sorted(names, key=[*rows, *names].index)]


def describe(jobs: Sequence[Job]) -> str:
    """What is missing, a line per landscape."""
    counts: dict[str, dict[str, int]] = {}
    for job in jobs:
        row = counts.setdefault(job.landscape, {})
        row[job.method] = row.get(job.method, 0) + 1
    lines = [
        f"  {land:24s} " + ", ".join(f"{method} {count}" for method, count in row.items())
        for land, row in counts.items()
    ]
    return "\n".join([f"arena: {len(jobs)} episodes missing", *lines])


def run(jobs: Iterable[Job], processes: int) -> list[str]:
    """Plays the jobs and keeps each as it ends; the failures, one line each."""
    waiting = list(jobs)
    failures: list[str] = []
    if not waiting:
        return failures
    for name in _THREADS:
        os.environ[name] = "1"  # inherited: numerical libraries read it when they are loaded
    started = told = time.monotonic()
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        jobs_of = {pool.submit(play_and_keep, job): job for job in waiting}
        for done, future in enumerate(as_completed(jobs_of), start=1):
            cause = future.exception()
            if cause is not None:
                job = jobs_of[future]
                failures.append(f"{job.method} on {job.landscape}, repeat {job.repeat}: {cause!r}")
            if time.monotonic() - told > _TOLD_EVERY_S:
                told = time.monotonic()
                spent = told - started
                print(f"arena: {done} of {len(waiting)} in {spent:.0f} s", file=sys.stderr)
    return failures


def play_and_keep(job: Job) -> None:
    """Plays one episode and files it."""
    spec = catalogue(Path(job.tables))[job.landscape]
    entrant = entrant_of(job.method)
    key = cache.Key.of(spec, entrant, job.seed0, job.repeat)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rivals' own warnings, of jitter and the like
        episode = play(
            entrant.play,
            spec.make,
            spec.budget,
            seed0=job.seed0,
            repeat=job.repeat,
            modelled=entrant.modelled,
        )
    cache.write(Path(job.folder), key, episode, entrant.libraries())
