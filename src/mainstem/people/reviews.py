"""Reviews: predictions of a verdict, scored when it comes, so that advice earns by being right.

What a review earns is a record that others can see. None enters an ask or a verdict: the kind of
its line is known here alone, and nothing that decides may import this package (`.importlinter`,
Blind). A line holds a token in the place of a name.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.domain.errors import UsageError
from mainstem.domain.proposal import ProposalId
from mainstem.domain.verdict import VerdictKind
from mainstem.engine import record as records
from mainstem.stats import predictions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mainstem.domain.stack import Stack
    from mainstem.engine.ports import Entry
    from mainstem.engine.record import Record

REVIEW_GIVEN = "review-given"

KINDS = (
    records.CAMPAIGN_OPENED,
    records.CAMPAIGN_JOINED,
    records.VERDICT,
    records.MERGED,
    records.PROPOSAL_WITHDRAWN,
    REVIEW_GIVEN,
)
"""The lines that say what was predicted, and what came of it."""


@dataclass(frozen=True, kw_only=True)
class Review:
    """One prediction.

    Attributes:
        by: The reviewer's token.
        proposal: What it is about.
        merge: The probability of the verdict `merge`.
        effects: The gain expected of it alone on the trunk, by objective; above 0 is better.
        note: What else was said.
        seen: What stood when it was given: `campaign`, `trials` of the proposal, and the `verdict`
            of an earlier campaign.
    """

    by: str
    proposal: ProposalId
    merge: float
    effects: Mapping[str, float]
    note: str
    seen: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A verdict that was written down.

    Attributes:
        campaign: Which campaign gave it.
        kind: Any but `open`.
    """

    campaign: str
    kind: VerdictKind


@dataclass(kw_only=True)
class Reviews:
    """Every review, and what came of it.

    Attributes:
        waiting: Those that count when a verdict comes, by who and of what.
        scored: Those whose verdict came, with it, in the order of the verdicts.
        sealed: The verdict of every proposal that has one.
        verdicts: Every first verdict of a proposal in a campaign.
    """

    waiting: dict[tuple[str, ProposalId], Review] = field(default_factory=dict)
    scored: list[tuple[Review, Sealed]] = field(default_factory=list)
    sealed: dict[ProposalId, Sealed] = field(default_factory=dict)
    verdicts: dict[tuple[str, ProposalId], VerdictKind] = field(default_factory=dict)

    def advance(self, entry: Entry) -> None:
        """Takes one more line into account."""
        body = entry.body
        if entry.kind == REVIEW_GIVEN:
            review = _review(body)
            self.waiting[review.by, review.proposal] = review
        elif entry.kind in {records.CAMPAIGN_OPENED, records.CAMPAIGN_JOINED}:
            for proposal in body["proposals"]:
                self.sealed.pop(proposal, None)
        elif entry.kind == records.VERDICT:
            self._judged(body["proposal"], body["campaign"], VerdictKind(body["kind"]))
        elif entry.kind == records.MERGED:
            self._merged(body)
        elif entry.kind == records.PROPOSAL_WITHDRAWN:
            self._drop(body["id"])

    def _judged(self, proposal: str, campaign: str, kind: VerdictKind) -> None:
        """A verdict: whoever waited for it is scored by it."""
        known = ProposalId(proposal)
        if kind is VerdictKind.OPEN:
            self.sealed.pop(known, None)
            return
        sealed = Sealed(campaign=campaign, kind=kind)
        self.sealed[known] = sealed
        self.verdicts.setdefault((campaign, known), kind)
        self.scored += [(review, sealed) for review in self._drop(known)]

    def _merged(self, body: Mapping[str, Any]) -> None:
        """A merge: what a person forced into the trunk is no verdict, and scores nobody."""
        for proposal in map(ProposalId, body["recipe"]):
            if proposal in body.get("forced", ()):
                self._drop(proposal)
                self.sealed[proposal] = Sealed(campaign=body["campaign"], kind=VerdictKind.MERGE)
            else:
                self._judged(proposal, body["campaign"], VerdictKind.MERGE)

    def _drop(self, proposal: str) -> list[Review]:
        """Takes out what waits for a proposal's verdict; what that was."""
        keys = [key for key in self.waiting if key[1] == proposal]
        return [self.waiting.pop(key) for key in keys]


