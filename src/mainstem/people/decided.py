"""What was decided of each proposal, when, and on which evidence: the ledger as an audit reads it.

A proposal is decided once: when its verdict is sealed (the campaign has ended and its turn was
over), when it is merged, or when somebody vetoes or forces it. What counts is the last such word,
with the evidence that stood in the ledger then; later trials do not change it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mainstem.domain.override import OverrideKind
from mainstem.domain.proposal import ProposalId
from mainstem.domain.verdict import VerdictKind
from mainstem.engine import record as records
from mainstem.engine.evidence import evidence_again
from mainstem.engine.record import Record, advance
from mainstem.engine.restore import aliases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.stack import Stack
    from mainstem.engine.ports import Entry
    from mainstem.engine.record import CampaignRecord

_SIGNS: dict[str, int] = {OverrideKind.VETO: -1, OverrideKind.FORCE: 1}

HINDERED = (VerdictKind.BROKEN, VerdictKind.REWORK)
"""Verdicts of what does not run, or not beside the others."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What was decided of one proposal.

    Attributes:
        proposal: Which.
        at: When (ISO 8601).
        campaign: The campaign that it was in; empty for none.
        merged: Whether it is in the trunk, whoever wanted that.
        override: -1 for a veto that stands, 1 for a force that stands, else 0.
        by: Who overrode it, as the ledger has it: an opaque token; empty if nobody did.
        hindered: Whether its verdict was that it does not run, or not beside the others.
        trials: Finished trials that held it until then.
        evidence: What stood in the ledger (`engine.evidence`); None where that is not known.
    """

    proposal: ProposalId
    at: str
    campaign: str
    merged: bool
    override: int
    by: str
    hindered: bool
    trials: int
    evidence: Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class Filed:
    """One proposal, decided or not.

    Attributes:
        proposal: Which.
        since: When it was filed (ISO 8601).
        until: When its verdict was sealed, or it was withdrawn or superseded; None: it still waits.
        judged: Whether it has a sealed verdict; one that was withdrawn before has none.
        hindered: As in `Decision`.
        evidence: What stood in the ledger last; None before anything did.
        share: Its part of all finished trials: one counts in equal parts for those in it, one of
            the trunk for all in the campaign.
    """

    proposal: ProposalId
    since: str
    until: str | None
    judged: bool
    hindered: bool
    evidence: Mapping[str, Any] | None
    share: float


@dataclass(frozen=True, kw_only=True)
class History:
    """The whole of it, each in the order of filing."""

    decisions: tuple[Decision, ...]
    filed: tuple[Filed, ...]


@dataclass(frozen=True, kw_only=True)
class _Word:
    """A line that says something of a proposal.

    Attributes:
        entry: The line.
        stood: The number of the line up to which evidence stood behind it.
        campaign: The campaign.
        trials: Finished trials that held the proposal by then.
        verdict: The last verdict's line by then, itself included.
    """

    entry: Entry
    stood: int
    campaign: str
    trials: int
    verdict: Entry | None


@dataclass(kw_only=True)
class _Reading:
    """The ledger, line by line.

    Attributes:
        record: What the ledger holds so far.
        words: The last verdict of each proposal that is not in the trunk.
        overrides: The veto or force of each that stands.
        sealed: When each verdict was first sealed.
        filed: When each proposal was taken in.
        left: When each was withdrawn or superseded.
        trials: Finished trials that held each.
        shares: Each one's part of finished trials.
    """

    record: Record = field(default_factory=Record)
    words: dict[ProposalId, _Word] = field(default_factory=dict)
    overrides: dict[ProposalId, _Word] = field(default_factory=dict)
    sealed: dict[ProposalId, str] = field(default_factory=dict)
    filed: dict[ProposalId, str] = field(default_factory=dict)
    left: dict[ProposalId, str] = field(default_factory=dict)
    trials: Counter[ProposalId] = field(default_factory=Counter)
    shares: dict[ProposalId, float] = field(default_factory=dict)
    _recipes: dict[str, list[ProposalId]] = field(default_factory=dict)
    _grouped: dict[str, tuple[int, Mapping[str, str]]] = field(default_factory=dict)
    _stood: int = 0

    def read(self, entry: Entry) -> None:
        """Takes one more line."""
        advance(self.record, entry)
        step = _STEPS.get(entry.kind)
        if step is not None:
            step(self, entry)
        if entry.kind != records.VERDICT:
            self._stood = entry.seq

    def taken(self, entry: Entry) -> None:
        """Notes when a proposal was filed."""
        self.filed[ProposalId(entry.body["id"])] = entry.at

    def superseded(self, entry: Entry) -> None:
        """Notes when a later version took a proposal's place."""
        self.left.setdefault(ProposalId(entry.body["id"]), entry.at)

    def asked(self, entry: Entry) -> None:
        """Notes what each trial holds."""
        for row in entry.body["trials"]:
            self._recipes[row["trial"]] = [ProposalId(p) for p in row["recipe"]]

    def ended(self, entry: Entry) -> None:
        """Seals the verdicts of those whose turn is over, and of whom something was judged."""
        judged = self.record.campaigns[entry.body["campaign"]].judged
        for proposal in judged - self.record.closed():
            self.sealed.setdefault(proposal, entry.at)

    def merged(self, entry: Entry) -> None:
        """Seals the verdicts of what is in the trunk."""
        for member in entry.body["recipe"]:
            self.sealed.setdefault(ProposalId(member), entry.at)

    def ran(self, entry: Entry) -> None:
        """Counts a finished trial, for those with the tree of a member as well."""
        body = entry.body
        campaign = self.record.campaigns.get(body["campaign"])
        recipe = self._recipes.get(body["trial"])
        if campaign is None or recipe is None:
            return
        same_as = self._same_as(campaign)
        members = set(recipe)
        members |= {ProposalId(p) for p, first in same_as.items() if first in members}
        self.trials.update(members)
        sharing = recipe or campaign.proposals
        for proposal in sharing:
            self.shares[proposal] = self.shares.get(proposal, 0.0) + 1.0 / len(sharing)

    def _same_as(self, campaign: CampaignRecord) -> Mapping[str, str]:
        """Which proposals of a campaign share a tree with an earlier one."""
        known = self._grouped.get(campaign.id)
        if known is None or known[0] != len(campaign.proposals):
            found = aliases({p: campaign.trees[p] for p in campaign.proposals}).same_as
            known = self._grouped[campaign.id] = (len(campaign.proposals), found)
        return known[1]

    def said(self, entry: Entry) -> None:
        """Keeps a verdict's line, until the next of the proposal."""
        proposal = ProposalId(entry.body["proposal"])
        if proposal not in self.record.merged:
            self.words[proposal] = self._word(proposal, entry, entry)

    def overridden(self, entry: Entry) -> None:
        """A veto or a force stands until it is lifted, or the other one follows."""
        proposal = ProposalId(entry.body["proposal"])
        self.overrides.pop(proposal, None)
        if entry.body["kind"] in {OverrideKind.VETO, OverrideKind.FORCE}:
            said = self.words.get(proposal)
            verdict = None if said is None else said.entry
            self.overrides[proposal] = self._word(proposal, entry, verdict)
        elif entry.body["kind"] == OverrideKind.WITHDRAW:
            self.left.setdefault(proposal, entry.at)
        elif entry.body["kind"] == OverrideKind.LIFT and proposal not in self.record.superseded:
            self.left.pop(proposal, None)

    def _word(self, proposal: ProposalId, entry: Entry, verdict: Entry | None) -> _Word:
        campaign = verdict.body["campaign"] if verdict is not None else self.record.active
        return _Word(
            entry=entry,
            stood=self._stood,
            campaign=campaign,
            trials=self.trials[proposal],
            verdict=verdict,
        )

    def decisive(self, proposal: ProposalId) -> _Word | None:
        """What decided a proposal; None for one that nothing decided."""
        word = self.overrides.get(proposal)
        if word is None and proposal in self.sealed:
            word = self.words.get(proposal)
        return word


