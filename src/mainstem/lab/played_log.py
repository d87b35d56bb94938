"""Simulated campaigns as a log of decisions, so that a policy can be asked for what it does.

The lab's own policies are then judged as any organisation is: by what its log holds. A campaign is
a round; what counts of a proposal is what was last decided of it, on the evidence that stood then.
Of a recipe, what is in the trunk by then is no choice and is left out; repeats count once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.domain.stack import Role
from mainstem.lab.campaign import Act
from mainstem.lab.decisions_log import DecisionsLog, Gain, LoggedDecision, LoggedRun
from mainstem.lab.desk import Desk
from mainstem.lab.policies.policy import work

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np

    from mainstem.lab.campaign import Course, Game, Logged
    from mainstem.lab.landscapes.landscape import BoolArray
    from mainstem.lab.policies.policy import Way

SCORE = "score"
"""The one objective of such a log: the sum over objectives to improve, in margins."""


@dataclass(frozen=True, kw_only=True)
class Played:
    """A campaign and what ran in it.

    Attributes:
        game: What was drawn.
        course: What became of it.
        recipes: Places of the proposals that each run had beside the trunk, in order, each once.
    """

    game: Game
    course: Course
    recipes: tuple[frozenset[int], ...]


class _NotingDesk(Desk):
    """A desk that writes down what runs."""

    def __init__(self, game: Game, rng: np.random.Generator) -> None:
        super().__init__(game, rng)
        self.noted: dict[frozenset[int], None] = {}

    def carry_out(self, recipes: BoolArray, seeds: Sequence[int] | None = None) -> list[int]:
        """As any desk does."""
        for recipe in recipes[: max(self.left, 0)] & ~self.trunk:
            self.noted[frozenset(map(int, recipe.nonzero()[0]))] = None
        return super().carry_out(recipes, seeds)


def noted(way: Way, game: Game, rng: np.random.Generator) -> Played:
    """Plays a campaign and notes what ran.

    Args:
        way: How it is worked; stays as it is.
        game: What was drawn.
        rng: The policy's own generator.

    Raises:
        ValueError: As `policies.policy.play`.
    """
    desk = _NotingDesk(game, rng)
    work(way, desk)
    recipes = tuple(recipe for recipe in desk.noted if recipe)
    return Played(game=game, course=desk.close(), recipes=recipes)


def played_log(campaigns: Iterable[Played], components: Sequence[str]) -> DecisionsLog:
    """The log of an organisation that played these campaigns.

    Args:
        campaigns: In order.
        components: All components, neighbours beside each other.
    """
    decisions: list[LoggedDecision] = []
    runs: list[LoggedRun] = []
    before = 0
    for number, one in enumerate(campaigns, start=1):
        own = _decisions(one, number, before)
        decisions += own
        decided = {decision.number for decision in own}
        for recipe in one.recipes:
            members = frozenset(before + 1 + place for place in recipe)
            if members <= decided:
                runs.append(LoggedRun(round=number, members=members))
        before += one.game.landscape.n
    return DecisionsLog(
        components=tuple(components),
        decisions=tuple(decisions),
        runs=tuple(runs),
    )


def _decisions(one: Played, number: int, before: int) -> list[LoggedDecision]:
    """What was last decided of each proposal of a campaign that anything was decided of."""
    last: dict[int, Logged] = {}
    for logged in one.course.decisions:
        kept = last.get(logged.decision.proposal)
        # A merge tells that it was merged; the word before it says on what evidence.
        if kept is None or logged.decision.estimate is not None:
            last[logged.decision.proposal] = logged
    return [_decision(one, number, before, last[place]) for place in sorted(last)]


def _decision(one: Played, number: int, before: int, logged: Logged) -> LoggedDecision:
    word = logged.decision
    vetoed = word.act is Act.VETOED
    gain = {}
    if word.estimate is not None and word.se is not None and word.se < float("inf"):
        gain = {SCORE: Gain(mean=word.estimate, sd=word.se, margin=1.0, role=Role.IMPROVE)}
    rank = None if word.by is None else int(one.game.staff.ranks[word.by])
    return LoggedDecision(
        number=before + 1 + word.proposal,
        round=number,
        components=(logged.component,),
        gain=gain,
        approved=word.act is not Act.REFUSED,
        vetoed=vetoed,
        by=rank if vetoed else None,
        merged=word.proposal in one.course.merged,
    )
