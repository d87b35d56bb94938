"""Who and what showed again what a merged proposal does: an account of its own, in counts.

A run of a recipe that had run before at its rung, on another seed, is a repeat of it. An arm of a
confirmation pair is one that nobody picked because it looked good. A proposal with the same content
that others filed by themselves is an independent one; whether they did is for those to say who know
people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.proposal import Conflict, first_version
from mainstem.domain.trial import Purpose
from mainstem.domain.verdict import VerdictKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.domain.proposal import Proposal, ProposalId
    from mainstem.engine.lineage import EarlierRun, Lineage
    from mainstem.engine.ports import Trees
    from mainstem.engine.record import Record


def reproductions(
    record: Record, trees: Trees, line: Lineage, runs: Sequence[EarlierRun]
) -> list[dict[str, Any]]:
    """A row per member of the trunk, in the order of merging.

    Args:
        record: What the ledger holds.
        trees: Merges each proposal onto the root, to compare contents.
        line: Where the trunk came from.
        runs: Its finished runs, as recipes on the root.

    Raises:
        GitError: A proposal's commit is gone.
    """
    if not line.members:
        return []
    same = _same_tree(record, trees, line)
    fresh = _confirming(record)
    return [_row(record, p, runs, fresh.get(p, 0), same[p]) for p in line.members]


def _row(
    record: Record,
    member: ProposalId,
    runs: Sequence[EarlierRun],
    pairs: int,
    same: Sequence[ProposalId],
) -> dict[str, Any]:
    held = [run for run in runs if member in run.recipe and run.values is not None]
    recipes = {run.recipe for run in held}
    places = {(run.recipe, run.rung) for run in held}
    return {
        "id": member,
        "runs": len(held),
        "recipes": len(recipes),
        "repeats": len({(run.recipe, run.rung, run.seed) for run in held}) - len(places),
        "pairs": pairs,
        "same_tree": [{"id": other, "sealed": _is_sealed(record, other)} for other in same],
    }


def _confirming(record: Record) -> dict[ProposalId, int]:
    """How many successful candidate arms of confirmation pairs held each proposal."""
    out: dict[ProposalId, int] = {}
    for campaign in record.campaigns.values():
        for asked, result in campaign.ended_trials():
            if asked.trial.purpose is Purpose.CONFIRM and result.values is not None:
                for proposal in campaign.proposals:
                    if proposal in asked.trial.recipe:
                        out[proposal] = out.get(proposal, 0) + 1
    return out


def _same_tree(record: Record, trees: Trees, line: Lineage) -> dict[ProposalId, list[ProposalId]]:
    """For each member the proposals that change the root just as it does, in another commit.

    Versions of one branch are one proposal here.
    """
    known = record.in_order()
    made = trees.trees(line.root, [[p] for p in known])
    tree = {p.id: None if isinstance(t, Conflict) else t for p, t in zip(known, made, strict=True)}
    return {
        member: [
            p.id
            for p in known
            if p.id not in line.members
            and tree[member] is not None
            and tree[p.id] == tree[member]
            and _apart(record, p, record.proposals[member])
        ]
        for member in line.members
    }


def _apart(record: Record, one: Proposal, other: Proposal) -> bool:
    """Whether two proposals are no copies or versions of one another."""
    first, second = (first_version(p, record.proposals) for p in (one, other))
    return one.commit != other.commit and first.id != second.id


def _is_sealed(record: Record, proposal: ProposalId) -> bool:
    """Whether a campaign has written down a verdict of it that is not open."""
    verdicts = (campaign.verdicts.get(proposal) for campaign in record.campaigns.values())
    return any(v is not None and v["kind"] != VerdictKind.OPEN for v in verdicts)
