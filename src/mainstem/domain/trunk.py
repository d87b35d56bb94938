"""The trunk's members: proposals that were merged, and what each of them still does there."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.domain.verdict import Estimate


class MemberState(StrEnum):
    """Whether a merged proposal still earns its place, by the posterior."""

    EARNS = "earns its place"
    DEAD_WEIGHT = "dead weight"
    UNSETTLED = "not settled"
    UNKNOWN = "no evidence"


@dataclass(frozen=True, kw_only=True)
class TrunkMember:
    """What a merged proposal still adds to the trunk. All of it is posterior.

    Attributes:
        proposal: The proposal.
        state: In one word.
        adds: f(trunk) - f(trunk without it) per objective, in its unit, above 0 where it helps;
            empty without evidence.
        matters: Probability that the trunk would lose something that matters without it; None
            without evidence.
        runs_without: Runs that leave it out, whatever else they hold.
        runs_without_it_alone: Those of them that hold every other member of the trunk.
        unmet: Members of the trunk that no run holds without it: what it does beside them is
            guessed.
    """

    proposal: str
    state: MemberState
    adds: Mapping[str, Estimate] = field(default_factory=dict)
    matters: float | None = None
    runs_without: int = 0
    runs_without_it_alone: int = 0
    unmet: tuple[str, ...] = ()
