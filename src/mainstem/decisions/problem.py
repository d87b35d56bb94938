"""What is to be decided, and what has been seen: the records that every decision reads.

Proposals are known by their place in the order of proposing; no name reaches a decision.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mainstem.domain.recipe import TRUNK, Recipe
from mainstem.domain.stack import Role
from mainstem.domain.trial import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mainstem.domain.stack import Objective


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A campaign's question.

    Attributes:
        proposals: Ids in the order of proposing.
        objectives: At least one of them to be improved.
        conflicts: Sets that cannot be merged together; a set of one cannot be merged at all.
        trunk: The recipe that is the trunk now.
        seed: Seed of everything random.
        budget: Trials in all, confirmation included; None: until more search does not pay.
        alpha: Chance of any false merge.
        level: Coverage of intervals.
    """

    proposals: tuple[str, ...]
    objectives: tuple[Objective, ...]
    conflicts: frozenset[Recipe] = frozenset()
    trunk: Recipe = TRUNK
    seed: int = 0
    budget: int | None = None
    alpha: float = 0.05
    level: float = 0.9

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
    """

    trial: int | None
    recipe: Recipe
    seed: int
    purpose: Purpose = Purpose.SEARCH
    values: Mapping[str, float] | None = field(default=None)


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A run that a decision wants; the `Integrator` gives it a number.

    Attributes:
        recipe: The recipe to run.
        purpose: What it is for.
        pair: For confirmation: pairs with one number share a fresh seed.
    """

    recipe: Recipe
    purpose: Purpose = Purpose.SEARCH
    pair: int | None = None
