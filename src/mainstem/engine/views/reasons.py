"""`why`: the evidence behind one verdict, down to its trials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError
from mainstem.domain.proposal import ProposalId
from mainstem.domain.recipe import in_order
from mainstem.domain.stack import Role
from mainstem.domain.trial import TrialId
from mainstem.engine.restore import restore
from mainstem.engine.rungs import same_question
from mainstem.engine.views.estimates import best, candidate, estimates
from mainstem.engine.views.proposals import (
    described,
    gains,
    merge_of,
    merged_verdict,
    superseded_by,
    tally,
    verdicts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mainstem.domain.proposal import Proposal
    from mainstem.domain.stack import Stack
    from mainstem.domain.verdict import Verdict
    from mainstem.engine.campaign_record import Asked, Finished
    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.engine.restore import Restored


def why(
    stack: Stack,
    record: Record,
    campaign: CampaignRecord | None,
    state: Restored | None,
    proposal: str,
    *,
    restored: Callable[[Stack, Record, CampaignRecord], Restored] = restore,
) -> dict[str, Any]:
    """The documented JSON of `mainstem why`.

    Args:
        stack: The stack's description.
        record: What the ledger holds.
        campaign: The latest campaign, if any; of a merged proposal that of its merge counts.
        state: Its state.
        proposal: The proposal's id.
        restored: Puts a campaign back; for whoever asks of many proposals and keeps the states.

    Raises:
        UsageError: There is no such proposal.
    """
    known = record.proposals.get(ProposalId(proposal))
    if known is None:
        names = ", ".join(p.id for p in record.in_order()) or "none yet"
        raise UsageError(f"no proposal {proposal!r}; there are: {names}")
    merge = merge_of(record, known.id)
    if merge is not None:
        its = record.campaigns[merge["campaign"]]
        known_state = state if its is campaign else None
        if known_state is None and same_question(stack, its):
            known_state = restored(stack, record, its)
        return _of_merged(stack, record, (its, known_state), merge, known)
    gain, within = ({}, None) if state is None else gains(state, known.id)
    return _reasons(
        stack,
        record,
        campaign,
        known,
        verdict=verdicts(record, state)[known.id],
        numbers={
            "gain": gain,
            "gain_in_best": within,
            "confirmation": None if state is None else _confirmation(state, known.id),
            "measured": tally(campaign, state).measured(known.id),
            **_beside(state),
        },
    )


def _of_merged(
    stack: Stack,
    record: Record,
    its: tuple[CampaignRecord, Restored | None],
    merge: Mapping[str, Any],
    proposal: Proposal,
) -> dict[str, Any]:
    """Why a proposal is in the trunk: what its campaign knew when it was merged.

    With other settings than those of the campaign its gains cannot be worked out again; what
    confirmed it stands in the ledger.
    """
    campaign, state = its
    gain, within = ({}, None) if state is None else gains(state, proposal.id)
    if state is not None and set(best(state.integrator)["recipe"]) != set(merge["recipe"]):
        within = None
    return _reasons(
        stack,
        record,
        campaign,
        proposal,
        verdict=merged_verdict(merge, proposal.id),
        numbers={
            "gain": gain,
            "gain_in_best": within,
            "confirmation": _proof(merge, proposal.id),
            "measured": tally(campaign, state).measured(proposal.id),
            **_beside(state),
        },
    )


def _proof(merge: Mapping[str, Any], proposal: str) -> dict[str, Any] | None:
    """What confirmed a merged proposal; None for one that was forced."""
    if proposal in merge.get("forced", ()):
        return None
    return {**merge["confirmation"], "gain": merge["gain"]}


def _reasons(
    stack: Stack,
    record: Record,
    campaign: CampaignRecord | None,
    proposal: Proposal,
    *,
    verdict: Verdict,
    numbers: Mapping[str, Any],
) -> dict[str, Any]:
    """Everything that `why` says, with the numbers of its own campaign."""
    evidence = _evidence(stack, campaign, proposal.id, verdict.others)
    earlier = _earlier(stack, record, campaign, proposal.id)
    override = record.standing().get(proposal.id)
    return {
        "id": proposal.id,
        "branch": proposal.branch,
        "commit": proposal.commit,
        "components": list(proposal.components),
        "claim": proposal.claim,
        "campaign": campaign.id if campaign is not None else None,
        "measured_on": campaign.trunk if campaign is not None else None,
        "ended": campaign is not None and campaign.ended,
        "inherited": _inherited(campaign, proposal.id),
        "imported": _inherited(campaign, proposal.id, imported=True),
        "verdict": verdict.kind,
        "reason": verdict.reason,
        "with": list(verdict.others),
        "follows": proposal.follows,
        "superseded_by": superseded_by(record, proposal.id),
        "override": None if override is None else described(override),
        "merged": proposal.id in record.merged,
        **numbers,
        "guards": [o.name for o in stack.objectives if o.role is Role.GUARD],
        "conflicts": _conflicts_of(record, campaign, proposal.id),
        "evidence": [*evidence, *earlier],
        "confinement": _confinement(campaign, [TrialId(row["trial"]) for row in evidence]),
    }


def _inherited(campaign: CampaignRecord | None, proposal: str, *, imported: bool = False) -> int:
    """How many runs with a proposal its campaign has from earlier ones, or from somebody else."""
    rows = [] if campaign is None else campaign.inherited
    found = (row for row in rows if row.get("imported", False) is imported)
    return sum(proposal in row["recipe"] for row in found)


def _beside(state: Restored | None) -> dict[str, Any]:
    """What a gain is to be read beside: the best recipe, and how much matters."""
    if state is None:
        return {"best": None, "margins": {}}
    return {"best": best(state.integrator), "margins": state.integrator.margins()}


def _confirmation(state: Restored, proposal: str) -> dict[str, Any] | None:
    """The last candidate that holds the proposal, the confirmed one if there is one."""
    holding = [c for c in state.integrator.candidates() if proposal in c.recipe]
    found = state.integrator.recommend()
    holding.sort(key=lambda c: (c.recipe == found.recipe, c.number))
    if not holding:
        return None
    proved = found.confirmed and holding[-1].recipe == found.recipe
    return {
        **candidate(holding[-1], state.integrator),
        "gain": estimates(found.gain) if proved else None,
    }


def _conflicts_of(
    record: Record, campaign: CampaignRecord | None, proposal: str
) -> list[dict[str, Any]]:
    if campaign is None:
        return []
    order = [p.id for p in record.in_order()]
    return [
        {"with": list(in_order(c.proposals - {proposal}, order)), "paths": list(c.paths)}
        for c in record.conflicts_on(campaign.trunk)
        if proposal in c.proposals
    ]


def _evidence(
    stack: Stack, campaign: CampaignRecord | None, proposal: str, others: Sequence[str]
) -> list[dict[str, Any]]:
    """The trials behind a verdict: the proposal's own, the named others', and the trunk's."""
    if campaign is None:
        return []
    named = frozenset(others)
    return [
        _ran(stack, campaign, asked, result, about)
        for asked, result in campaign.ended_trials()
        if (about := _about(asked.trial.recipe, proposal, named)) is not None
    ]