_STEPS = {
    records.PROPOSAL_TAKEN: _Reading.taken,
    records.PROPOSAL_WITHDRAWN: _Reading.superseded,
    records.BATCH_ASKED: _Reading.asked,
    records.TRIAL_FINISHED: _Reading.ran,
    records.VERDICT: _Reading.said,
    records.CAMPAIGN_ENDED: _Reading.ended,
    records.MERGED: _Reading.merged,
    records.OVERRIDE: _Reading.overridden,
}
"""What each kind of line says of a proposal."""


def history(stack: Stack, entries: Sequence[Entry]) -> History:
    """Every proposal of a ledger and what was decided of it.

    Args:
        stack: The stack's description, for evidence that was not kept.
        entries: All lines of the ledger, in order.
    """
    reading = _Reading()
    for entry in entries:
        reading.read(entry)
    words = {p: reading.decisive(p) for p in reading.filed}
    again = _again(stack, entries, words)
    decisions = tuple(
        _decision(reading, p, word, again) for p, word in words.items() if word is not None
    )
    known = {decision.proposal: decision for decision in decisions}
    filed = tuple(_filed(reading, p, known.get(p)) for p in reading.filed)
    return History(decisions=decisions, filed=filed)


def _again(
    stack: Stack, entries: Sequence[Entry], words: Mapping[ProposalId, _Word | None]
) -> dict[ProposalId, Mapping[str, Any]]:
    """Evidence of decisions whose line keeps none, from the lines before."""
    wanted: dict[tuple[int, str], list[ProposalId]] = {}
    for proposal, word in words.items():
        kept = word is not None and word.verdict is not None and "evidence" in word.verdict.body
        if word is not None and not kept:
            wanted.setdefault((word.stood, word.campaign), []).append(proposal)
    found: dict[ProposalId, Mapping[str, Any]] = {}
    record = Record()
    for entry in entries if wanted else ():
        advance(record, entry)
        for campaign in [c for at, c in wanted if at == entry.seq and c in record.campaigns]:
            all_of_it = evidence_again(stack, record, record.campaigns[campaign])
            for proposal in wanted[entry.seq, campaign]:
                if proposal in all_of_it:
                    found[proposal] = all_of_it[proposal]
    return found


