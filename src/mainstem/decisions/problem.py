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
    from collections.abc import Mapping

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
