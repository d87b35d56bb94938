"""From what was decided, and of whose proposals, to the arrays that an audit asks about.

A proposal counts with the group of its *lead author*, who wrote the largest part of it, of equal
parts the first. A decision that was split over its authors would count several times, and chance
would look like proof.

Labels become numbers in the order of filing before anything is worked out, so that no result
depends on what anybody is called.
"""

from __future__ import annotations

import datetime as dt
import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.domain.stack import Role
from mainstem.people import claims
from mainstem.people.groups import SMALLEST, pooled
from mainstem.people.shares import between_s
from mainstem.stats import audit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mainstem.domain.contributor import Contributor
    from mainstem.domain.proposal import ProposalId
    from mainstem.engine.record import Record
    from mainstem.people.decided import Decision, Filed, History
    from mainstem.people.directory import Directory

FEWEST_OF_A_CAMPAIGN = 10
"""Campaigns of fewer decisions have one base rate together: one each would leave nothing to see."""

NO_KIND, NO_TEAM = "no kind given", "no team given"


@dataclass(frozen=True, kw_only=True)
class Arrays:
    """What an audit asks about, and what its numbers stand for.

    Attributes:
        decisions: Decisions whose evidence is known, D of them; None if there are none.
        waits: Everything that was filed, F of them; None without kinds.
        decided: The decisions of the rows.
        overridden: All decisions that are overrides, evidence known or not.
        filed: What was filed.
        kinds: The name of each number of a kind; all `EVERYBODY` where too few people have one.
        teams: The name of each number of a team.
        kind_of: The group by kind of each lead author.
        leads: The lead author of every proposal.
        mixed: Decisions with authors of another kind than the lead's.
        without_evidence: Decisions that are left out, as their evidence is not known.
        few_seniors: Whether seniors, or the others, are too few to be spoken of.
    """

    decisions: audit.Decisions | None
    waits: audit.Waits | None
    decided: tuple[Decision, ...]
    overridden: tuple[Decision, ...]
    filed: tuple[Filed, ...]
    kinds: tuple[str, ...]
    teams: tuple[str, ...]
    kind_of: Mapping[str, str]
    leads: Mapping[ProposalId, str]
    mixed: int
    without_evidence: int
    few_seniors: bool


def arrays(directory: Directory, record: Record, found: History, *, until: str) -> Arrays:
    """What an audit asks about.

    Args:
        directory: Who is who.
        record: What the ledger holds.
        found: What was decided.
        until: So long what still waits was seen (ISO 8601).
    """
    known = directory.everyone(record.in_order())
    parts = directory.of([record.proposals[filed.proposal] for filed in found.filed])
    leads = {p: _lead(of) for p, of in parts.items()}
    people = dict.fromkeys(leads.values())
    rows = tuple(one for one in found.decisions if one.evidence is not None)
    judged = {leads[one.proposal] for one in rows}
    kind_of = pooled({handle: known[handle].kind or NO_KIND for handle in people}, judged)
    team_of = pooled({handle: known[handle].team or NO_TEAM for handle in people}, judged)
    kinds, kind = _codes([kind_of[leads[filed.proposal]] for filed in found.filed])
    teams, team = _codes([team_of[leads[filed.proposal]] for filed in found.filed])
    at = {filed.proposal: k for k, filed in enumerate(found.filed)}
    own = np.array([at[one.proposal] for one in rows], dtype=np.int64)
    has_kinds = any(known[handle].kind for handle in people)
    has_teams = any(known[handle].team for handle in people)
    senior, dated = _seniority(directory, known, leads, rows)
    few = _too_few(rows, leads, senior, dated)
    decisions = None
    if rows:
        decisions = audit.Decisions(
            merged=np.array([one.merged for one in rows]),
            evidence=np.array([_row(one) for one in rows]),
            senior=senior if dated.any() else None,
            dated=dated & (not few),
            kind=kind[own] if has_kinds else None,
            team=team[own] if has_teams else None,
            runs=np.array([float(one.trials) for one in rows]),
            override=np.array([one.override for one in rows]),
            **_claims(record, rows),
            strata=_strata(rows),
        )
    return Arrays(
        decisions=decisions,
        waits=_waits(found, kind, until=until) if has_kinds else None,
        decided=rows,
        overridden=tuple(one for one in found.decisions if one.override),
        filed=found.filed,
        kinds=kinds,
        teams=teams,
        kind_of=kind_of,
        leads=leads,
        mixed=sum(
            any(known[h].kind != known[leads[one.proposal]].kind for h in parts[one.proposal])
            for one in rows
        ),
        without_evidence=len(found.decisions) - len(rows),
        few_seniors=few,
    )


