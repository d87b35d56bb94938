"""Each proposal's verdict, gains and trials: what `show` lists and `why` explains."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from mainstem.domain.override import OverrideKind
from mainstem.domain.verdict import Verdict, VerdictKind
from mainstem.engine.verdicts import all_verdicts
from mainstem.engine.views.estimates import estimates

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from mainstem.domain.override import Override
    from mainstem.domain.proposal import Proposal, ProposalId
    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.engine.restore import Restored

Numbers: TypeAlias = "tuple[Mapping[str, Any], Mapping[str, Any] | None]"
"""A proposal's gain alone, and within the best recipe: None where it is not in that."""

NO_TRIAL = Verdict(kind=VerdictKind.OPEN, reason="no trial yet: run `mainstem integrate`")
_OTHER_SETTINGS = Verdict(
    kind=VerdictKind.OPEN,
    reason="judged with other settings of mainstem.toml: run `mainstem integrate` again",
)


def verdicts(record: Record, state: Restored | None) -> dict[ProposalId, Verdict]:
    """The verdict of every proposal, merged ones included, in the order of proposing."""
    if state is None:
        return judged(record, {}, unknown=_OTHER_SETTINGS if record.campaigns else NO_TRIAL)
    found = all_verdicts(state, merged=record.merged)
    return judged(record, found, closed=state.closed, same_as=state.aliases.same_as)


def judged(
    record: Record,
    found: Mapping[str, Verdict],
    *,
    unknown: Verdict = NO_TRIAL,
    closed: Collection[str] = (),
    same_as: Mapping[str, str] | None = None,
) -> dict[ProposalId, Verdict]:
    """The verdict of every proposal: what people decided and what was merged over the evidence.

    Args:
        record: What the ledger holds.
        found: What the campaign's evidence says, by proposal.
        unknown: The verdict where it says nothing.
        closed: Proposals that are not judged any more.
        same_as: For every later proposal with a tree, the first one.
    """
    standing = record.standing()
    merges = {p: merge for merge in record.merges for p in merge["recipe"]}
    out = {}
    for proposal in record.in_order():
        merge = merges.get(proposal.id)
        if merge is not None:
            out[proposal.id] = merged_verdict(merge, proposal.id)
        elif proposal.id in record.superseded:
            out[proposal.id] = superseded_verdict(record, proposal)
        elif proposal.id in standing:
            out[proposal.id] = _overridden(standing[proposal.id], found.get(proposal.id))
        elif proposal.id in closed:
            out[proposal.id] = _vetoed_with(record, same_as or {}, proposal.id)
        else:
            out[proposal.id] = found.get(proposal.id, unknown)
    return out


def merge_of(record: Record, proposal: ProposalId) -> Mapping[str, Any] | None:
    """The ledger's entry of the merge that took a proposal into the trunk; None if none did."""
    return next((m for m in reversed(record.merges) if proposal in m["recipe"]), None)


def merged_verdict(merge: Mapping[str, Any], proposal: str) -> Verdict:
    """The verdict of a proposal that is in the trunk."""
    forced = ", forced" if proposal in merge.get("forced", ()) else ""
    reason = f"merged into the trunk as {merge['commits'][proposal][:10]}{forced}"
    return Verdict(kind=VerdictKind.MERGE, reason=reason)


def superseded_verdict(record: Record, proposal: Proposal) -> Verdict:
    """The verdict of a proposal whose branch was proposed again: it is not asked for any more."""
    later, commit = record.superseded[proposal.id], proposal.commit[:10]
    reason = f"superseded by {later}: its branch was proposed again; its trials stay with {commit}"
    return Verdict(kind=VerdictKind.SHELVE, reason=reason)


def _overridden(override: Override, evidence: Verdict | None) -> Verdict:
    """The verdict of a proposal of which a person has said what is to become."""
    reason = " ".join(override.reason.split())
    if override.kind is OverrideKind.VETO:
        return Verdict(kind=VerdictKind.SHELVE, reason=f"vetoed: {reason}")
    if override.kind is OverrideKind.WITHDRAW:
        return Verdict(kind=VerdictKind.SHELVE, reason=f"withdrawn: {reason}")
    if evidence is None:
        return Verdict(kind=VerdictKind.MERGE, reason=f"forced: {reason}")
    return Verdict(
        kind=VerdictKind.MERGE,
        reason=f"forced: {reason} (by the evidence {evidence.kind}: {evidence.reason})",
        others=evidence.others,
    )


def _vetoed_with(record: Record, same_as: Mapping[str, str], proposal: ProposalId) -> Verdict:
    """The verdict of a proposal whose tree is that of one that was vetoed."""
    standing = record.standing()
    tree = same_as.get(proposal, proposal)
    vetoed = next(p for p in standing if same_as.get(p, p) == tree)
    reason = f"the same tree as {vetoed}, which is vetoed"
    return Verdict(kind=VerdictKind.SHELVE, reason=reason)


