"""Plays what is missing of the arena with two rungs, one file an episode, as the arena does.

Where landscapes differ in their small rung alone, the top rung alone is played once for all.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
import warnings
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING

from arena import cache
from arena.rungs.catalogue import Spec, catalogue
from arena.rungs.methods import OURS, TOP_ONLY, Entrant, entrants
from arena.rungs.play import play

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from arena.play import Episode

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_TOLD_EVERY_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be played.

    Attributes:
        folder: Of the cache.
        tables: Folder of the tables of rungs.
        landscapes: Names; empty: all.
        methods: Names; empty: all that are played on a landscape.
        repeats: Of each method.
        seed0: Tells sets of repeats apart.
    """

    folder: Path
    tables: Path
    landscapes: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    repeats: int = 50
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
        return [known[name] for name in self.landscapes or known]

    def entrants(self, spec: Spec) -> list[Entrant]:
        """Who is played on a landscape: where the small rung is spoilt, only ourselves.

        Raises:
            ValueError: There is no method of a name.
        """
        known = entrants()
        unknown = [name for name in self.methods if name not in known]
        if unknown:
            raise ValueError(f"no method {', '.join(unknown)}; there are {', '.join(known)}")
        return [
            one
            for one in known.values()
            if (not self.methods or one.name in self.methods)
            and (spec.kind == "real" or one.main)
            and (spec.kind != "spoilt" or one.name in {OURS, TOP_ONLY})
        ]

    def key(self, spec: Spec, entrant: Entrant, repeat: int) -> cache.Key:
        """Under which an episode is filed."""
        land = spec.same_top if entrant.name == TOP_ONLY and spec.same_top else spec.name
        return cache.Key(
            landscape=f"{land}@{spec.version}",
            method=f"{entrant.name}@{entrant.version}",
            seed0=self.seed0,
            repeat=repeat,
        )

    def kept(self, spec: Spec, entrant: Entrant) -> dict[int, Episode]:
        """The episodes that are there, by repeat."""
        found = {
            repeat: cache.read(self.folder, self.key(spec, entrant, repeat))
            for repeat in range(self.repeats)
        }
        return {repeat: episode for repeat, episode in found.items() if episode is not None}


@dataclass(frozen=True, kw_only=True)
class Job:
    """One episode to play, in words that another process understands."""

    plan: Plan
    landscape: str
    method: str
    repeat: int


def missing(plan: Plan) -> list[Job]:
    """What is not in the cache and can be played here.

    Real landscapes first, then spoilt and drawn ones; on each ours first, then the rivals.
    """
    found: dict[cache.Key, tuple[tuple[int, bool, int], Job]] = {}
    kinds = ("real", "spoilt", "drawn")
    for spec in plan.specs():
        for place, entrant in enumerate(plan.entrants(spec)):
            if entrant.lacks:
                continue
            kept = plan.kept(spec, entrant)
            for repeat in range(plan.repeats):
                if repeat not in kept:
                    job = Job(plan=plan, landscape=spec.name, method=entrant.name, repeat=repeat)
                    order = (kinds.index(spec.kind), entrant.name not in {OURS, TOP_ONLY}, place)
                    found.setdefault(plan.key(spec, entrant, repeat), (order, job))
    return [job for _, job in sorted(found.values(), key=lambda pair: pair[0])]


def absent(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Methods that cannot be played here, with the packages that they lack."""
    known = {one.family: one.lacks for spec in plan.specs() for one in plan.entrants(spec)}
    return {family: lacks for family, lacks in known.items() if lacks}


def describe(jobs: Sequence[Job]) -> str:
    """What is missing, a line per landscape."""
    counts: dict[str, dict[str, int]] = {}
    for job in jobs:
        row = counts.setdefault(job.landscape, {})
        row[job.method] = row.get(job.method, 0) + 1
    lines = [
        f"  {land:28s} " + ", ".join(f"{method} {count}" for method, count in row.items())
        for land, row in counts.items()
    ]
    return "\n".join([f"rungs: {len(jobs)} episodes missing", *lines])


def run(jobs: Sequence[Job], processes: int) -> list[str]:
    """Plays the jobs and keeps each as it ends; the failures, one line each."""
    failures: list[str] = []
    if not jobs:
        return failures
    started = told = time.monotonic()
    for done, (job, cause) in enumerate(_played(jobs, processes), start=1):
        if cause is not None:
            failures.append(f"{job.method} on {job.landscape}, repeat {job.repeat}: {cause!r}")
        if time.monotonic() - told > _TOLD_EVERY_S:
            told = time.monotonic()
            print(f"rungs: {done} of {len(jobs)} in {told - started:.0f} s", file=sys.stderr)
    return failures


def _played(jobs: Sequence[Job], processes: int) -> Iterator[tuple[Job, BaseException | None]]:
    """The jobs as they end, each with what made it fail."""
    for name in _THREADS:
        os.environ[name] = "1"  # inherited: numerical libraries read it when they are loaded
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        jobs_of = {pool.submit(play_and_keep, job): job for job in jobs}
        for future in as_completed(jobs_of):
            yield jobs_of[future], future.exception()


def play_and_keep(job: Job) -> None:
    """Plays one episode and files it."""
    spec = catalogue(job.plan.tables)[job.landscape]
    entrant = entrants()[job.method]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rivals' own warnings, of jitter and the like
        episode = play(
            entrant.play,
            spec.make,
            spec.budget,
            seed0=job.plan.seed0,
            repeat=job.repeat,
            modelled=entrant.modelled,
        )
    key = job.plan.key(spec, entrant, job.repeat)
    cache.write(job.plan.folder, key, episode, entrant.libraries())