def _earlier(
    stack: Stack, record: Record, campaign: CampaignRecord | None, proposal: str
) -> list[dict[str, Any]]:
    """The runs with a proposal that its campaign has from earlier ones, as they were asked there.

    Without them a verdict that rests on them, such as `broken`, would be without its evidence.
    """
    inherited = () if campaign is None else campaign.inherited
    names = {row["trial"] for row in inherited if proposal in row["recipe"]}
    if not names:
        return []
    return [
        _ran(stack, its, asked, result, "earlier")
        for its in record.campaigns.values()
        for asked, result in its.ended_trials()
        if asked.name in names
    ]


def _ran(
    stack: Stack, campaign: CampaignRecord, asked: Asked, result: Finished, about: str
) -> dict[str, Any]:
    """A run as a line of the evidence."""
    return {
        "trial": asked.name,
        "about": about,
        "recipe": list(in_order(asked.trial.recipe, campaign.proposals)),
        "seed": asked.trial.seed,
        "rung": campaign.rung_of(asked.trial),
        "purpose": asked.trial.purpose,
        "values": _in_order(result.values, [objective.name for objective in stack.objectives]),
        "failure": None if result.failure is None else dict(result.failure),
        "stopped_at": result.stopped_at,
    }


def _confinement(
    campaign: CampaignRecord | None, trials: Sequence[TrialId]
) -> list[dict[str, Any]]:
    """The ways in which these trials were confined, each with how many were."""
    if campaign is None:
        return []
    ways: dict[str, dict[str, Any]] = {}
    for name in trials:
        way = campaign.finished[name].run.get("confinement")
        if way:
            # What is free on the disk differs between trials, and makes no other way of it.
            key = f"{way.get('profile')} {way.get('asked')} {way.get('not_enforced')}"
            count = ways[key]["trials"] if key in ways else 0
            ways[key] = {**way, "trials": count + 1}
    return list(ways.values())


def _in_order(values: Mapping[str, float] | None, order: Sequence[str]) -> dict[str, float] | None:
    """Values in the order of the objectives; the ledger keeps them sorted by name."""
    if values is None:
        return None
    return {name: values[name] for name in order if name in values}


def _about(recipe: frozenset[str], proposal: str, named: frozenset[str]) -> str | None:
    """What a trial says about a proposal; None: nothing directly."""
    if not recipe:
        return "trunk"
    if recipe == {proposal}:
        return "alone"
    if proposal in recipe:
        return "together" if recipe - {proposal} <= named else "in a set"
    return "without it" if recipe <= named and len(recipe) == 1 else None