def _lead(parts: Mapping[str, float]) -> str:
    """Whoever wrote the largest part; parts of commits are compared up to rounding."""
    return max(parts, key=lambda handle: round(parts[handle], 12))


def _codes(labels: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Labels as numbers, in the order of their coming."""
    number: dict[str, int] = {}
    codes = [number.setdefault(label, len(number)) for label in labels]
    return tuple(number), np.array(codes, dtype=np.int64)


def gain(evidence: Mapping[str, Any]) -> float:
    """The measured gain in margins, summed over the objectives to improve."""
    improve = [one for one in evidence["gain"].values() if one["role"] == Role.IMPROVE]
    return float(sum(one["mean"] / one["margin"] for one in improve))


def _row(one: Decision | Filed) -> list[float]:
    """Columns of evidence: gain, whether it belongs into the best set, whether it hinders others.

    The gain is on a scale that is that of margins near 0 and logarithmic far from it, since a
    recipe that diverged is a thousand margins worse and would outweigh all others.
    """
    evidence = one.evidence or {"gain": {}, "belongs": 0.5}
    return [math.asinh(gain(evidence)), evidence["belongs"], float(one.hindered)]


def _strata(rows: Sequence[Decision]) -> NDArray[np.int64]:
    """Campaigns of some size; all small ones are one stratum."""
    count: dict[str, int] = {}
    for one in rows:
        count[one.campaign] = count.get(one.campaign, 0) + 1
    large = {campaign for campaign, found in count.items() if found >= FEWEST_OF_A_CAMPAIGN}
    return _codes([one.campaign if one.campaign in large else "" for one in rows])[1]


def _seniority(
    directory: Directory,
    known: Mapping[str, Contributor],
    leads: Mapping[ProposalId, str],
    rows: Sequence[Decision],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each lead author was senior at the decision, and of whom that is known.

    Senior is who had joined by the median date of all contributors who had joined by then.
    """
    joined = sorted(one.joined for one in directory.listed or () if one.joined is not None)
    senior, dated = [], []
    for one in rows:
        day = dt.datetime.fromisoformat(one.at).date()
        there = [date for date in joined if date <= day]
        own = known[leads[one.proposal]].joined
        dated.append(own is not None and bool(there))
        middle = statistics.median(date.toordinal() for date in there) if there else 0.0
        senior.append(own is not None and own.toordinal() <= middle)
    return np.array(senior, dtype=np.bool_), np.array(dated, dtype=np.bool_)


def _too_few(
    rows: Sequence[Decision],
    leads: Mapping[ProposalId, str],
    senior: NDArray[np.bool_],
    dated: NDArray[np.bool_],
) -> bool:
    """Whether one of both sides has fewer people than are spoken of."""
    sides: list[set[str]] = [set(), set()]
    for one, is_senior, is_known in zip(rows, senior, dated, strict=True):
        if is_known:
            sides[int(is_senior)].add(leads[one.proposal])
    return any(0 < len(side) < SMALLEST for side in sides)


def _claims(record: Record, rows: Sequence[Decision]) -> dict[str, NDArray[np.bool_]]:
    """Who claimed a number, and whether it held."""
    said = [claims.gains_of(record.proposals[one.proposal].claim) for one in rows]
    held = [
        None if claim is None or one.evidence is None else claims.held(claim, one.evidence["gain"])
        for claim, one in zip(said, rows, strict=True)
    ]
    if all(one is None for one in held):
        return {}
    return {
        "claimed": np.array([one is not None for one in held]),
        "held": np.array([bool(one) for one in held]),
    }


def _waits(found: History, kind: NDArray[np.int64], *, until: str) -> audit.Waits:
    """Seconds from filing to a sealed verdict; what was withdrawn was seen until then.

    What has no evidence (nothing was measured yet, or that was not kept) stands in the middle and
    is marked in a column of its own.
    """
    seen = [between_s(one.since, one.until or until) for one in found.filed]
    rows = [[*_row(one), float(one.evidence is None)] for one in found.filed]
    return audit.Waits(
        waits=np.array(seen),
        judged=np.array([one.judged for one in found.filed]),
        kind=kind,
        evidence=np.array(rows),
    )
