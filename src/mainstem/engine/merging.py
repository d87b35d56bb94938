"""What `mainstem merge` will do: which proposals, in which order, with which words and evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mainstem.decisions.confirm import Outcome
from mainstem.domain.errors import NothingToDoError
from mainstem.domain.proposal import ProposalId
from mainstem.domain.recipe import in_order
from mainstem.engine import views
from mainstem.engine.record import setup_digest
from mainstem.engine.restore import members

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.decisions.confirm import Candidate
    from mainstem.domain.proposal import CommitId, Proposal
    from mainstem.domain.stack import Stack
    from mainstem.domain.verdict import Estimate
    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.engine.restore import Restored


@dataclass(frozen=True, kw_only=True)
class Step:
    """One merge commit.

    Attributes:
        proposal: The proposal to merge.
        message: The commit's message, trailers included.
    """

    proposal: Proposal
    message: str


@dataclass(frozen=True, kw_only=True)
class MergePlan:
    """What to merge.

    Attributes:
        campaign: The campaign that decided it.
        steps: One commit each, in the order of proposing.
        confirmation: The evidence as JSON, for the ledger.
        gain: The confirmed gain as JSON.
    """

    campaign: str
    steps: tuple[Step, ...]
    confirmation: Mapping[str, Any]
    gain: Mapping[str, Any]


def plan_merge(
    stack: Stack,
    record: Record,
    campaign: CampaignRecord | None,
    state: Restored | None,
    *,
    trunk: CommitId,
) -> MergePlan:
    """What the latest campaign's confirmed recipe merges onto the trunk.

    Raises:
        NothingToDoError: Nothing is confirmed, it is merged already, or the trunk has moved.
    """
    if campaign is None or state is None:
        raise NothingToDoError("nothing to merge: no campaign yet; run `mainstem integrate`")
    merged_here = [m for m in record.merges if m["campaign"] == campaign.id]
    if merged_here and merged_here[-1]["new"] == trunk:
        raise NothingToDoError(
            f"nothing to merge: the confirmed set of campaign {campaign.id} is in the trunk already"
        )
    if campaign.trunk != trunk:
        raise NothingToDoError(
            f"nothing merged: the trunk {stack.trunk} moved from {campaign.trunk[:10]} to "
            f"{trunk[:10]} since campaign {campaign.id}; run `mainstem integrate` again: what was "
            "learnt of the old trunk stands in the ledger"
        )
    if campaign.setup != setup_digest(stack):
        raise NothingToDoError(
            f"nothing merged: mainstem.toml has changed since campaign {campaign.id} confirmed its "
            "set; run `mainstem integrate` again with the new settings"
        )
    found = state.integrator.recommend()
    if not found.confirmed:
        _refuse_superseded(record, campaign, state)
        raise NothingToDoError(
            f"nothing to merge: campaign {campaign.id} has confirmed no set yet; "
            "a larger `mainstem integrate --budget` goes on from here"
        )
    candidate = next(c for c in state.integrator.candidates() if c.recipe == found.recipe)
    chosen = members(found.recipe, state.integrator)
    steps = tuple(
        Step(
            proposal=record.proposals[ProposalId(p)],
            message=_message(
                record.proposals[ProposalId(p)], campaign, candidate, chosen, found.gain
            ),
        )
        for p in chosen
    )
    return MergePlan(
        campaign=campaign.id,
        steps=steps,
        confirmation=views.candidate(candidate, state.integrator),
        gain=views.estimates(found.gain),
    )


def _refuse_superseded(record: Record, campaign: CampaignRecord, state: Restored) -> None:
    """Says so if a set was confirmed whose member was proposed again since.

    Raises:
        NothingToDoError: It was.
    """
    for candidate in state.integrator.candidates():
        gone = candidate.recipe & record.superseded.keys()
        if candidate.outcome is Outcome.CONFIRMED and gone:
            named = ", ".join(
                f"{p} (now {record.superseded[ProposalId(p)]})"
                for p in in_order(gone, state.integrator.proposals)
            )
            raise NothingToDoError(
                f"nothing merged: the set that campaign {campaign.id} confirmed holds what was "
                f"proposed again since: {named}; run `mainstem integrate` to have the new version "
                "tested"
            )


def _message(
    proposal: Proposal,
    campaign: CampaignRecord,
    candidate: Candidate,
    members: Sequence[str],
    gain: Mapping[str, Estimate],
) -> str:
    """The merge commit's message: what, why, and trailers that lead back to the trials."""
    pairs = len(candidate.pairs)
    body = [
        f"Merge proposal {proposal.id}",
        "",
        f"One of {len(members)} proposals that {pairs} fresh pairs confirmed together",
        f"in campaign {campaign.id}. Gains of the whole set over the trunk:",
        "",
        *(f"  {name}: {_gain(value)}" for name, value in gain.items()),
        "",
    ]
    trials = [
        f"{campaign.id}.{trial}"
        for pair in candidate.pairs
        for trial in (pair.trunk.trial, pair.candidate.trial)
    ]
    trailers = [
        f"Mainstem-Proposal: {proposal.id}",
        f"Mainstem-Campaign: {campaign.id}",
        f"Mainstem-Set: {', '.join(members)}",
        f"Mainstem-Trials: {', '.join(trials)}",
    ]
    return "\n".join([*body, *trailers]) + "\n"


def _gain(value: Estimate) -> str:
    """A gain as `+0.12 [+0.10, +0.14] bits/byte`, at four significant digits."""
    text = f"{value.mean:+.4g}"
    if value.low is not None and value.high is not None and value.high > value.low:
        text += f" [{value.low:+.4g}, {value.high:+.4g}]"
    return f"{text} {value.unit}".rstrip()
