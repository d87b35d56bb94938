"""Mainstem's own ledger as a log of decisions: what was tried together, judged, vetoed and merged.

A campaign is a round. What counts of a proposal is its verdict when it was decided: the last before
a veto that stands, or before the campaign ended or a merge took it in. A verdict `merge` is what
evidence would merge; `shelve`, `rework` and `broken` are what it would not. One that was to be
merged, and that a later merge passed over without a word, was not merged in spite of the evidence;
one that still waits for its merge is no decision yet. A recipe counts once in a campaign, and only
as one of search: pairs of confirmation are not chosen by teams.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scipy.special import ndtri

from mainstem.domain.override import OverrideKind
from mainstem.domain.proposal import ProposalId
from mainstem.domain.stack import Role
from mainstem.domain.trial import Purpose
from mainstem.domain.verdict import VerdictKind
from mainstem.engine import record as records
from mainstem.engine.record import Record, advance
from mainstem.lab.decisions_log import DecisionsLog, Gain, LoggedDecision, LoggedRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mainstem.domain.proposal import Proposal
    from mainstem.engine.ports import Entry

_REFUSED = (VerdictKind.SHELVE, VerdictKind.REWORK, VerdictKind.BROKEN)
_TAIL = float(ndtri(0.95))  # sds from the mean to an end of the ledger's 90% intervals


@dataclass(frozen=True, kw_only=True)
class _Word:
    """The verdict that stood when something was decided.

    Attributes:
        campaign: Of which campaign; empty for none.
        kind: Which; empty for none.
        evidence: What stood behind it.
    """

    campaign: str = ""
    kind: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class _Reading:
    """The ledger, line by line.

    Attributes:
        record: All so far.
        words: The last verdict of each proposal that is not merged.
        vetoed: The word that stood at each veto that stands, and the token that it came from.
        sealed: Proposals whose campaign ended after their turn, or that are merged.
        passed: Proposals with a verdict `merge` that a merge left out.
    """

    record: Record = field(default_factory=Record)
    words: dict[ProposalId, _Word] = field(default_factory=dict)
    vetoed: dict[ProposalId, tuple[_Word, str]] = field(default_factory=dict)
    sealed: set[ProposalId] = field(default_factory=set)
    passed: set[ProposalId] = field(default_factory=set)

    def read(self, entry: Entry) -> None:
        """Takes one more line."""
        advance(self.record, entry)
        body = entry.body
        if entry.kind == records.VERDICT:
            self._judged(ProposalId(body["proposal"]), body)
        elif entry.kind == records.CAMPAIGN_ENDED:
            self.sealed |= self.record.campaigns[body["campaign"]].judged - self.record.closed()
        elif entry.kind == records.MERGED:
            self._merged({ProposalId(member) for member in body["recipe"]})
        elif entry.kind == records.OVERRIDE:
            self._overridden(ProposalId(body["proposal"]), body)

    def _judged(self, proposal: ProposalId, body: Mapping[str, Any]) -> None:
        if proposal not in self.record.merged:
            self.passed.discard(proposal)
            self.words[proposal] = _Word(
                campaign=body["campaign"], kind=body["kind"], evidence=body.get("evidence", {})
            )

    def _merged(self, recipe: set[ProposalId]) -> None:
        self.sealed |= recipe
        waiting = {p for p, word in self.words.items() if word.kind == VerdictKind.MERGE}
        self.passed |= waiting - self.record.closed()

    def _overridden(self, proposal: ProposalId, body: Mapping[str, Any]) -> None:
        self.vetoed.pop(proposal, None)
        if body["kind"] == OverrideKind.VETO:
            word = self.words.get(proposal, _Word(campaign=self.record.active))
            self.vetoed[proposal] = (word, str(body["by"]))


def logged(
    entries: Iterable[Entry], components: Sequence[str], levels: Mapping[str, int]
) -> DecisionsLog:
    """The log that a ledger keeps.

    Args:
        entries: All lines of the ledger, in order.
        components: Names of the stack's components, neighbours beside each other.
        levels: The level of seniority behind each token of the ledger; who is not in it has none.
    """
    reading = _Reading()
    for entry in entries:
        reading.read(entry)
    rounds = {name: number for number, name in enumerate(reading.record.campaigns, start=1)}
    decisions = tuple(
        decision
        for proposal in reading.record.in_order()
        if (decision := _decision(reading, proposal, rounds, components, levels)) is not None
    )
    return DecisionsLog(
        components=tuple(components),
        decisions=decisions,
        runs=tuple(_runs(reading.record, rounds, decisions)),
    )


def _decision(
    reading: _Reading,
    proposal: Proposal,
    rounds: Mapping[str, int],
    components: Sequence[str],
    levels: Mapping[str, int],
) -> LoggedDecision | None:
    """What was decided of a proposal; None while nothing was, or its author took it back."""
    name, record = proposal.id, reading.record
    vetoed, merged = name in reading.vetoed, name in record.merged
    if not vetoed and (name not in reading.sealed or name in record.closed()):
        return None
    word, token = reading.vetoed.get(name, (reading.words.get(name, _Word()), ""))
    approved = True if word.kind == VerdictKind.MERGE else None
    approved = False if word.kind in _REFUSED else approved
    waits = approved is True and not merged and not vetoed and name not in reading.passed
    if waits or (approved is None and not vetoed and not merged):
        return None
    placed = tuple(c for c in proposal.components if c in components)
    return LoggedDecision(
        number=proposal.order,
        round=rounds.get(word.campaign, 0),
        components=placed,
        gain=_gains(word.evidence),
        approved=approved,
        vetoed=vetoed,
        by=levels.get(token) if vetoed else None,
        merged=merged,
    )


def _gains(evidence: Mapping[str, Any]) -> dict[str, Gain]:
    """Means and sds of the evidence that stood; {} where an end of an interval is not known."""
    rows = evidence.get("gain", {})
    if any(row["low"] is None or row["high"] is None for row in rows.values()):
        return {}
    return {
        name: Gain(
            mean=row["mean"],
            sd=(row["high"] - row["low"]) / (2.0 * _TAIL),
            margin=row["margin"],
            role=Role(row["role"]),
        )
        for name, row in rows.items()
    }


def _runs(
    record: Record, rounds: Mapping[str, int], decisions: Sequence[LoggedDecision]
) -> Iterable[LoggedRun]:
    """The recipes that each campaign searched with, of proposals decided in it."""
    numbers = {p.id: p.order for p in record.in_order()}
    own = {at: {d.number for d in decisions if d.round == at} for at in rounds.values()}
    for name, campaign in record.campaigns.items():
        at = rounds[name]
        recipes = (
            frozenset(numbers[ProposalId(p)] for p in asked.trial.recipe)
            for asked in campaign.asked()
            if asked.trial.purpose is Purpose.SEARCH
        )
        for members in dict.fromkeys(recipes):
            if members and members <= own[at]:
                yield LoggedRun(round=at, members=members)
