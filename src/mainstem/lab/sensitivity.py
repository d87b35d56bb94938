"""What assumptions matter: how far each one moves what rules cost.

The result in question is what silos, levels, vetoes and intern silos cost on average against the
same tests without such rules, in margins, on the recorded landscape. What is assumed of people, of
the rules and of runs is varied all at once (`mainstem.stats.sobol`), each over a range that says
what one might as well have assumed. Every point is played in the same worlds with the same chance,
so that what differs between points is what was assumed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.lab.campaign import Game
from mainstem.lab.desk import Desk
from mainstem.lab.noise import Noise
from mainstem.lab.organisation import Organisation, drawn, team
from mainstem.lab.policies.hierarchy import Hierarchy
from mainstem.lab.policies.intern_silo import InternSilo
from mainstem.lab.policies.one_at_a_time import OneAtATime
from mainstem.lab.policies.policy import work
from mainstem.lab.policies.seniority_veto import SeniorityVeto
from mainstem.lab.policies.silos import Silos
from mainstem.lab.replay import worth
from mainstem.stats import sobol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mainstem.domain.stack import Objective
    from mainstem.lab.landscapes.landscape import BoolArray, FloatArray, Landscape
    from mainstem.lab.landscapes.recorded import Recording
    from mainstem.lab.policies.policy import Way

    Point = tuple[int, tuple[float, ...]]
    Mapper = Callable[
        [Callable[[Point], tuple[int, float]], Sequence[Point]], Iterable[tuple[int, float]]
    ]
    """Applies a function to points, in any order and on any number of processes."""

BASE = 16
"""Base sample unless another is asked for: 16 (d + 2) points."""

GAMES = 6
"""Campaigns at every point."""

_ENDS = 0.25
"""Of a range, the part at either end over which the result there is averaged."""


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """Something that is assumed.

    Attributes:
        name: Its key.
        label: In words.
        low: The least that one might as well assume.
        high: The most.
        percent: Whether it is a share.
    """

    name: str
    label: str
    low: float
    high: float
    percent: bool = False

    def said(self, value: float) -> str:
        """A value of it in words."""
        return f"{value:.0%}" if self.percent else f"{value:.3g}"


ASSUMPTIONS = (
    Assumption(name="judgement", label="error of opinions (sd)", low=0.0, high=3.0),
    Assumption(name="skill", label="skill of students", low=-1.0, high=1.0),
    Assumption(name="students", label="share of students", low=0.0, high=0.5, percent=True),
    Assumption(name="veto", label="chance of a veto", low=0.0, high=0.6, percent=True),
    Assumption(name="leftover", label="left over for students", low=0.0, high=0.3, percent=True),
    Assumption(name="seeds", label="seeds per recipe", low=1.0, high=5.0),
    Assumption(name="noise", label="noise, times the recorded", low=0.5, high=2.0),
    Assumption(name="budget", label="runs, times the recorded", low=0.5, high=2.0),
)
"""What is varied, and how far. The ranges are judgements: the page shows them."""


@dataclass(frozen=True, kw_only=True)
class Moved:
    """How far one assumption moves the result.

    Attributes:
        assumption: Which.
        at_low: The result where it is at the low end, in margins.
        at_high: The result where it is at the high end.
        total: Share of the result's variance that it has a part in; None where nothing varies.
        half: Half the width of that share's interval.
    """

    assumption: Assumption
    at_low: float
    at_high: float
    total: float | None
    half: float | None


@dataclass(frozen=True, kw_only=True)
class Sensitivity:
    """What assumptions matter.

    Attributes:
        mean: The result over all points, in margins.
        points: How many points were played.
        games: Campaigns of every way at each.
        level: Coverage of the intervals.
        moved: How far each assumption moves it, the one with the largest share first.
    """

    mean: float
    points: int
    games: int
    level: float
    moved: tuple[Moved, ...]

    def as_json(self) -> dict[str, Any]:
        """As documented."""
        return {
            "mean": self.mean,
            "points": self.points,
            "campaigns": self.games,
            "level": self.level,
            "moved": [
                {
                    "name": one.assumption.name,
                    "label": one.assumption.label,
                    "low": one.assumption.low,
                    "high": one.assumption.high,
                    "said_low": one.assumption.said(one.assumption.low),
                    "said_high": one.assumption.said(one.assumption.high),
                    "at_low": one.at_low,
                    "at_high": one.at_high,
                    "total": one.total,
                    "half": one.half,
                }
                for one in self.moved
            ],
        }


def sensitivity(
    recording: Recording,
    mapper: Mapper,
    *,
    budget: int,
    seed: int,
    base: int = BASE,
    games: int = GAMES,
) -> Sensitivity:
    """Varies everything that is assumed.

    Args:
        recording: The record.
        mapper: Applies a function to points, such as `map`.
        budget: Runs of a campaign, where they are as recorded.
        seed: Of all chance.
        base: Size of the base sample, a power of 2, 8 or more.
        games: Campaigns at every point.

    Raises:
        NoIndicesError: SALib is not installed.
        ValueError: `base` is no power of 2, or below 8.
    """
    ends = [(one.low, one.high) for one in ASSUMPTIONS]
    x = sobol.points(ends, base, seed)
    asked = [(row, tuple(values)) for row, values in enumerate(x.tolist())]
    play = partial(_cost, recording, budget, seed, games)
    found = dict(mapper(play, asked))
    results = np.array([found[row] for row in range(len(x))])
    shares = sobol.indices(ends, results, seed)
    moved = [
        Moved(
            assumption=one,
            at_low=_near(x[:, i], one.low, one, results),
            at_high=_near(x[:, i], one.high, one, results),
            total=None if shares is None else float(shares.total[i]),
            half=None if shares is None else float(shares.half[i]),
        )
        for i, one in enumerate(ASSUMPTIONS)
    ]
    return Sensitivity(
        mean=float(results.mean()),
        points=len(x),
        games=games,
        level=sobol.LEVEL,
        moved=tuple(sorted(moved, key=lambda m: -(m.total or 0.0))),
    )


def _near(values: FloatArray, end: float, one: Assumption, results: FloatArray) -> float:
    """The mean result where an assumption is near an end of its range."""
    return float(results[np.abs(values - end) <= _ENDS * (one.high - one.low)].mean())


def _cost(
    recording: Recording, budget: int, seed: int, games: int, point: Point
) -> tuple[int, float]:
    """What rules cost on average at one point; in a process of its own, perhaps."""
    row, values = point
    assumed = dict(zip((one.name for one in ASSUMPTIONS), values, strict=True))
    free, *bound = _ways(assumed)
    costs = []
    for campaign in range(games):
        landscape = recording.landscape(campaign % recording.worlds.count)
        rng = np.random.default_rng([seed, campaign])
        noisy = Noisier(landscape, assumed["noise"])
        game = Game(
            landscape=noisy,
            staff=drawn(_organisation(recording.components, assumed), landscape, rng),
            noise=Noise(landscape.n, rng),
            budget=max(1, round(budget * assumed["budget"])),
        )
        ends = [_end(way, game, [seed, campaign]) for way in (free, *bound)]
        costs.append(ends[0] - float(np.mean(ends[1:])))
    return row, float(np.mean(costs))


def _end(way: Way, game: Game, seeds: Sequence[int]) -> float:
    """What a way's trunk is worth in the end, in margins."""
    desk = Desk(game, np.random.default_rng(list(seeds)))
    work(way, desk)
    return float(worth(game.landscape.objectives, desk.close().gain[-1]))


