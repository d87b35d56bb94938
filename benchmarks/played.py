"""Campaigns of `intervals`, played to the end and kept with every trial.

What is asked costs most of a bench's time, and what is said of the trials in the end changes more
often than what is asked. So trials are kept for the code that asks for them, and a bench of what is
said puts an `Integrator` back to where a campaign ended.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from arena.sources import digest
from intervals import KINDS, LEVEL, PER_PROPOSAL
from keeping import ten_by_ten
from mainstem import Integrator, Objective, Trial
from mainstem.domain.trial import Purpose

if TYPE_CHECKING:
    from intervals import World

_HERE = Path(__file__)
_APART = 1e-9
"""What tells two runs of a table apart, in margins.

A table holds a few runs of each recipe, and one that is drawn again is the same to the last bit. If
the trunk's first three runs are, its metric is taken to have no noise at all: true of a real metric
that does not move, and of these tables never.
"""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A trial and what it measured.

    Attributes:
        recipe: Its members, by their places.
        seed: Its seed.
        purpose: Of a search, or an arm of a pair.
        gain: What it measured.
    """

    recipe: list[int]
    seed: int
    purpose: str
    gain: float


@dataclass(frozen=True, kw_only=True)
class Played:
    """A campaign at its end.

    Attributes:
        runs: Every trial, in order.
        best: The recommended recipe's members, by their places.
    """

    runs: list[Run]
    best: list[int]


def names(n: int) -> list[str]:
    """Proposals by their places."""
    return [f"p{place:02d}" for place in range(n)]


def integrator(world: World, number: int) -> Integrator:
    """The integrator of a campaign, before any trial."""
    return Integrator(
        proposals=names(world.n),
        objectives=[Objective("gain", margin=world.margin, direction="maximize")],
        seed=number,
        level=LEVEL,
    )


def play(world: World, number: int, *, apart: float = 0.0) -> Played:
    """One campaign, about `PER_PROPOSAL` runs a proposal in batches of four.

    Args:
        world: What it runs on.
        number: Its number, and seed.
        apart: The sd of what is added to every run, in margins.
    """
    rng = np.random.default_rng([number, 31])
    at_work = integrator(world, number)
    place = {name: k for k, name in enumerate(at_work.proposals)}
    runs: list[Run] = []
    for _ in range(world.n * PER_PROPOSAL // 4 + 2):
        for trial in at_work.ask(4):
            recipe = sorted(place[name] for name in trial.recipe)
            gain = world.run(frozenset(recipe), trial.seed)
            gain += apart * world.margin * float(rng.standard_normal())
            at_work.tell(trial, {"gain": gain})
            runs.append(Run(recipe=recipe, seed=trial.seed, purpose=trial.purpose, gain=gain))
    best = sorted(place[name] for name in at_work.recommend().recipe)
    return Played(runs=runs, best=best)


def restored(world: World, number: int, played: Played) -> Integrator:
    """The integrator of a campaign at its end."""
    found = integrator(world, number)
    known = found.proposals
    for at, run in enumerate(played.runs, start=1):
        members = frozenset(known[k] for k in run.recipe)
        trial = Trial(at, members, run.seed, None, Purpose(run.purpose))
        found.resume([trial])
        found.tell(trial, {"gain": run.gain})
    return found


def campaigns(folder: Path, name: str, wanted: int) -> list[Played]:
    """Campaigns of a kind of landscapes, from the first; kept ten by ten, for this very code."""
    key = f"{name} {digest(_HERE.read_bytes(), _HERE.with_name('intervals.py').read_bytes())}"
    file = folder / f"campaigns-{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"
    world, apart = KINDS[name].world, _APART if name.startswith("table") else 0.0
    return ten_by_ten(
        file,
        wanted,
        lambda number: play(world(number), number, apart=apart),
        lambda row: Played(runs=[Run(**run) for run in row["runs"]], best=row["best"]),
    )
