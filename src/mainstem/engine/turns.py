"""Whose turn it is: which open proposals enter a campaign, and how far its budget goes for them.

Without anybody's claims all enter at once. With them, what is beyond an owner's places waits until
the campaign has decided on those before (`mainstem.decisions.shares`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.decisions import shares
from mainstem.decisions.shares import Claims
from mainstem.domain.proposal import Proposal

if TYPE_CHECKING:
    from mainstem.engine.record import CampaignRecord, Record

ClaimsOf = Callable[[Sequence[Proposal]], Claims]
"""Says whose proposals these are, as numbers."""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Who is in a campaign now.

    Attributes:
        newcomers: Those who enter.
        waiting: Those who wait for their turn, in the order of proposing.
        kept_back: The part of what is left of the budget that is kept for those who wait.
    """

    newcomers: tuple[Proposal, ...]
    waiting: tuple[Proposal, ...] = ()
    kept_back: float = 0.0

    def until(self, budget: float | None, spent: float) -> float | None:
        """The trial up to which the budget goes for those who are in; None without a budget."""
        if budget is None:
            return None
        left = max(0, budget - spent)
        return budget - int(left * self.kept_back)


def undecided_in(record: Record, campaign: CampaignRecord | None) -> list[Proposal]:
    """The open proposals whose turn is to come or not over yet, in the order of proposing."""
    judged = campaign.judged if campaign is not None else set()
    return [p for p in record.open_proposals() if p.id not in judged]


def turn(record: Record, campaign: CampaignRecord | None, claims_of: ClaimsOf | None) -> Turn:
    """Who enters a campaign now, or a new one.

    Args:
        record: What the ledger holds.
        campaign: The campaign; None for one that is to be opened.
        claims_of: Whose proposals are; None: everybody enters.
    """
    inside = set(campaign.proposals) if campaign is not None else set()
    if claims_of is None:
        newcomers = (p for p in record.open_proposals() if p.id not in inside)
        return Turn(newcomers=tuple(newcomers))
    open_now = undecided_in(record, campaign)
    claims = claims_of(open_now)
    active = {at for at, p in enumerate(open_now) if p.id in inside}
    chosen = shares.entering(claims, active)
    late = [at for at in range(len(open_now)) if at not in active and at not in set(chosen)]
    return Turn(
        newcomers=tuple(open_now[at] for at in chosen),
        waiting=tuple(open_now[at] for at in late),
        kept_back=shares.kept_back(claims, late) if late else 0.0,
    )
