"""What stood behind each verdict when it was written down: kept beside it, and read by audits.

Whether a decision depended on its author can only be asked given what the decider could see. Later
trials and later settings change every estimate, so what stood at the decision is written with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.engine.restore import restore
from mainstem.engine.rungs import same_question

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mainstem.domain.stack import Stack
    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.engine.restore import Restored


def evidence(
    campaign: CampaignRecord, state: Restored, proposals: Iterable[str]
) -> dict[str, Mapping[str, Any]]:
    """The evidence of proposals as the ledger keeps it; {} while no run of the trunk has succeeded.

    Of each: `gain`, per objective what it does alone on the trunk (posterior `mean`, `low`, `high`
    in the objective's unit, above 0 is better) with `margin` and `role` of that time; `belongs`,
    the probability that it adds half a margin to the best recipe; `trials`, how many finished
    trials of the campaign held it. A proposal with the tree of an earlier one has that one's.

    Args:
        campaign: The campaign.
        state: Where it stands.
        proposals: Proposals of the campaign.
    """
    integrator, same_as = state.integrator, state.aliases.same_as
    belongs, margins = integrator.belongs(), integrator.margins()
    if not belongs:
        return {}
    roles = {objective.name: objective.role for objective in integrator.objectives}
    held: dict[str, int] = {}
    for asked, _ in campaign.ended_trials():
        for member in asked.trial.recipe:
            held[member] = held.get(member, 0) + 1
    found: dict[str, Mapping[str, Any]] = {}
    for proposal in proposals:
        first = same_as.get(proposal, proposal)
        gain = {
            name: {
                "mean": value.mean,
                "low": value.low,
                "high": value.high,
                "margin": margins[name],
                "role": str(roles[name]),
            }
            for name, value in integrator.gain({first} | integrator.held).items()
        }
        found[proposal] = {"gain": gain, "belongs": belongs[first], "trials": held.get(first, 0)}
    return found


def evidence_again(
    stack: Stack, record: Record, campaign: CampaignRecord
) -> dict[str, Mapping[str, Any]]:
    """The evidence of every proposal of a campaign, from the ledger up to where it was folded.

    For lines that kept none.

    Args:
        stack: The stack's description.
        record: What the ledger held then.
        campaign: A campaign of that record.

    Returns:
        {} where the campaign ran with other settings than today's: what they were is not known.
    """
    if not same_question(stack, campaign):
        return {}
    state = restore(stack, record, campaign)
    known = {*state.aliases.first, *state.aliases.same_as} - state.closed
    return evidence(campaign, state, sorted(known))
