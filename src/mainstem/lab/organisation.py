"""Who works on a stack: skill, judgement, rank, and who comes and goes.

An organisation is data; `drawn` deals the proposals of a landscape out to it. What follows from it
for a campaign is a `Staff`: who made which proposal, when it comes in, when its author has left,
and what everybody thinks of every proposal before any run.

- *Skill*: a proposal is the work of contributor c with odds exp(skill_c z), z its standardised true
  worth alone: who has skill 1 makes a proposal that is 1 sd better e times as often as somebody
  with skill 0. Assumption; skill 0, all alike, unless said otherwise.
- *Judgement*: an opinion of a proposal is its true worth alone and an error, whose sd is
  `judgement` sds of true worths. 1.4 by default: reviewers of one text agree with an intraclass
  correlation of .34 (Bornmann, Mutz and Daniel 2010, PLoS ONE 5:e14331, 48 studies), and
  1 / (1 + 1.4^2) = .34.
- *Rank* orders people, the highest number first. *Students* have the lowest ranks.
- *Arrivals* are a Poisson process, `arrivals` proposals in the time of one run; infinite: all are
  there at the beginning. *Stay* is how long somebody stays on average, in runs, exponentially;
  infinite: nobody leaves. Both are assumptions to vary, not facts: they depend on what a run is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import cycle, islice
from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.landscapes.landscape import alone, score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.lab.landscapes.landscape import BoolArray, FloatArray, IntArray, Landscape

JUDGEMENT = 1.4
"""Sd of the error of an opinion, in sds of true worths (Bornmann et al. 2010)."""


@dataclass(frozen=True, kw_only=True)
class Contributor:
    """Somebody who proposes and judges.

    Attributes:
        home: The component whose team they are in.
        rank: Seniority; who has a higher number is asked first and decides.
        skill: How much likelier a better proposal is theirs; 0: as likely as a worse one.
        judgement: Sd of the error of their opinions, in sds of true worths, 0 or above.
        student: Whether they are a student or an intern.

    Raises:
        ValueError: The judgement's error is below 0.
    """

    home: str
    rank: int = 0
    skill: float = 0.0
    judgement: float = JUDGEMENT
    student: bool = False

    def __post_init__(self) -> None:
        if not self.judgement >= 0.0:
            raise ValueError(f"judgement {self.judgement} is the sd of an error: 0 or above")


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """Who there is, and how they come and go.

    Attributes:
        contributors: At least one.
        arrivals: Proposals in the time of one run; infinite: all are there at the beginning.
        stay: How long somebody stays on average, in runs; infinite: nobody leaves.

    Raises:
        ValueError: There is nobody, or a rate is not above 0.
    """

    contributors: tuple[Contributor, ...]
    arrivals: float = float("inf")
    stay: float = float("inf")

    def __post_init__(self) -> None:
        if not self.contributors:
            raise ValueError("an organisation needs at least one contributor")
        if not (self.arrivals > 0.0 and self.stay > 0.0):
            raise ValueError(f"arrivals {self.arrivals} and stay {self.stay} must be above 0")


@dataclass(frozen=True, kw_only=True, eq=False)
class Staff:
    """What an organisation is to the n proposals of one campaign.

    Attributes:
        contributors: Who there is, C of them.
        authors: Of each proposal, its author, shape (n,).
        arrives: When each comes in, in runs, shape (n,).
        leaves: When each contributor leaves, in runs, shape (C,).
        opinions: What each thinks of each before any run, in score (margins), shape (C, n).
        opinion_sd: Sd of the error of each one's opinions, in score, shape (C,).
    """

    contributors: tuple[Contributor, ...]
    authors: IntArray
    arrives: FloatArray
    leaves: FloatArray
    opinions: FloatArray
    opinion_sd: FloatArray

    @cached_property
    def ranks(self) -> IntArray:
        """Of each contributor, shape (C,)."""
        return np.array([c.rank for c in self.contributors], dtype=np.int64)

    @cached_property
    def students(self) -> BoolArray:
        """Who is one, shape (C,)."""
        return np.array([c.student for c in self.contributors])


def drawn(organisation: Organisation, landscape: Landscape, rng: np.random.Generator) -> Staff:
    """Deals a landscape's proposals out to an organisation.

    Args:
        organisation: Who there is.
        landscape: What there is to propose.
        rng: The campaign's generator.
    """
    n, people = landscape.n, organisation.contributors
    worth = score(landscape.objectives, landscape.truth(alone(n)))
    spread = float(worth.std())
    judgement = np.array([c.judgement for c in people]) * spread
    errors = rng.standard_normal((len(people), n))
    return Staff(
        contributors=people,
        authors=_authors(people, landscape.components, _standard(worth), rng),
        arrives=_arrivals(n, organisation.arrivals, rng),
        leaves=_leaving(len(people), organisation.stay, rng),
        opinions=worth + judgement[:, None] * errors,
        opinion_sd=judgement,
    )


def _standard(worth: FloatArray) -> FloatArray:
    """With mean 0 and sd 1; all 0 where nothing differs."""
    spread = float(worth.std())
    return (worth - worth.mean()) / spread if spread > 0.0 else np.zeros_like(worth)


def _authors(
    people: Sequence[Contributor],
    components: Sequence[str],
    standard: FloatArray,
    rng: np.random.Generator,
) -> IntArray:
    """Of each proposal somebody of its component's team, by skill; of all where it has no team."""
    homes = np.array([c.home for c in people])
    at_home = homes[:, None] == np.array(components)[None, :]
    at_home |= ~at_home.any(axis=0)
    skill = np.array([c.skill for c in people])
    odds = skill[:, None] * standard[None, :] + rng.gumbel(size=(len(people), len(components)))
    return np.asarray(np.where(at_home, odds, -np.inf).argmax(axis=0), dtype=np.int64)


def _arrivals(n: int, rate: float, rng: np.random.Generator) -> FloatArray:
    """Times of a Poisson process, dealt out to proposals at random, shape (n,)."""
    gaps = rng.standard_exponential(n)
    order = rng.permutation(n)
    times = np.zeros(n) if np.isinf(rate) else np.cumsum(gaps) / rate
    return times[order]


def _leaving(people: int, stay: float, rng: np.random.Generator) -> FloatArray:
    """When each leaves, shape (C,)."""
    spans = rng.standard_exponential(people)
    return np.full(people, np.inf) if np.isinf(stay) else spans * stay


def team(
    components: Sequence[str], *, size: int = 8, students: float = 0.25, skill: float = 0.0
) -> Organisation:
    """An organisation for a landscape: people in turn from each component, ranks falling.

    Args:
        components: Of the landscape's proposals.
        size: How many people.
        students: Share of students, who have the lowest ranks.
        skill: Of everybody.

    Raises:
        ValueError: The size is below 1 or the share outside 0 to 1.
    """
    if size < 1 or not 0.0 <= students <= 1.0:
        raise ValueError(f"size {size} and share of students {students}: no such team")
    homes = islice(cycle(dict.fromkeys(components)), size)
    young = round(students * size)
    return Organisation(
        contributors=tuple(
            Contributor(home=home, rank=size - place, skill=skill, student=place >= size - young)
            for place, home in enumerate(homes)
        )
    )
