"""Verdicts of a campaign: those of the integrator, and of proposals that share a tree with another.

The integrator knows one proposal per tree. Everybody who filed a change gets a verdict that names
the others who filed the same one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.proposal import ProposalId
from mainstem.domain.verdict import Verdict, VerdictKind
from mainstem.engine import record as records
from mainstem.engine.evidence import evidence
from mainstem.engine.restore import members

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mainstem.engine.record import CampaignRecord
    from mainstem.engine.restore import Restored


def all_verdicts(state: Restored, *, merged: Collection[str] = ()) -> dict[str, Verdict]:
    """Every proposal's verdict, those that share a tree with an earlier one included.

    A proposal that was superseded has none, its later version is judged in its place; and one that
    was vetoed or withdrawn has none, as nothing is asked of it.

    Args:
        state: The campaign's state.
        merged: The proposals that are in the trunk by now.
    """
    found = state.integrator.verdicts()
    for proposal, first in state.aliases.same_as.items():
        found[proposal] = _of_twin(first, found[first], merged=first in merged)
    for first in dict.fromkeys(state.aliases.same_as.values()):
        twins = [p for p, f in state.aliases.same_as.items() if f == first]
        verdict = found[first]
        found[first] = Verdict(
            kind=verdict.kind,
            reason=f"{verdict.reason} (the same tree as {', '.join(twins)})",
            others=(*verdict.others, *twins),
        )
    return {p: verdict for p, verdict in found.items() if p not in state.closed}


def _of_twin(first: str, original: Verdict, *, merged: bool) -> Verdict:
    """The verdict of a proposal with the tree of `first`: one of them is enough."""
    kind = original.kind
    reason = f"the same tree as {first}, whose verdict it shares: {original.reason}"
    if kind is VerdictKind.MERGE:
        kind = VerdictKind.SHELVE
        reason = f"the same tree as {first}, which is to be merged: nothing will be left to merge"
        if merged:
            reason = f"the same tree as {first}, which is merged: nothing is left to merge"
    return Verdict(kind=kind, reason=reason, others=(first,))


def closing(
    campaign: CampaignRecord, state: Restored, *, audited: bool = True
) -> list[tuple[str, Mapping[str, Any]]]:
    """The lines that close a campaign: every verdict that changed, and that it has ended.

    A verdict is written with the evidence for it, where somebody may ask for that. Evidence alone
    is no change: what was decided is written once.

    Args:
        campaign: The campaign.
        state: Where it stands.
        audited: Whether the evidence is kept.
    """
    changed: dict[str, dict[str, Any]] = {}
    for proposal, verdict in all_verdicts(state).items():
        body = {
            "campaign": campaign.id,
            "proposal": proposal,
            "kind": verdict.kind,
            "reason": verdict.reason,
            "others": list(verdict.others),
        }
        known = campaign.verdicts.get(ProposalId(proposal), {})
        if {key: known.get(key) for key in body} != body:
            changed[proposal] = body
    entries: list[tuple[str, Mapping[str, Any]]] = []
    spoke = evidence(campaign, state, changed) if changed and audited else {}
    for proposal, body in changed.items():
        kept = {"evidence": spoke[proposal]} if proposal in spoke else {}
        entries.append((records.VERDICT, {**body, **kept}))
    if not campaign.ended:
        recommendation = state.integrator.recommend()
        ended = {
            "campaign": campaign.id,
            "recipe": list(members(recommendation.recipe, state.integrator)),
            "confirmed": recommendation.confirmed,
            "spent": state.integrator.spent,
        }
        entries.append((records.CAMPAIGN_ENDED, ended))
    return entries
