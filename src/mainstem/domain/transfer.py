"""Transfer: whether what small runs say of a proposal holds where it counts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mainstem.domain.verdict import Estimate


class Holding(StrEnum):
    """Whether a proposal's effect at a lower rung has held at the rung that decides."""

    HELD = "held"
    TURNED = "turned"
    NONE = "no effect"
    OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class AtRung:
    """A proposal's effect at one rung, over the trunk there.

    Attributes:
        rung: The rung's name.
        effect: Posterior, in gain units (above 0 is better).
        runs: Successful runs there of recipes that hold the proposal.
    """

    rung: str
    effect: Estimate
    runs: int


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """What small-scale evidence of a proposal is worth, on one objective.

    Attributes:
        proposal: The proposal.
        objective: The objective's name.
        effects: What it does alone on the trunk at every rung, the cheapest first; the last is the
            rung that decides.
        same: Posterior probability that the cheapest rung and the deciding one agree on its sign.
        holding: `held` or `turned` if that is surely so and the effect is known at both rungs;
            `no effect` if it is surely less than a margin at both.
    """

    proposal: str
    objective: str
    effects: tuple[AtRung, ...]
    same: float
    holding: Holding


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How far a rung's order of recipes is that of the rung that decides.

    Attributes:
        rung: The lower rung's name.
        objective: The objective's name.
        rank: Spearman's correlation over the recipes that ran, with an interval; posterior.
        recipes: How many recipes that is.
        both: How many of them ran at both rungs.
        carries: How much of a gain at the rung carries over to the next one above, posterior.
    """

    rung: str
    objective: str
    rank: Estimate
    recipes: int
    both: int
    carries: Estimate
