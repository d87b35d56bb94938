"""The rungs that a campaign runs at: as its record has them, and beside the stack of today.

A trial counts at its own rung only. So does what earlier campaigns and checks measured: each rung
has a digest of what makes trials at it comparable, whichever others were in play beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.engine.record import setup_digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.domain.stack import Stack
    from mainstem.engine.record import CampaignRecord


def setups(stack: Stack) -> dict[str, str]:
    """The rungs in play, the cheapest first, by the digest of what makes trials comparable."""
    return {setup_digest(stack.at(rung)): rung.name for rung in stack.rungs_in_play}


def in_play(stack: Stack) -> dict[str, Any]:
    """The rungs in play as a key of the line that opens a campaign; none where there is one."""
    if not stack.rung_costs:
        return {}
    rows = [
        {"rung": rung.name, "cost": rung.cost, "setup": setup_digest(stack.at(rung))}
        for rung in stack.rungs_in_play
    ]
    return {"rungs": rows}


def asked_for(stack: Stack) -> dict[str, Any]:
    """What an `Integrator` wants to know of the rungs in play; nothing where there is one."""
    costs = stack.rung_costs
    return {"rungs": costs, "confirm_rung": stack.confirm_rung.name} if costs else {}


def same_question(stack: Stack, campaign: CampaignRecord) -> bool:
    """Whether today's settings are those of a campaign, at the rungs that it runs at.

    Others may be in play for the next one: `--rungs` is a word about one campaign.
    """
    known = {rung.name for rung in stack.rungs}
    if stack.confirm_rung.name != campaign.rung or not campaign.rungs.keys() <= known:
        return False
    costs = {rung.name: rung.cost for rung in stack.rungs}
    if any(rung.cost != costs[name] for name, rung in campaign.rungs.items()):
        return False
    return setup_digest(stack.searching(campaign.rungs)) == campaign.setup


def counted(campaign: CampaignRecord | None) -> list[dict[str, Any]]:
    """Finished trials per rung, the cheapest rung first, as JSON.

    Returns:
        For each rung `rung`, `share` (of a budget, of one trial), `done` and `failed`.
    """
    if campaign is None:
        return []
    found: dict[str, list[bool]] = {name: [] for name in campaign.rungs or [campaign.rung]}
    for asked, result in campaign.ended_trials():
        found[campaign.rung_of(asked.trial)].append(result.values is None)
    shares: Mapping[str, float] = campaign.shares
    return [
        {"rung": name, "share": shares[name], "done": len(ended), "failed": sum(ended)}
        for name, ended in found.items()
    ]
