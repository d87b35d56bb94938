"""Many campaigns of many policies at equal compute, under common random numbers.

A `Setting` says what is drawn for a campaign. Campaign number k of a seed is one game, whoever
plays it and on however many processes: landscape, staff, noise and the policies' own generator come
from children of the seed by that number. So policies are compared within campaigns, where most of
what differs between campaigns cancels out.

What a campaign is worth is the score (the sum of gain over margin of the objectives to improve) of
the trunk at its end, as a share of the best score of all recipes that keep every margin. *Worse
than the trunk* is a score below 0, or an objective lost by more than its margin.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
from scipy import special

from mainstem.lab.campaign import Game
from mainstem.lab.landscapes.landscape import breaks, score
from mainstem.lab.noise import Noise
from mainstem.lab.organisation import drawn, team
from mainstem.lab.policies.policy import play

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mainstem.lab.landscapes.landscape import BoolArray, FloatArray, Landscape
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
    def share(self) -> float:
        """The score as a share of the best one; the score itself where that is not known.

        Where nothing can be gained, 0, or -1 if something was lost.
        """
        if self.best is None:
            return self.score
        if self.best <= 0.0:
            return -1.0 if self.score < 0.0 else 0.0
        return self.score / self.best

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


# ---- what is said of them


@dataclass(frozen=True, kw_only=True)
class Range:
    """An estimate and its interval.

    Attributes:
        mean: The estimate.
        low: Lower end.
        high: Upper end.
    """

    mean: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A policy's figures over campaigns.

    Attributes:
        policy: Its name.
        campaigns: How many.
        share: Mean share of the best gain, with its t interval.
        behind: How much less than the reference in the same campaigns, paired, with its t interval;
            below 0 where the policy is ahead. None of the reference itself.
        worse: Share of campaigns that ended worse than the trunk, with Clopper and Pearson's.
        merged: Mean number merged.
        time: Mean time.
    """

    policy: str
    campaigns: int
    share: Range
    behind: Range | None
    worse: Range
    merged: float
    time: float


def standings(outcomes: Sequence[Outcome], *, reference: str, level: float = 0.9) -> list[Standing]:
    """Every policy's figures, the best first.

    Args:
        outcomes: Of campaigns of one setting and seed. Policies may have played different numbers
            of campaigns; differences are of those that both played.
        reference: The policy that others are compared with.
        level: Of intervals.

    Raises:
        ValueError: The reference played none.
    """
    by_policy = dict[str, dict[int, Outcome]]()
    for outcome in outcomes:
        by_policy.setdefault(outcome.policy, {})[outcome.number] = outcome
    if reference not in by_policy:
        raise ValueError(f"{reference!r} played no campaign: there is nothing to compare with")
    found = [
        _standing(name, played, None if name == reference else by_policy[reference], level)
        for name, played in by_policy.items()
    ]
    return sorted(found, key=lambda s: -s.share.mean)


def _standing(
    name: str, played: dict[int, Outcome], other: dict[int, Outcome] | None, level: float
) -> Standing:
    shares = np.array([o.share for o in played.values()])
    behind = None
    if other is not None:
        both = sorted(played.keys() & other.keys())
        behind = t_interval(np.array([other[k].share - played[k].share for k in both]), level)
    return Standing(
        policy=name,
        campaigns=len(played),
        share=t_interval(shares, level),
        behind=behind,
        worse=share_interval(sum(o.worse for o in played.values()), len(played), level),
        merged=float(np.mean([o.merged for o in played.values()])),
        time=float(np.mean([o.time for o in played.values()])),
    )


def t_interval(values: FloatArray, level: float) -> Range:
    """Student's interval of a mean; without bounds where fewer than two values are known."""
    if len(values) < 2:
        mean = float(values[0]) if len(values) else float("nan")
        return Range(mean=mean, low=float("-inf"), high=float("inf"))
    mean, se = float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
    half = se * float(special.stdtrit(len(values) - 1, 0.5 + 0.5 * level))
    return Range(mean=mean, low=mean - half, high=mean + half)


def share_interval(hits: int, of: int, level: float) -> Range:
    """Clopper and Pearson's interval of a share (1934, Biometrika 26:404)."""
    tail = 0.5 * (1.0 - level)
    low = float(special.betaincinv(hits, of - hits + 1, tail)) if hits else 0.0
    high = float(special.betaincinv(hits + 1, of - hits, 1.0 - tail)) if hits < of else 1.0
    return Range(mean=hits / of, low=low, high=high)
