"""What `mainstem merge` will do: which proposals, in which order, with which words and evidence."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mainstem.decisions.confirm import Outcome
from mainstem.domain.errors import NothingToDoError
from mainstem.domain.override import OverrideKind
from mainstem.domain.proposal import ProposalId
from mainstem.domain.recipe import in_order
from mainstem.engine import views
from mainstem.engine.restore import members
from mainstem.engine.rungs import same_question

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.decisions.confirm import Candidate
    from mainstem.domain.override import Override
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
        steps: One commit each, in the order of proposing, those that are forced after the others.
        confirmation: The evidence as JSON, for the ledger; None where all are forced.
        gain: The confirmed gain as JSON.
        forced: The proposals that no evidence confirmed.
        unconfirmed: Why nothing else is merged, where all are forced.
    """

    campaign: str
    steps: tuple[Step, ...] = ()
    confirmation: Mapping[str, Any] | None = None
    gain: Mapping[str, Any] = field(default_factory=dict)
    forced: tuple[str, ...] = ()
    unconfirmed: str = ""


def plan_merge(
    stack: Stack,
    record: Record,
    campaign: CampaignRecord | None,
    state: Restored | None,
    *,
    trunk: CommitId,
) -> MergePlan:
    """What the latest campaign's confirmed recipe merges onto the trunk, and then what is forced.

    Raises:
        NothingToDoError: Nothing is forced, and nothing is confirmed, it is merged already, or the
            trunk has moved.
    """
    forced = [o for o in record.standing().values() if o.kind is OverrideKind.FORCE]
    forced = [o for o in forced if o.proposal not in record.merged]
    if campaign is None:
        raise NothingToDoError("nothing to merge: no campaign yet; run `mainstem integrate`")
    try:
        plan = _confirmed_plan(stack, record, campaign, state, trunk=trunk)
    except NothingToDoError as error:
        if not forced:
            raise
        plan = MergePlan(campaign=campaign.id, unconfirmed=str(error))
    confirmed = {step.proposal.id for step in plan.steps}
    forced = [o for o in forced if o.proposal not in confirmed]
    order = in_order([o.proposal for o in forced], [p.id for p in record.in_order()])
    steps = [_forced_step(record, campaign, record.standing()[ProposalId(p)]) for p in order]
    return replace(plan, steps=(*plan.steps, *steps), forced=order)


def _confirmed_plan(
    stack: Stack,
    record: Record,
    campaign: CampaignRecord,
    state: Restored | None,
    *,
    trunk: CommitId,
) -> MergePlan:
    """The merge of the confirmed recipe.

    Raises:
        NothingToDoError: Nothing is confirmed, it is merged already, or the trunk has moved.
    """
    proved = [m for m in record.merges if m["confirmation"] is not None]
    merged_here = [m for m in proved if m["campaign"] == campaign.id]
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
    if state is None or not same_question(stack, campaign):
        raise NothingToDoError(
            f"nothing merged: mainstem.toml has changed since campaign {campaign.id} confirmed its "
            "set; run `mainstem integrate` again with the new settings"
        )
    found = state.integrator.recommend()
    if not found.confirmed:
        _refuse_closed(record, campaign, state)
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


def _forced_step(record: Record, campaign: CampaignRecord, override: Override) -> Step:
    """The merge commit of a proposal that is merged because somebody said so."""
    lines = [
        f"Merge proposal {override.proposal}",
        "",
        f"Forced, not confirmed: {' '.join(override.reason.split())}",
        "",
        f"Mainstem-Proposal: {override.proposal}",
        f"Mainstem-Campaign: {campaign.id}",
        f"Mainstem-Forced: line {override.seq} of the ledger",
    ]
    message = "\n".join(lines) + "\n"
    return Step(proposal=record.proposals[override.proposal], message=message)


def _refuse_closed(record: Record, campaign: CampaignRecord, state: Restored) -> None:
    """Says so if a set was confirmed whose member is out of the question since.

    Raises:
        NothingToDoError: It was proposed again, vetoed or withdrawn.
    """
    for candidate in state.integrator.candidates():
        gone = candidate.recipe & state.closed
        if candidate.outcome is Outcome.CONFIRMED and gone:
            named = ", ".join(
                f"{p} ({_why_closed(record, ProposalId(p))})"
                for p in in_order(gone, state.integrator.proposals)
            )
            raise NothingToDoError(
                f"nothing merged: the set that campaign {campaign.id} confirmed holds what does "
                f"not stand any more: {named}; run `mainstem integrate` to have the set tested "
                "as it is now"
            )


def _why_closed(record: Record, proposal: ProposalId) -> str:
    """Why a proposal is out of the question, in a word or two."""
    later, override = record.superseded.get(proposal), record.standing().get(proposal)
    if later is not None:
        return f"now {later}"
    if override is None:
        return "its tree is vetoed"
    return "vetoed" if override.kind is OverrideKind.VETO else "withdrawn"


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
