"""What the overrides that stand cost, as far as is known now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.override import OverrideKind
from mainstem.engine.lineage import earlier_runs, lineage
from mainstem.engine.restore import members
from mainstem.engine.rungs import setups
from mainstem.engine.views.estimates import estimate, estimates
from mainstem.engine.views.proposals import described
from mainstem.engine.views.trunk import landscape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.domain.override import Price
    from mainstem.domain.proposal import CommitId, ProposalId, TreeId
    from mainstem.domain.stack import Stack
    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.engine.restore import Restored
    from mainstem.integrator import Integrator


def overrides(
    stack: Stack,
    record: Record,
    latest: tuple[CampaignRecord | None, Restored | None],
    *,
    trunk: CommitId,
    tree: TreeId,
) -> dict[str, Any]:
    """The documented JSON of `mainstem veto` and `mainstem force` without a proposal.

    Args:
        stack: The stack's description.
        record: What the ledger holds.
        latest: The latest campaign and its state, if any.
        trunk: The trunk's commit.
        tree: The trunk's tree.
    """
    rows = [
        {
            **described(override),
            "merged": override.proposal in record.merged,
            "price": price(
                stack, record, latest, override.proposal, override.kind, trunk=trunk, tree=tree
            ),
        }
        for override in record.standing().values()
    ]
    return {"stack": stack.name, "trunk": {"commit": trunk}, "overrides": rows}


def price(
    stack: Stack,
    record: Record,
    latest: tuple[CampaignRecord | None, Restored | None],
    proposal: ProposalId,
    kind: OverrideKind,
    *,
    trunk: CommitId,
    tree: TreeId,
) -> Mapping[str, Any] | None:
    """What an override costs by what is known now; None where nothing is, or nothing is asked.

    A withdrawal has no price: it is not an override of anybody but its author. The arguments are
    those of `overrides`.
    """
    if kind not in {OverrideKind.VETO, OverrideKind.FORCE}:
        return None
    found = _integrator(stack, record, latest, proposal, trunk=trunk, tree=tree)
    if found is None:
        return None
    integrator, known_as = found
    if kind is OverrideKind.FORCE:
        priced = integrator.price_of_force(known_as)
    elif known_as in integrator.held:
        return None  # it was vetoed after it had been merged by other means
    else:
        priced = integrator.price_of_veto(known_as)
    return None if priced is None else _described(priced, integrator)


def _integrator(
    stack: Stack,
    record: Record,
    latest: tuple[CampaignRecord | None, Restored | None],
    proposal: ProposalId,
    *,
    trunk: CommitId,
    tree: TreeId,
) -> tuple[Integrator, str] | None:
    """Who knows the proposal, and by which name; None if it never ran on what led to the trunk.

    The campaign on today's trunk if it is part of that, else the landscape of all earlier runs.
    """
    campaign, state = latest
    if campaign is not None and state is not None and campaign.trunk == trunk:
        first = state.aliases.same_as.get(proposal, proposal)
        if first in state.integrator.proposals:
            return state.integrator, first
    line = lineage(record, trunk)
    runs = list(earlier_runs(record, line, setups=setups(stack), tree=tree))
    if not any(proposal in run.recipe for run in runs):
        return None
    return landscape(stack, record, line, runs), proposal


def _described(found: Price, integrator: Integrator) -> dict[str, Any]:
    return {
        "with": list(members(found.with_it, integrator)),
        "without": list(members(found.without_it, integrator)),
        "difference": estimates(found.difference),
        "value": estimate(found.value),
        "runs": None if found.runs is None else estimate(found.runs),
        "runs_so_far": found.runs_so_far,
    }
