"""What credit says, frozen. All values are gains: above 0 is better, in the objective's unit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.domain.verdict import Estimate


@dataclass(frozen=True, kw_only=True)
class MemberCredit:
    """What one proposal earned of the gain on one objective.

    Attributes:
        proposal: The proposal.
        value: Its Shapley value: the values of all members sum to the total.
        percent: Its value in percent of the total; None where the total may be 0.
        alone: The part that it earns by itself: its gain on the root.
        beside: The part that it earns with each other member: half of what the two do together
            beyond both alone. With `alone` these sum to its value.
        error: Standard error of the value from sampling coalitions; 0 where all were valued.
    """

    proposal: str
    value: Estimate
    percent: float | None
    alone: Estimate
    beside: Mapping[str, Estimate] = field(default_factory=dict)
    error: float = 0.0


@dataclass(frozen=True, kw_only=True)
class MadePossible:
    """That one proposal turned another's effect from a loss to a gain.

    Attributes:
        by: The proposal that did.
        proposal: The one that gains beside it.
        objective: On which objective.
        probability: Of f(proposal) - f(root) being 0 or less and f(both) - f(by) above 0.
    """

    by: str
    proposal: str
    objective: str
    probability: float


@dataclass(frozen=True, kw_only=True)
class GroupCredit:
    """What the owners of a group earned, whoever they are: a group is a number here.

    Attributes:
        group: The group's number.
        value: The sum of its shares in the members' values.
        percent: The value in percent of the total; None where the total may be 0.
    """

    group: int
    value: Estimate
    percent: float | None


@dataclass(frozen=True, kw_only=True)
class Credit:
    """How the gain on one objective is divided.

    Attributes:
        objective: The objective's name.
        total: Gain of all members together over the root.
        members: In the order of proposing; their values sum to the total.
        groups: In the order of their numbers; their values sum to the total as well.
    """

    objective: str
    total: Estimate
    members: tuple[MemberCredit, ...]
    groups: tuple[GroupCredit, ...] = ()