def fold(entries: Iterable[Entry]) -> Reviews:
    """Every review after these lines, which are of the kinds `KINDS`, or of all, in order."""
    found = Reviews()
    for entry in entries:
        found.advance(entry)
    return found


def _review(body: Mapping[str, Any]) -> Review:
    return Review(
        by=body["by"],
        proposal=ProposalId(body["proposal"]),
        merge=body["merge"],
        effects=body["effects"],
        note=body["note"],
        seen=body["seen"],
    )


def checked(
    stack: Stack,
    record: Record,
    known: Reviews,
    proposal: str,
    *,
    merge: float,
    effects: Mapping[str, float],
) -> ProposalId:
    """Sees to it that a prediction can be scored; the proposal's id.

    Raises:
        UsageError: No such proposal, its verdict is known, or a number or a name is wrong.
    """
    found = proposal_of(record, proposal)
    if found in record.superseded:
        raise UsageError(
            f"{proposal} was superseded by {record.superseded[found]}: review that one"
        )
    standing = record.standing().get(found)
    if standing is not None and standing.bars:
        raise UsageError(
            f"{proposal} is {standing.kind.past} (line {standing.seq} of the ledger): no verdict "
            "comes, unless that is lifted"
        )
    sealed = known.sealed.get(found)
    if sealed is not None:
        raise UsageError(
            f"the verdict of {proposal} is sealed ({sealed.kind}, campaign {sealed.campaign}): a "
            "review is a prediction; it can be given again once another campaign has the proposal"
        )
    if not 0.0 <= merge <= 1.0:
        raise UsageError(f"--merge {merge:g} is no probability: give a number from 0 to 1")
    names = [objective.name for objective in stack.objectives]
    for name, value in effects.items():
        if name not in names:
            raise UsageError(f"--effect {name}=...: no such objective; there are {_listed(names)}")
        if not math.isfinite(value):
            raise UsageError(f"--effect {name}={value}: give a number, above 0 if it is better")
    return found


def proposal_of(record: Record, proposal: str) -> ProposalId:
    """The id of a known proposal.

    Raises:
        UsageError: There is no such proposal.
    """
    found = ProposalId(proposal)
    if found not in record.proposals:
        raise UsageError(
            f"no proposal {proposal!r}; there are: {_listed([p.id for p in record.in_order()])}"
        )
    return found


