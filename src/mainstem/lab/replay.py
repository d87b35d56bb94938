"""Every way of working on a team's own recorded landscape, at equal compute.

Campaign number c is played in world c modulo the number of worlds, with a staff and noise of its
own, by every way that plays so many: the same game for all, so that ways are compared pair by pair.
Each campaign's chance comes from the seed, its number and the way's name: never from which process
plays it, nor from which other ways play. The mean over campaigns is over what the record leaves
open (worlds) and over luck (staff, noise); so are the intervals.

What a campaign's trunk is worth is the sum of gain over margin of the objectives to improve; a
trunk that breaks a margin is worth less than nothing, by how much it breaks it, as the engine has
it (`mainstem.decisions.belief`).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.campaign import Game
from mainstem.lab.desk import Desk
from mainstem.lab.landscapes.landscape import margins, score
from mainstem.lab.noise import Noise
from mainstem.lab.organisation import drawn
from mainstem.lab.policies.policy import work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mainstem.domain.stack import Objective
    from mainstem.lab.campaign import Course
    from mainstem.lab.landscapes.landscape import BoolArray, FloatArray, IntArray
    from mainstem.lab.landscapes.recorded import Recorded, Recording
    from mainstem.lab.organisation import Organisation
    from mainstem.lab.policies.policy import Way

    Mapper = Callable[[Callable[["Task"], "Played"], Sequence["Task"]], Iterable["Played"]]
    """Applies a function to tasks, in any order and on any number of processes."""

CAMPAIGNS = 1000
"""Campaigns of a cheap way."""

COSTLY = 50
"""Campaigns of a way that takes seconds for each."""

WORLDS = 250
"""Worlds, at most: each is played in several times."""

_POINTS = 48
"""Numbers of runs at which courses are noted, beside 0."""


@dataclass(frozen=True, kw_only=True)
class Entrant:
    """A way of working and how often it plays.

    Attributes:
        way: The way.
        campaigns: How many campaigns.
    """

    way: Way
    campaigns: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """What is asked of a record.

    Attributes:
        recording: The record.
        organisation: Who works in the simulated campaigns.
        entrants: The ways.
        budget: Runs in all, of each campaign.
        seed: Of all chance.
    """

    recording: Recording
    organisation: Organisation
    entrants: tuple[Entrant, ...]
    budget: int
    seed: int

    @cached_property
    def grid(self) -> IntArray:
        """Numbers of runs at which courses are noted, rising from 0 to the budget, shape (G,)."""
        return np.unique(np.linspace(0, self.budget, _POINTS + 1).round().astype(np.int64))

    def world_of(self, campaign: int) -> int:
        """The world that a campaign is played in."""
        return campaign % self.recording.worlds.count


@dataclass(frozen=True, kw_only=True)
class Task:
    """Some campaigns in one world.

    Attributes:
        world: Its number.
        games: The campaigns' numbers, each with the places of the entrants that play it.
    """

    world: int
    games: tuple[tuple[int, tuple[int, ...]], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class One:
    """What became of one campaign of one entrant.

    Attributes:
        entrant: The entrant's place.
        campaign: The campaign's number.
        worth: What the trunk was worth by each number of runs of the grid, in margins, shape (G,).
        gain: The last trunk's gain per objective, in its unit, shape (J,).
        broke: Whether the last trunk breaks a margin.
        ran: Whether the last trunk is a recipe that really ran.
        backed: Share of the campaign's runs that were of recipes that really ran.
        merged: How many proposals were merged.
    """

    entrant: int
    campaign: int
    worth: FloatArray
    gain: FloatArray
    broke: bool
    ran: bool
    backed: float
    merged: int


Played = list[One]


@dataclass(frozen=True, kw_only=True, eq=False)
class Replayed:
    """What became of all campaigns of one entrant, in the order of their numbers, N of them.

    Attributes:
        name: The way's name.
        world: The world of each, shape (N,).
        worth: What the trunk was worth over the grid, in margins, shape (N, G).
        gain: The last trunk's gain, in the objectives' units, shape (N, J).
        broke: Whether it breaks a margin, shape (N,).
        ran: Whether it really ran, shape (N,).
        backed: Share of runs of recipes that really ran, shape (N,).
        merged: How many proposals were merged, shape (N,).
    """

    name: str
    world: IntArray
    worth: FloatArray
    gain: FloatArray
    broke: BoolArray
    ran: BoolArray
    backed: FloatArray
    merged: IntArray

    @property
    def final(self) -> FloatArray:
        """What each campaign ended with, in margins, shape (N,)."""
        return np.asarray(self.worth[:, -1])


def replay(question: Question, mapper: Mapper) -> list[Replayed]:
    """Plays everything; the same question gives the same numbers on any number of processes.

    Args:
        question: What is asked.
        mapper: Applies a function to tasks, such as `map`.
    """
    played: list[list[One]] = [[] for _ in question.entrants]
    for some in mapper(partial(_play, question), list(tasks(question))):
        for one in some:
            played[one.entrant].append(one)
    return [
        _gathered(question, entrant.way.name, sorted(ones, key=lambda one: one.campaign))
        for entrant, ones in zip(question.entrants, played, strict=True)
    ]


def tasks(question: Question) -> Iterator[Task]:
    """Everything to play, what takes longest first.

    Ways that play few campaigns are the costly ones: each of their campaigns is a task of its own.
    """
    most = max((entrant.campaigns for entrant in question.entrants), default=0)
    costly = [k for k, e in enumerate(question.entrants) if e.campaigns < most]
    for k in costly:
        for c in range(question.entrants[k].campaigns):
            yield Task(world=question.world_of(c), games=((c, (k,)),))
    cheap = tuple(k for k in range(len(question.entrants)) if k not in costly)
    for world in range(min(question.recording.worlds.count, most)):
        numbers = range(world, most, question.recording.worlds.count)
        yield Task(world=world, games=tuple((c, cheap) for c in numbers))


def worth(objectives: Sequence[Objective], gains: FloatArray) -> FloatArray:
    """What gains are worth, in margins: shape (..., J) to (...).

    Args:
        objectives: With margins as numbers.
        gains: In their units, above 0 is better.
    """
    total = score(objectives, gains)
    broken = np.maximum(-gains / margins(objectives) - 1.0, 0.0).sum(axis=-1)
    return np.asarray(np.where(broken > 0.0, np.minimum(total, 0.0) - broken, total))


def _play(question: Question, task: Task) -> Played:
    """Plays a task; in a process of its own, perhaps."""
    recording = question.recording
    landscape = recording.landscape(task.world)
    ran = {recipe.tobytes() for recipe in recording.ran}
    found = []
    for campaign, places in task.games:
        rng = np.random.default_rng([question.seed, campaign])
        game = Game(
            landscape=landscape,
            staff=drawn(question.organisation, landscape, rng),
            noise=Noise(landscape.n, rng),
            budget=question.budget,
        )
        for k in places:
            way = question.entrants[k].way
            desk = Desk(game, np.random.default_rng([question.seed, campaign, _key(way.name)]))
            work(way, desk)
            backed = desk.count_of(ran) / max(desk.spent, 1)
            found.append(_one(question, landscape, desk.close(), (k, campaign), backed))
    return found


def _one(
    question: Question,
    landscape: Recorded,
    course: Course,
    which: tuple[int, int],
    backed: float,
) -> One:
    """A campaign's course as what is kept of it."""
    objectives = landscape.objectives
    steps = np.searchsorted(course.spent, question.grid, side="right") - 1
    final = course.gain[-1]
    trunk = np.zeros((1, landscape.n), dtype=np.bool_)
    trunk[0, list(course.merged)] = True
    return One(
        entrant=which[0],
        campaign=which[1],
        worth=worth(objectives, course.gain[steps]),
        gain=final,
        broke=bool(np.any(final < -margins(objectives))),
        ran=bool(landscape.ran(trunk)[0]),
        backed=backed,
        merged=len(course.merged),
    )


def _gathered(question: Question, name: str, ones: Sequence[One]) -> Replayed:
    """Campaigns in a row."""
    return Replayed(
        name=name,
        world=np.array([question.world_of(one.campaign) for one in ones], dtype=np.int64),
        worth=np.array([one.worth for one in ones]),
        gain=np.array([one.gain for one in ones]),
        broke=np.array([one.broke for one in ones], dtype=np.bool_),
        ran=np.array([one.ran for one in ones], dtype=np.bool_),
        backed=np.array([one.backed for one in ones]),
        merged=np.array([one.merged for one in ones], dtype=np.int64),
    )


def _key(name: str) -> int:
    """A number that stands for a name, the same in every process."""
    return zlib.crc32(name.encode())