def described(override: Override) -> dict[str, Any]:
    """An override as JSON; `by` is the token of who signed it."""
    return {
        "proposal": override.proposal,
        "override": override.kind,
        "reason": override.reason,
        "at": override.at,
        "by": override.by,
        "line": override.seq,
    }


def superseded_by(record: Record, proposal: ProposalId) -> ProposalId | None:
    """The version that took a proposal's place; None if none did, or the trunk has it."""
    return None if proposal in record.merged else record.superseded.get(proposal)


def rows(
    record: Record,
    campaign: CampaignRecord | None,
    state: Restored | None,
    decided: Mapping[ProposalId, Verdict],
    *,
    only: Iterable[Proposal] | None = None,
) -> list[dict[str, Any]]:
    """The lines of proposals in `show`; one in the trunk has no gain over it any more.

    Args:
        record: What the ledger holds.
        campaign: The latest campaign, if any.
        state: Its state.
        decided: The verdict of every proposal.
        only: Which proposals; None for all, in the order of proposing.
    """

    def known(proposal: ProposalId) -> Numbers:
        return ({}, None) if state is None else gains(state, proposal)

    return listed(record, decided, tally(campaign, state), known, only=only)


def listed(
    record: Record,
    decided: Mapping[ProposalId, Verdict],
    counts: Tally,
    known: Callable[[ProposalId], Numbers],
    *,
    only: Iterable[Proposal] | None = None,
) -> list[dict[str, Any]]:
    """As `rows`, with gains from anywhere.

    Args:
        record: What the ledger holds.
        decided: The verdict of every proposal.
        counts: How often proposals ran.
        known: A proposal's gain alone and within the best recipe, as `gains` gives them; what is
            merged is not asked for.
        only: Which proposals; None for all, in the order of proposing.
    """
    standing = record.standing()
    return [
        _row(
            record,
            p,
            verdict=decided[p.id],
            counts=counts,
            override=standing.get(p.id),
            numbers=({}, None) if p.id in record.merged else known(p.id),
        )
        for p in (record.in_order() if only is None else only)
    ]


def _row(
    record: Record,
    proposal: Proposal,
    *,
    verdict: Verdict,
    counts: Tally,
    override: Override | None,
    numbers: Numbers,
) -> dict[str, Any]:
    gain, within = numbers
    return {
        "id": proposal.id,
        "branch": proposal.branch,
        "components": list(proposal.components),
        "verdict": verdict.kind,
        "reason": verdict.reason,
        "with": list(verdict.others),
        "gain": gain,
        "gain_in_best": within,
        "trials": counts.trials.get(proposal.id, 0),
        "measured": counts.measured(proposal.id),
        "merged": proposal.id in record.merged,
        "superseded_by": superseded_by(record, proposal.id),
        "override": None if override is None else override.kind,
    }


def gains(state: Restored, proposal: str) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """A proposal's gain alone on the campaign's trunk, and its leave-one-out contribution to best.

    The first is empty for a proposal that the campaign does not know, the second None for one that
    is not in the best recipe.
    """
    first = state.aliases.same_as.get(proposal, proposal)
    if first not in state.aliases.first:
        return {}, None
    within = state.integrator.contribution(first)
    alone = estimates(state.integrator.gain({first} | state.integrator.held))
    return alone, None if within is None else estimates(within)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How often proposals ran.

    Attributes:
        trials: Finished trials of the campaign whose recipe holds a proposal, by proposal.
        succeeded: Runs with a proposal, or with its tree, that succeeded, earlier ones included; by
            the first proposal with that tree.
        same_as: For every later proposal with a tree, the first one.
    """

    trials: Mapping[str, int] = field(default_factory=dict)
    succeeded: Mapping[str, int] = field(default_factory=dict)
    same_as: Mapping[str, str] = field(default_factory=dict)

    def measured(self, proposal: str) -> int:
        """How many runs with a proposal, or with its tree, succeeded, earlier ones included.

        Without any, its gain is what the others' runs make of one that nobody has seen.
        """
        return self.succeeded.get(self.same_as.get(proposal, proposal), 0)


def tally(campaign: CampaignRecord | None, state: Restored | None) -> Tally:
    """Counts the runs of every proposal at once: of a thousand that is a thousand times as quick.

    Args:
        campaign: The campaign, if any.
        state: Its state, which knows what proposals share a tree.
    """
    return counted(campaign, {} if state is None else state.aliases.same_as)


def counted(campaign: CampaignRecord | None, same_as: Mapping[str, str]) -> Tally:
    """As `tally`, where only what shares a tree is known of the state."""
    if campaign is None:
        return Tally()
    trials: Counter[str] = Counter()
    succeeded: Counter[str] = Counter()
    for asked, result in campaign.ended_trials():
        trials.update(asked.trial.recipe)
        if result.values:
            succeeded.update({same_as.get(p, p) for p in asked.trial.recipe})
    for earlier in campaign.inherited:
        if earlier["values"]:
            succeeded.update({same_as.get(p, p) for p in earlier["recipe"]})
    return Tally(trials=trials, succeeded=succeeded, same_as=same_as)
