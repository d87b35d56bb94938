"""What is to be decided, and what has been seen: the records that every decision reads.

Proposals are known by their place in the order of proposing; no name reaches a decision.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mainstem.domain.recipe import TRUNK, Recipe
from mainstem.domain.stack import Role
from mainstem.domain.trial import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mainstem.domain.stack import Objective


@dataclass(frozen=True, kw_only=True)
class Lower:
    """A rung below the one that decides.

    Attributes:
        name: The rung's name.
        cost: Of a trial there, in trials at the rung that decides; above 0, below 1.
    """

    name: str
    cost: float


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A campaign's question.

    Attributes:
        proposals: Ids in the order of proposing.
        objectives: At least one of them to be improved.
        conflicts: Sets that cannot be merged together; a set of one cannot be merged at all.
        trunk: The recipe that is the trunk now.
        seed: Seed of everything random.
        budget: Trials in all, confirmation included; None: until more search does not pay. Those
            at lower rungs count by their cost.
        alpha: Chance of any false merge.
        level: Coverage of intervals.
        rung: The rung that decides; None: it is the only one.
        lower: The rungs below it, the cheapest first.
    """

    proposals: tuple[str, ...]
    objectives: tuple[Objective, ...]
    conflicts: frozenset[Recipe] = frozenset()
    trunk: Recipe = TRUNK
    seed: int = 0
    budget: float | None = None
    alpha: float = 0.05
    level: float = 0.9
    rung: str | None = None
    lower: tuple[Lower, ...] = ()

    def cost(self, rung: str | None) -> float:
        """Of a trial at a rung, in trials at the rung that decides."""
        return next((below.cost for below in self.lower if below.name == rung), 1.0)

    def at_rung(self, rung: str | None) -> str | None:
        """The rung of that name; None is the rung that decides.

        Raises:
            ValueError: There is no such rung.
        """
        known = [self.rung, *(below.name for below in self.lower)]
        if rung is not None and rung not in known:
            named = ", ".join(repr(name) for name in known if name is not None)
            there = (
                f"the rungs are {named}" if named else "this integrator knows one rung only (None)"
            )
            raise ValueError(f"rung {rung!r}: {there}")
        return self.rung if rung is None else rung

    @property
    def improve(self) -> tuple[int, ...]:
        """Places of the objectives to improve."""
        return tuple(j for j, o in enumerate(self.objectives) if o.role is Role.IMPROVE)

    def known(self, recipe: Iterable[str]) -> Recipe:
        """The recipe of these proposals.

        Raises:
            ValueError: An unknown proposal.
        """
        chosen = frozenset(recipe)
        unknown = sorted(chosen - set(self.proposals))
        if unknown:
            raise ValueError(f"unknown proposals: {', '.join(map(repr, unknown))}")
        return chosen


def rungs_of(
    costs: Mapping[str, float], deciding: str | None
) -> tuple[str | None, tuple[Lower, ...]]:
    """The rung that decides and those below it, the cheapest first.

    Args:
        costs: Cost of a trial at each rung, in any unit; none: there is one rung without a name.
        deciding: The rung that decides; None: the last.

    Raises:
        ValueError: There is no such rung, or a cost is not above 0.
    """
    for name, cost in costs.items():
        if not 0.0 < cost < math.inf:
            raise ValueError(f"rung {name!r} costs {cost}: give a number above 0")
    if not costs and deciding is None:
        return None, ()
    rung = list(costs)[-1] if deciding is None else deciding
    if rung not in costs:
        named = ", ".join(map(repr, costs)) or "no rungs are given"
        raise ValueError(f"confirm_rung is {rung!r}: there is no such rung; {named}")
    below = [
        Lower(name=n, cost=cost / costs[rung]) for n, cost in costs.items() if cost < costs[rung]
    ]
    return rung, tuple(sorted(below, key=lambda lower: lower.cost))


def checked(problem: Problem) -> Problem:
    """The question, if it is well put.

    Raises:
        ValueError: Duplicate names, no objective to improve, or a number outside its range.
    """
    names = [o.name for o in problem.objectives]
    for what, items in (("proposals", list(problem.proposals)), ("objectives", names)):
        twice = sorted({item for item in items if items.count(item) > 1})
        if twice:
            raise ValueError(f"{what} named twice: {', '.join(map(repr, twice))}")
    if not problem.improve:
        raise ValueError("at least one objective needs the role 'improve'")
    if not 0.0 < problem.alpha <= 0.5:
        raise ValueError(f"alpha is {problem.alpha}: give a number in (0, 0.5]")
    if not 0.0 < problem.level < 1.0:
        raise ValueError(f"level is {problem.level}: give a number in (0, 1)")
    if problem.seed < 0:
        raise ValueError(f"seed is {problem.seed}: give 0 or more")
    if problem.budget is not None and problem.budget < 1:
        raise ValueError(f"budget is {problem.budget}: give at least 1, or None")
    return problem


@dataclass(frozen=True, kw_only=True)
class Result:
    """One finished run.

    Attributes:
        trial: Its number in the campaign; None for a run that nobody asked for.
        recipe: The recipe.
        seed: The seed.
        purpose: What it was for.
        values: Raw value per objective; None if it crashed.
        rung: Where it ran; None: at the only rung.
    """

    trial: int | None
    recipe: Recipe
    seed: int
    purpose: Purpose = Purpose.SEARCH
    values: Mapping[str, float] | None = field(default=None)
    rung: str | None = None


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A run that a decision wants; the `Integrator` gives it a number.

    Attributes:
        recipe: The recipe to run.
        purpose: What it is for.
        pair: For confirmation: pairs with one number share a fresh seed.
        rung: Where to run it; None: at the rung that decides.
    """

    recipe: Recipe
    purpose: Purpose = Purpose.SEARCH
    pair: int | None = None
    rung: str | None = None
