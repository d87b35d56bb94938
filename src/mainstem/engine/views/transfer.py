"""`show --transfer`: whether what small runs say of a proposal holds where it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.engine.rungs import counted
from mainstem.engine.views.estimates import estimate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mainstem.domain.stack import Stack
    from mainstem.domain.transfer import Agreement, Transfer
    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.engine.restore import Restored


def transfer(
    stack: Stack, record: Record, campaign: CampaignRecord | None, state: Restored | None
) -> dict[str, Any]:
    """The documented JSON of `mainstem show --transfer`.

    Args:
        stack: The stack's description.
        record: What the ledger holds.
        campaign: The latest campaign, if any.
        state: Its state; None where its settings are not today's.
    """
    found = [] if state is None else state.integrator.transfer()
    same_as = {} if state is None else state.aliases.same_as
    rows = {p: _objectives(found, same_as.get(p, p)) for p in (p.id for p in record.in_order())}
    return {
        "stack": stack.name,
        "campaign": None if campaign is None else campaign.id,
        "known": state is not None,
        "confirm_rung": stack.confirm_rung.name if campaign is None else campaign.rung,
        "rungs": counted(campaign),
        "proposals": [
            {"id": proposal, "objectives": objectives}
            for proposal, objectives in rows.items()
            if objectives
        ],
        "agreement": [_agreement(a) for a in (state.integrator.agreement() if state else ())],
    }


def _objectives(found: Iterable[Transfer], proposal: str) -> dict[str, Any]:
    """What is known of a proposal, by objective."""
    return {
        one.objective: {
            "holding": one.holding,
            "same": one.same,
            "effects": [
                {"rung": at.rung, "runs": at.runs, "gain": estimate(at.effect)}
                for at in one.effects
            ],
        }
        for one in found
        if one.proposal == proposal
    }


def _agreement(found: Agreement) -> dict[str, Any]:
    """How far one rung orders recipes as the one that decides does."""
    return {
        "rung": found.rung,
        "objective": found.objective,
        "rank": estimate(found.rank),
        "recipes": found.recipes,
        "both": found.both,
        "carries": estimate(found.carries),
    }
