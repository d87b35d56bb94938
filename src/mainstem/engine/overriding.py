"""Vetoes, forces and withdrawals: what a person says becomes a line of the ledger, with its price.

Who says it is a token here. Whether somebody may is a matter of who can write to the store: like
everything else in the ledger an override is signed, seen by all and never undone, only lifted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError
from mainstem.domain.override import OverrideKind
from mainstem.domain.proposal import ProposalId
from mainstem.engine import record as records
from mainstem.engine.workshop import catch_up, write_if_last

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from mainstem.domain.proposal import Conflict
    from mainstem.engine.ports import Ledger
    from mainstem.engine.record import Record


def override(
    ledger: Ledger,
    record: Record,
    proposal: str,
    kind: OverrideKind,
    *,
    reason: str,
    by: str,
    price: Callable[[Record, ProposalId], Mapping[str, Any] | None],
) -> dict[str, Any]:
    """Writes an override down, and what it costs by what is known now.

    Args:
        ledger: Where it is written.
        record: All of the ledger, folded.
        proposal: The proposal's id.
        kind: What is said of it.
        reason: Why; not empty.
        by: The token of who says it.
        price: What the override costs by a record.

    Raises:
        UsageError: There is no such proposal, it is merged or superseded, nothing changes by it, or
            no reason is given.
    """
    reason, forced = reason.strip(), kind is OverrideKind.FORCE
    if not reason:
        raise UsageError("an override needs a reason: give one with --reason, in your words")
    while True:
        before = _checked(record, proposal, kind)
        found = price(record, ProposalId(proposal))
        campaign = record.latest()
        body = {
            "proposal": proposal,
            "kind": kind,
            "reason": reason,
            "by": by,
            "campaign": None if campaign is None else campaign.id,
            "price": found,
        }
        if write_if_last(ledger, record, [(records.OVERRIDE, body)]):
            break
        catch_up(ledger, record)
    return {
        "proposal": proposal,
        "override": kind,
        "reason": reason,
        "by": by,
        "line": record.seq,
        "replaces": before,
        "price": found,
        "in_the_way": _in_the_way(record, ProposalId(proposal), found) if forced else [],
    }


def clash(conflict: Conflict, forced: Collection[str]) -> str:
    """Why nothing is merged where git cannot merge what is forced, and what to do.

    Args:
        conflict: Of the proposals that are to be merged.
        forced: Those that no evidence confirmed.
    """
    mine = sorted(conflict.proposals & set(forced))
    said = (
        f"nothing merged: git cannot merge {' and '.join(sorted(conflict.proposals))} together "
        f"({', '.join(conflict.paths)}), and {' and '.join(mine)} "
    )
    if len(mine) == 1:
        return said + (
            "is forced: rebase its branch and propose it again, or take that back with "
            "`mainstem force --lift`"
        )
    return said + (
        "are forced: rebase one of the branches and propose it again, or take one of them back "
        "with `mainstem force --lift`"
    )


def _in_the_way(record: Record, proposal: ProposalId, price: Mapping[str, Any] | None) -> list[str]:
    """What `merge` would merge before a forced proposal and git cannot merge it with, in order.

    The best set without it, and what else is forced. As far as git was asked already.
    """
    before = {ProposalId(p) for p in (() if price is None else price["without"])}
    before |= {p for p, o in record.standing().items() if o.kind is OverrideKind.FORCE}
    before -= {proposal}
    campaign = record.latest()
    found: set[ProposalId] = set()
    for conflict in record.conflicts_on(campaign.trunk) if campaign is not None else ():
        others = conflict.proposals - {proposal}
        if len(others) < len(conflict.proposals) and others <= before:
            found |= others
    return [p.id for p in record.in_order() if p.id in found]


def _checked(record: Record, proposal: str, kind: OverrideKind) -> OverrideKind | None:
    """The override that stands of the proposal, if another may take its place.

    Raises:
        UsageError: It may not.
    """
    name = ProposalId(proposal)
    if name not in record.proposals:
        names = ", ".join(p.id for p in record.in_order()) or "none yet"
        raise UsageError(f"no proposal {proposal!r}; there are: {names}")
    if name in record.merged:
        raise UsageError(
            f"{proposal} is in the trunk: to take it out, propose a branch that takes it back"
        )
    if name in record.superseded:
        later = record.superseded[name]
        raise UsageError(f"{proposal} was proposed again: {later} stands in its place")
    standing = record.standing().get(name)
    if kind is OverrideKind.LIFT and standing is None:
        raise UsageError(f"nothing to lift: {proposal} is neither vetoed, forced nor withdrawn")
    if standing is not None and standing.kind is kind:
        raise UsageError(
            f"{proposal} is {kind.past} already (line {standing.seq} of the ledger): "
            f"{standing.reason}"
        )
    if kind is OverrideKind.FORCE:
        _check_mergeable(record, name)
    return None if standing is None else standing.kind


def _check_mergeable(record: Record, proposal: ProposalId) -> None:
    """A forced proposal can be merged, and it was part of a campaign.

    Raises:
        UsageError: It cannot, or was not.
    """
    campaign = record.latest()
    if campaign is None:
        raise UsageError(
            f"{proposal} cannot be forced before any campaign: what it costs would be unknown; "
            "run `mainstem integrate` first, or merge it with git"
        )
    if campaign.trees.get(proposal, "") is None:
        raise UsageError(
            f"{proposal} cannot be forced: git cannot merge it with the trunk; rebase its branch "
            "and propose it again"
        )
