"""Many campaigns of many policies at equal compute, under common random numbers.

A `Setting` says what is drawn for a campaign. Campaign number k of a seed is one game, whoever
plays it and on however many processes: landscape, staff, noise and the policies' own generator come
from children of the seed by that number. So policies are compared within campaigns, where most of
what differs between campaigns cancels out.

What is said of them stands in `lab.standings`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from mainstem.lab.campaign import Game
from mainstem.lab.landscapes.landscape import breaks, score
from mainstem.lab.noise import Noise
from mainstem.lab.organisation import drawn, team
from mainstem.lab.policies.policy import play

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mainstem.lab.landscapes.landscape import BoolArray, Landscape
    from mainstem.lab.organisation import Organisation
    from mainstem.lab.policies.policy import Way

T = TypeVar("T")
U = TypeVar("U")

ENUMERATED = 14
"""Up to so many proposals the best recipe is looked for among all of them."""

_CHUNK = 5
"""Campaigns that go to a process at once; changes no number."""


class Mapper(Protocol):
    """What `map` is, perhaps over processes (`executors.pool.mapper`)."""

    def __call__(self, function: Callable[[T], U], arguments: Iterable[T], /) -> Iterable[U]:
        """The function of each, in order."""
        ...


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is drawn for a campaign.

    To be handed to other processes, the callables must be functions of a module, or partials of
    them.

    Attributes:
        name: What it is called in tables.
        landscape: Draws a landscape.
        budget: Runs in all.
        organisation: Who works on it, from the landscape's components.
        slots: Runs at once.
    """

    name: str
    landscape: Callable[[np.random.Generator], Landscape]
    budget: int
    organisation: Callable[[Sequence[str]], Organisation] = team
    slots: int = 4


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a policy made of a campaign.

    Attributes:
        number: The campaign's number.
        policy: The policy's name.
        score: Of the trunk at the end, in margins.
        best: The best score of all recipes that keep every margin, at least 0; None where there are
            too many recipes to look at.
        breaks: Whether the trunk lost more than a margin on some objective.
        merged: How many were merged.
        spent: Runs.
        time: When it ended, in the time of a run.
    """

    number: int
    policy: str
    score: float
    best: float | None
    breaks: bool
    merged: int
    spent: int
    time: float

    @property
    def worse(self) -> bool:
        """Whether it ended worse than the trunk at the beginning."""
        return self.breaks or self.score < 0.0


def game(setting: Setting, seed: int, number: int) -> tuple[Game, np.random.SeedSequence]:
    """The game of a campaign, and what the policies' own generators come from.

    Args:
        setting: What to draw.
        seed: Of the whole comparison.
        number: The campaign's.
    """
    world, noise, own = np.random.SeedSequence(seed, spawn_key=(number,)).spawn(3)
    rng = np.random.default_rng(world)
    landscape = setting.landscape(rng)
    staff = drawn(setting.organisation(landscape.components), landscape, rng)
    found = Game(
        landscape=landscape,
        staff=staff,
        noise=Noise(landscape.n, np.random.default_rng(noise)),
        budget=setting.budget,
        slots=setting.slots,
    )
    return found, own


def campaign(setting: Setting, ways: Sequence[Way], seed: int, number: int) -> list[Outcome]:
    """One campaign, played by every policy."""
    played, own = game(setting, seed, number)
    best = best_score(played.landscape)
    found = []
    for way in ways:
        course = play(way, played, np.random.default_rng(own))
        gain = course.gain[-1]
        objectives = played.landscape.objectives
        found.append(
            Outcome(
                number=number,
                policy=way.name,
                score=float(score(objectives, gain)),
                best=best,
                breaks=bool(breaks(objectives, gain)),
                merged=len(course.merged),
                spent=int(course.spent[-1]),
                time=float(course.time[-1]),
            )
        )
    return found


def campaigns(
    setting: Setting,
    ways: Sequence[Way],
    numbers: Iterable[int],
    *,
    seed: int,
    mapper: Mapper = map,
) -> list[Outcome]:
    """Many campaigns, each played by every policy.

    Args:
        setting: What to draw.
        ways: The policies.
        numbers: Which campaigns.
        seed: Of the whole comparison.
        mapper: A map; over processes if it likes.

    Returns:
        By campaign, within it by policy.
    """
    known = list(numbers)
    chunks = [known[k : k + _CHUNK] for k in range(0, len(known), _CHUNK)]
    done = mapper(partial(_several, setting, tuple(ways), seed), chunks)
    return [outcome for several in done for outcome in several]


def _several(
    setting: Setting, ways: Sequence[Way], seed: int, numbers: Sequence[int]
) -> list[Outcome]:
    return [o for number in numbers for o in campaign(setting, ways, seed, number)]


def best_score(landscape: Landscape) -> float | None:
    """The best score of all recipes that keep every margin; None: there are too many to look."""
    n = landscape.n
    if n > ENUMERATED:
        return None
    gains = landscape.truth(cube(n))
    kept = ~breaks(landscape.objectives, gains)
    return float(np.max(score(landscape.objectives, gains), where=kept, initial=0.0))


def cube(n: int) -> BoolArray:
    """All recipes, shape (2^n, n); bit i of a row's index is proposal i."""
    return np.asarray((np.arange(2**n)[:, None] >> np.arange(n)) & 1, dtype=np.bool_)