def line(
    record: Record,
    known: Reviews,
    proposal: ProposalId,
    *,
    merge: float,
    effects: Mapping[str, float],
    note: str,
    by: str,
) -> tuple[str, dict[str, Any]]:
    """The ledger's record of a review, with what stood when it was given.

    Args:
        record: What the ledger holds.
        known: Every review so far.
        proposal: What it is about.
        merge: The probability of a merge.
        effects: Expected gains by objective.
        note: Words without a name.
        by: The reviewer's token.
    """
    campaign = record.latest()
    trials = () if campaign is None else campaign.ended_trials()
    earlier = [kind for (_, of), kind in known.verdicts.items() if of == proposal]
    return REVIEW_GIVEN, {
        "proposal": proposal,
        "merge": merge,
        "effects": dict(effects),
        "note": note,
        "by": by,
        "seen": {
            "campaign": None if campaign is None else campaign.id,
            "trials": sum(proposal in asked.trial.recipe for asked, _ in trials),
            "verdict": earlier[-1] if earlier else None,
        },
    }


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What was measured of a proposal alone on its campaign's trunk.

    Attributes:
        gain: By objective, as `{"mean", "low", "high", "level", "unit"}`; above 0 is better.
        margins: By objective.
    """

    gain: Mapping[str, Mapping[str, Any]]
    margins: Mapping[str, float]


MeasuredOf = Callable[[str, ProposalId], Measured]
"""What a campaign measured of a proposal; empty where it cannot be worked out any more."""


def report(
    record: Record,
    known: Reviews,
    measured: MeasuredOf,
    *,
    me: str | None,
    person_of: Mapping[str, str],
    others: bool,
) -> dict[str, Any]:
    """The documented JSON of `mainstem review` without a proposal.

    Args:
        record: What the ledger holds.
        known: Every review.
        measured: What was measured.
        me: Who asks, by the name that `person_of` has for them; None if that is nobody.
        person_of: What everybody who holds a token is called; tokens of one person have one name.
        others: Whether others are listed by their names.
    """
    mine = {p for (by, p) in known.waiting if person_of.get(by, by) == me}
    merges = sum(kind is VerdictKind.MERGE for kind in known.verdicts.values())
    rate = merges / len(known.verdicts) if known.verdicts else None
    people = dict.fromkeys(
        person_of.get(review.by, review.by)
        for review in (*(r for r, _ in known.scored), *known.waiting.values())
    )
    of = {name: _record_of(known, measured, name, person_of, rate) for name in people}
    return {
        "to_review": [
            {"id": p.id, "components": list(p.components), "claim": p.claim}
            for p in record.open_proposals()
            if p.id not in known.sealed and p.id not in mine
        ],
        "verdicts": {"all": len(known.verdicts), "merge": merges},
        "yours": of.get(me) if me is not None else None,
        "reviewers": len(people),
        "others": [
            {"name": name, **{k: v for k, v in found.items() if k != "reviews"}}
            for name, found in of.items()
            if name != me
        ]
        if others
        else None,
    }


def _record_of(
    known: Reviews,
    measured: MeasuredOf,
    name: str,
    person_of: Mapping[str, str],
    rate: float | None,
) -> dict[str, Any]:
    """One reviewer's record."""
    scored = [(r, s) for r, s in known.scored if person_of.get(r.by, r.by) == name]
    waiting = [r for r in known.waiting.values() if person_of.get(r.by, r.by) == name]
    said = np.array([review.merge for review, _ in scored])
    came = np.array([sealed.kind is VerdictKind.MERGE for _, sealed in scored], dtype=bool)
    rows = [_row(review, sealed, measured) for review, sealed in scored]
    parts = predictions.decompose(said, came)
    return {
        "scored": len(scored),
        "waiting": len(waiting),
        "brier": predictions.brier(said, came) if scored else None,
        "base_rate": rate,
        "brier_of_base_rate": None
        if rate is None or not scored
        else predictions.brier(np.full(len(came), rate), came),
        "calibration": None if parts is None else _calibration(parts),
        "effects": _errors([effect for row in rows for effect in row["effects"].values()]),
        "reviews": [*rows, *(_row(review, None, measured) for review in waiting)],
    }


def _calibration(parts: predictions.Decomposition) -> dict[str, Any]:
    return {
        "reliability": parts.reliability,
        "resolution": parts.resolution,
        "uncertainty": parts.uncertainty,
        "within": parts.within,
        "bins": [{"n": b.n, "said": b.said, "came": b.came} for b in parts.bins],
    }


def _row(review: Review, sealed: Sealed | None, measured: MeasuredOf) -> dict[str, Any]:
    """A review with what came of it, if that is known."""
    found = Measured(gain={}, margins={})
    if sealed is not None and review.effects:
        found = measured(sealed.campaign, review.proposal)
    return {
        "proposal": review.proposal,
        "merge": review.merge,
        "note": review.note,
        "seen": dict(review.seen),
        "verdict": None if sealed is None else sealed.kind,
        "campaign": None if sealed is None else sealed.campaign,
        "effects": {
            name: _effect(said, found.gain.get(name), found.margins.get(name))
            for name, said in review.effects.items()
        },
    }


def _effect(
    said: float, measured: Mapping[str, Any] | None, margin: float | None
) -> dict[str, Any]:
    """A predicted effect beside the measured one; what is not known is None."""
    if measured is None or margin is None:
        return {"said": said, "measured": None, "error_in_margins": None, "within": None}
    low, high = measured["low"], measured["high"]
    return {
        "said": said,
        "measured": dict(measured),
        "error_in_margins": (said - measured["mean"]) / margin,
        "within": None if low is None or high is None else low <= said <= high,
    }


def _errors(effects: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Errors over all effects that were measured, in margins."""
    known = [effect for effect in effects if effect["measured"] is not None]
    found = predictions.errors(np.array([effect["error_in_margins"] for effect in known]))
    judged = [effect["within"] for effect in known if effect["within"] is not None]
    return {
        "n": len(known),
        "absolute": found.absolute,
        "bias": found.bias,
        "with_interval": len(judged),
        "within": sum(judged),
    }


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none yet"