def _decision(
    reading: _Reading,
    proposal: ProposalId,
    word: _Word,
    again: Mapping[ProposalId, Mapping[str, Any]],
) -> Decision:
    verdict = {} if word.verdict is None else word.verdict.body
    kind = word.entry.body["kind"] if proposal in reading.overrides else ""
    return Decision(
        proposal=proposal,
        at=word.entry.at,
        campaign=word.campaign,
        merged=proposal in reading.record.merged,
        override=_SIGNS.get(kind, 0),
        by=str(word.entry.body.get("by", "")) if kind else "",
        hindered=verdict.get("kind") in HINDERED,
        trials=word.trials,
        evidence=verdict.get("evidence", again.get(proposal)),
    )


def _filed(reading: _Reading, proposal: ProposalId, decision: Decision | None) -> Filed:
    ends = [reading.sealed[proposal]] if proposal in reading.sealed else []
    if proposal in reading.overrides:
        ends.append(reading.overrides[proposal].entry.at)
    last = reading.words.get(proposal)
    said = {} if last is None or last.verdict is None else last.verdict.body
    return Filed(
        proposal=proposal,
        since=reading.filed[proposal],
        until=min(ends) if ends else reading.left.get(proposal),
        judged=bool(ends),
        hindered=said.get("kind") in HINDERED if decision is None else decision.hindered,
        evidence=said.get("evidence") if decision is None else decision.evidence,
        share=reading.shares.get(proposal, 0.0),
    )
