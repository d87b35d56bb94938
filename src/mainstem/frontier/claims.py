"""References that were proposed: claimed, reproduced, not reproduced or undecided, with their runs.

A claim is an effect, written down before anything ran. With c the claimed gain, d the margin and
t = c - min(d, c / 2) the least effect that still is what was claimed:

- *reproduced*: the proposal is merged, or its verdict is `merge`, by evidence and not by force (so
  fresh pairs confirmed a recipe with it), and its effect is t or more: the lower end of its 90%
  interval is;
- *not reproduced*: the upper end of that is below t, or it does not run (`broken`);
- *claimed*: nothing has run with it;
- *undecided*: everything else.

The effect is that of fresh pairs where the proposal was confirmed alone; else the posterior of its
gain alone on the trunk that it was judged on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mainstem.domain.override import OverrideKind
from mainstem.domain.proposal import ProposalId
from mainstem.domain.trial import Purpose
from mainstem.domain.verdict import VerdictKind
from mainstem.engine.views.estimates import estimate
from mainstem.engine.views.proposals import gains, merge_of, verdicts
from mainstem.frontier.gaps import LEVEL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.domain.reference import Claim
    from mainstem.domain.stack import Stack
    from mainstem.domain.verdict import Verdict
    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.engine.restore import Restored


class Status(StrEnum):
    """What has become of a claim."""

    CLAIMED = "claimed"
    REPRODUCED = "reproduced"
    NOT_REPRODUCED = "not-reproduced"
    UNDECIDED = "undecided"


FRESH, POSTERIOR = "fresh pairs", "posterior"
"""What an effect rests on."""


@dataclass(frozen=True, kw_only=True)
class _Effect:
    """What a proposal does on the objective of its claim.

    Attributes:
        value: Mean and interval, as JSON.
        margin: The margin of that time, in the objective's unit.
        rests_on: `FRESH` or `POSTERIOR`.
    """

    value: Mapping[str, Any]
    margin: float
    rests_on: str


def claims(
    stack: Stack,
    record: Record,
    latest: tuple[CampaignRecord | None, Restored | None],
) -> list[dict[str, Any]]:
    """A row per proposal that brings a reference here, in the order of proposing.

    Args:
        stack: The stack's description.
        record: What the ledger holds.
        latest: The latest campaign and its state, if any.
    """
    state = latest[1]
    judged = verdicts(record, state)
    units = {one.name: one.unit for one in stack.objectives}
    return [
        _row(record, state, proposal.id, proposal.reference, judged[proposal.id])
        | {"unit": units.get(proposal.reference.objective, "")}
        for proposal in record.in_order()
        if proposal.reference is not None
    ]


def _row(
    record: Record,
    state: Restored | None,
    proposal: ProposalId,
    claim: Claim,
    verdict: Verdict,
) -> dict[str, Any]:
    runs = _runs(record, state, proposal)
    effect = _effect(record, state, proposal, claim.objective)
    least = None if effect is None else claim.least(effect.margin)
    confirmed = verdict.kind is VerdictKind.MERGE and not _is_forced(record, proposal)
    status = _status(verdict, effect, least, confirmed=confirmed, ran=any(runs.values()))
    return {
        "id": proposal,
        "reference": claim.reference,
        "objective": claim.objective,
        "claimed": claim.gain,
        "least": least,
        "status": status,
        "reason": _reason(status, verdict, effect, least, confirmed=confirmed),
        "verdict": verdict.kind,
        "confirmed": confirmed,
        "gain": None if effect is None else dict(effect.value),
        "rests_on": None if effect is None else effect.rests_on,
        "runs": runs,
    }


def _status(
    verdict: Verdict, effect: _Effect | None, least: float | None, *, confirmed: bool, ran: bool
) -> Status:
    """The definitions at the top of this module."""
    if verdict.kind is VerdictKind.BROKEN:
        return Status.NOT_REPRODUCED
    if not ran:
        return Status.CLAIMED
    if effect is None or least is None:
        return Status.UNDECIDED
    low, high = effect.value["low"], effect.value["high"]
    if high is not None and high < least:
        return Status.NOT_REPRODUCED
    if confirmed and low is not None and low >= least:
        return Status.REPRODUCED
    return Status.UNDECIDED


def _reason(
    status: Status,
    verdict: Verdict,
    effect: _Effect | None,
    least: float | None,
    *,
    confirmed: bool,
) -> str:
    """Why a claim has its status, in a few words."""
    if verdict.kind is VerdictKind.BROKEN:
        return f"it does not run: {verdict.reason}"
    if status is Status.CLAIMED:
        return "nothing has run with it"
    if effect is None or least is None:
        return "no estimate of its effect with today's settings"
    at_least = f"{least:.4g} or more"
    if status is Status.NOT_REPRODUCED:
        gained = "; a gain is confirmed, and it is smaller than claimed" if confirmed else ""
        return f"its effect is surely below {least:.4g}{gained}"
    if status is Status.REPRODUCED:
        return f"confirmed on fresh pairs, and its effect is surely {at_least}"
    low = effect.value["low"]
    looks = f"its effect looks like {at_least}, and no fresh pairs have confirmed it"
    either = f"its effect may lie on either side of {least:.4g}"
    return looks if low is not None and low >= least else either


def _is_forced(record: Record, proposal: ProposalId) -> bool:
    """Whether a person has it merged, or had, whatever the evidence says."""
    merge = merge_of(record, proposal)
    if merge is not None:
        return proposal in merge.get("forced", ())
    override = record.standing().get(proposal)
    return override is not None and override.kind is OverrideKind.FORCE


def _effect(
    record: Record, state: Restored | None, proposal: ProposalId, objective: str
) -> _Effect | None:
    """What it does: of fresh pairs if it was confirmed alone, else as it was judged or is now."""
    kept = _at_the_verdict(record, proposal, objective)
    merge = merge_of(record, proposal)
    if merge is not None and list(merge["recipe"]) == [proposal] and objective in merge["gain"]:
        if kept is not None:
            return _Effect(value=merge["gain"][objective], margin=kept.margin, rests_on=FRESH)
        return None
    if merge is not None or state is None:
        return kept
    best = state.integrator.recommend()
    if best.confirmed and best.recipe - state.integrator.held == {proposal}:
        return _now(state, estimate(best.gain[objective]), objective, FRESH)
    alone, _ = gains(state, proposal)
    return _now(state, alone[objective], objective, POSTERIOR) if objective in alone else kept


def _now(state: Restored, value: Mapping[str, Any], objective: str, rests_on: str) -> _Effect:
    margin = state.integrator.margins()[objective]
    return _Effect(value=value, margin=margin, rests_on=rests_on)


def _at_the_verdict(record: Record, proposal: ProposalId, objective: str) -> _Effect | None:
    """What was known of it when its last verdict was written; None if that was not kept."""
    for campaign in reversed(list(record.campaigns.values())):
        spoke = campaign.verdicts.get(proposal, {}).get("evidence", {}).get("gain", {})
        if objective in spoke:
            row = spoke[objective]
            value = {key: row[key] for key in ("mean", "low", "high")} | {"level": LEVEL}
            return _Effect(value=value, margin=row["margin"], rests_on=POSTERIOR)
    return None


def _runs(record: Record, state: Restored | None, proposal: ProposalId) -> dict[str, list[str]]:
    """The finished trials with a proposal, or with its tree, by what they were for."""
    names = {proposal}
    if state is not None:
        names.add(ProposalId(state.aliases.same_as.get(proposal, proposal)))
    found: dict[str, list[str]] = {"search": [], "confirmation": [], "failed": []}
    for campaign in record.campaigns.values():
        for asked, result in campaign.ended_trials():
            if not names & asked.trial.recipe:
                continue
            fresh = asked.trial.purpose is Purpose.CONFIRM
            kind = "confirmation" if fresh else "search"
            found["failed" if result.values is None else kind].append(asked.name)
    return found
