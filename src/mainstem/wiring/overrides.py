"""Vetoes, forces and withdrawals of a project, and what those that stand cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.proposal import ProposalId
from mainstem.engine import overriding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.domain.override import OverrideKind
    from mainstem.engine.record import Record
    from mainstem.wiring.project import Project


def override(project: Project, proposal: str, kind: OverrideKind, *, reason: str) -> dict[str, Any]:
    """Signs an override with the name that git knows, and prices it; its documented JSON.

    Raises:
        UsageError: It cannot be; see `mainstem.engine.overriding.override`. Or git does not know
            who signs.
    """
    from mainstem.engine.views.prices import price  # loads the statistics: only when needed

    return overriding.override(
        project.ledger,
        project.record(),
        proposal,
        kind,
        reason=reason,
        by=project.signature,
        price=lambda record, name: price(
            project.stack,
            record,
            project.standing(record),
            name,
            kind,
            trunk=project.trunk_commit,
            tree=project.trees.merger.tree_of(project.trunk_commit),
        ),
    )


def price_now(project: Project, record: Record, proposal: str) -> Mapping[str, Any] | None:
    """What the override that stands of a proposal costs by what is known now; None without one."""
    from mainstem.engine.views.prices import price  # as above

    standing = record.standing().get(ProposalId(proposal))
    if standing is None:
        return None
    return price(
        project.stack,
        record,
        project.standing(record),
        standing.proposal,
        standing.kind,
        trunk=project.trunk_commit,
        tree=project.trees.merger.tree_of(project.trunk_commit),
    )


def overrides(project: Project) -> dict[str, Any]:
    """The overrides that stand, each with its price by what is known now."""
    from mainstem.engine.views.prices import overrides as listed  # as above

    record = project.record()
    return listed(
        project.stack,
        record,
        project.standing(record),
        trunk=project.trunk_commit,
        tree=project.trees.merger.tree_of(project.trunk_commit),
    )
