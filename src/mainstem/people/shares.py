"""Shares of compute: who has what in the campaign, what their trials came to, who waited how long.

A trial informs every proposal in it, so it counts in equal parts for each of them; a trial of the
trunk, for all that are in the campaign. Seconds of machines are counted the same way.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.decisions import shares
from mainstem.domain.proposal import ProposalId
from mainstem.engine import record as records
from mainstem.engine.turns import turn, undecided_in
from mainstem.stats.evenness import jain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mainstem.engine.ports import Entry
    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.people.directory import Directory


@dataclass(kw_only=True)
class _Account:
    """What one contributor has and got.

    Attributes:
        proposals: Their parts of all proposals that were ever taken.
        undecided: Of those that have no sealed verdict.
        inside: Of the undecided ones in the campaign.
        in_line: Of those that are not, what the next `integrate` does not let in.
        trials: Parts of finished trials.
        wall_s: Parts of their time.
        waits_s: From proposing to the first sealed verdict, of each proposal that has one.
        waiting_s: From proposing until now, of each that has none.
    """

    proposals: float = 0.0
    undecided: float = 0.0
    inside: float = 0.0
    in_line: float = 0.0
    trials: float = 0.0
    wall_s: float = 0.0
    waits_s: list[float] = field(default_factory=list)
    waiting_s: list[float] = field(default_factory=list)


def report(
    directory: Directory, record: Record, entries: Iterable[Entry], *, now: str
) -> dict[str, Any]:
    """The documented JSON of `mainstem shares`.

    Args:
        directory: Who is who.
        record: What the ledger holds.
        entries: Its lines of proposals and verdicts, in order.
        now: The present (ISO 8601).
    """
    proposals = record.in_order()
    owned = directory.of(proposals)
    known = directory.everyone(proposals)
    accounts = {handle: _Account() for handle in known}
    _count(record, owned, accounts)
    _queue(directory, record, owned, accounts)
    for campaign in record.campaigns.values():
        _spend(campaign, owned, accounts)
    _wait(record, owned, accounts, entries, now=now)
    filed = [handle for handle, account in accounts.items() if account.proposals > 0.0]
    total = sum(accounts[handle].trials for handle in filed)
    weights = {handle: known[handle].weight for handle in filed}
    return {
        "on": directory.listed is not None,
        "trials": total,
        "jain": jain(np.array([accounts[h].trials / weights[h] for h in filed])),
        "level": _level(directory, record),
        "line": directory.least_line,
        "contributors": [
            {
                "handle": handle,
                "kind": known[handle].kind,
                "team": known[handle].team,
                "weight": weights[handle],
                "proposals": accounts[handle].proposals,
                "undecided": accounts[handle].undecided,
                "in_campaign": accounts[handle].inside,
                "waiting": accounts[handle].undecided - accounts[handle].inside,
                "in_line": accounts[handle].in_line,
                "trials": accounts[handle].trials,
                "share": accounts[handle].trials / total if total else None,
                "equal_share": weights[handle] / sum(weights.values()),
                "wall_s": accounts[handle].wall_s,
                "waited_s": _middle(accounts[handle].waits_s),
                "waiting_s": max(accounts[handle].waiting_s, default=None),
            }
            for handle in filed
        ],
    }


def _level(directory: Directory, record: Record) -> float | None:
    """How many proposals of a contributor of weight 1 may be in the campaign at once.

    None where nobody has to wait: shares are off, all is decided, or the line would be too short.
    """
    undecided = undecided_in(record, record.latest())
    if directory.listed is None:
        return None
    claims = directory.claims(undecided)
    waits = len(shares.entering(claims, ())) < len(undecided)
    return max(shares.level(claims), 1.0) if waits else None


def _count(
    record: Record, owned: Mapping[ProposalId, Mapping[str, float]], accounts: dict[str, _Account]
) -> None:
    """Counts proposals: all, undecided ones, and those of them that are in the campaign."""
    campaign = record.latest()
    inside = set(campaign.proposals) if campaign is not None else set()
    undecided = {p.id for p in undecided_in(record, record.latest())}
    for proposal, parts in owned.items():
        for handle, part in parts.items():
            account = accounts[handle]
            account.proposals += part
            if proposal in undecided:
                account.undecided += part
                account.inside += part if proposal in inside else 0.0


def _queue(
    directory: Directory,
    record: Record,
    owned: Mapping[ProposalId, Mapping[str, float]],
    accounts: dict[str, _Account],
) -> None:
    """Counts the proposals that wait for a turn, if the next one began now."""
    campaign = record.latest()
    going_on = campaign is not None and not campaign.ended
    claims_of = None if directory.listed is None else directory.claims
    for proposal in turn(record, campaign if going_on else None, claims_of).waiting:
        for handle, part in owned[proposal.id].items():
            accounts[handle].in_line += part


def _spend(
    campaign: CampaignRecord,
    owned: Mapping[ProposalId, Mapping[str, float]],
    accounts: dict[str, _Account],
) -> None:
    """Books every finished trial of a campaign, in equal parts for the proposals in it.

    One at a cheaper rung is a part of a trial, by its cost.
    """
    share_at = campaign.shares
    for asked, result in campaign.ended_trials():
        members = [ProposalId(p) for p in asked.trial.recipe] or campaign.proposals
        wall_s = float(result.run.get("wall_s", 0.0))
        trials = share_at[campaign.rung_of(asked.trial)]
        for proposal in members:
            for handle, part in owned[proposal].items():
                accounts[handle].trials += trials * part / len(members)
                accounts[handle].wall_s += wall_s * part / len(members)


def _wait(
    record: Record,
    owned: Mapping[ProposalId, Mapping[str, float]],
    accounts: dict[str, _Account],
    entries: Iterable[Entry],
    *,
    now: str,
) -> None:
    """Books how long every proposal waited for its first sealed verdict, or waits for one."""
    since: dict[ProposalId, str] = {}
    until: dict[ProposalId, str] = {}
    for entry in entries:
        if entry.kind == records.PROPOSAL_TAKEN:
            since[ProposalId(entry.body["id"])] = entry.at
        elif entry.kind == records.VERDICT:
            until.setdefault(ProposalId(entry.body["proposal"]), entry.at)
    for proposal, start in since.items():
        decided = until.get(proposal)
        if decided is None and proposal in record.superseded:
            continue
        for handle in owned[proposal]:
            if decided is None:
                accounts[handle].waiting_s.append(between_s(start, now))
            else:
                accounts[handle].waits_s.append(between_s(start, decided))


def between_s(start: str, end: str) -> float:
    """Seconds between two times; none where a clock was set back."""
    return max(0.0, (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())


def _middle(found: Sequence[float]) -> float | None:
    return statistics.median(found) if found else None