def _ways(assumed: Mapping[str, float]) -> tuple[Way, ...]:
    """Tests without a rule, and then the rules."""
    seeds = round(assumed["seeds"])
    return (
        OneAtATime(seeds=seeds),
        Silos(seeds=seeds),
        Hierarchy(seeds=seeds),
        SeniorityVeto(seeds=seeds, veto=assumed["veto"]),
        InternSilo(seeds=seeds, leftover=assumed["leftover"]),
    )


def _organisation(components: Sequence[str], assumed: Mapping[str, float]) -> Organisation:
    """People as they are assumed to be."""
    whole = team(components, students=assumed["students"])
    people = tuple(
        replace(one, judgement=assumed["judgement"], skill=assumed["skill"] * one.student)
        for one in whole.contributors
    )
    return Organisation(contributors=people)


@dataclass(frozen=True, eq=False)
class Noisier:
    """A landscape whose runs scatter more, or less.

    Attributes:
        of: The landscape.
        times: How many times as much.
    """

    of: Landscape
    times: float

    @property
    def n(self) -> int:
        """How many proposals there are."""
        return self.of.n

    @property
    def components(self) -> tuple[str, ...]:
        """Of each proposal, its component."""
        return self.of.components

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """What is measured."""
        return self.of.objectives

    def truth(self, recipes: BoolArray) -> FloatArray:
        """As it is, shape (m, J)."""
        return self.of.truth(recipes)

    def noise_sd(self, recipes: BoolArray) -> FloatArray:
        """So many times the sd, shape (m, J)."""
        return self.times * self.of.noise_sd(recipes)
