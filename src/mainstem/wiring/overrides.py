"""Vetoes, forces and withdrawals of a project, and what those that stand cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError
from mainstem.domain.override import OverrideKind
from mainstem.domain.proposal import ProposalId
from mainstem.engine import overriding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.engine.restore import Restored
    from mainstem.wiring.project import Project

    Latest = tuple[CampaignRecord | None, Restored | None]


def override(project: Project, proposal: str, kind: OverrideKind, *, reason: str) -> dict[str, Any]:
    """Signs an override with the name that git knows, and prices it; its documented JSON.

    A withdrawal has no price and shows no name, so it is its authors'. Of somebody else's work it
    is a veto, and is signed and priced as one.

    Raises:
        UsageError: It cannot be; see `mainstem.engine.overriding.override`. Or git does not know
            who signs, or somebody takes back what others withdrew of their own.
    """
    record = project.record()
    if kind is OverrideKind.WITHDRAW and not _wrote(project, record, proposal):
        kind = OverrideKind.VETO
    elif kind is OverrideKind.LIFT:
        _check_lift(project, record, proposal)
    report = overriding.override(
        project.ledger,
        record,
        proposal,
        kind,
        reason=reason,
        by=project.signature,
        price=lambda record, name: _price(project, record, project.standing(record), name, kind),
    )
    return signed(project, report)


def _wrote(project: Project, record: Record, proposal: str) -> bool:
    """Whether who signs is an author of a proposal, as far as commits say; of none everybody is."""
    known = record.proposals.get(ProposalId(proposal))
    if known is None:
        return True
    token = project.signature  # before asking who is known: it makes whoever signs known
    acting = project.directory.acting(project.identities.known()[token])
    return acting.handle in project.directory.authors(known)


def _check_lift(project: Project, record: Record, proposal: str) -> None:
    """What authors withdrew, they alone take in again.

    Raises:
        UsageError: Whoever signs did not write the proposal.
    """
    standing = record.standing().get(ProposalId(proposal))
    if standing is None or standing.kind is not OverrideKind.WITHDRAW:
        return
    if not _wrote(project, record, proposal):
        identity = project.identities.known()[project.signature]
        raise UsageError(
            f"{proposal} is not yours, as git knows you ({identity.email or identity.pseudonym}), "
            "and who wrote it has withdrawn it: `mainstem force "
            f"{proposal} --reason ...` has it merged, signed and priced. If you wrote it under "
            "another address, add this one to your entry in contributors.toml"
        )


def signed(project: Project, row: Mapping[str, Any]) -> dict[str, Any]:
    """An override as JSON with the name of who signed it in the place of the token.

    Whoever overrules the evidence stands by it. A withdrawal is its author's, who is not named
    before the verdict: there it is None.

    Raises:
        ConfigurationError: `contributors.toml` is wrong.
        StoreError: The store cannot be read.
    """
    if row["override"] not in {OverrideKind.VETO, OverrideKind.FORCE}:
        return {**row, "by": None}
    identity = project.identities.known().get(row["by"])
    name = row["by"] if identity is None else project.directory.acting(identity).name
    return {**row, "by": name}


def price_now(
    project: Project, record: Record, latest: Latest, proposal: str
) -> Mapping[str, Any] | None:
    """What the override that stands of a proposal costs by what is known now; None without one."""
    standing = record.standing().get(ProposalId(proposal))
    if standing is None:
        return None
    return _price(project, record, latest, standing.proposal, standing.kind)


def _price(
    project: Project, record: Record, latest: Latest, proposal: ProposalId, kind: OverrideKind
) -> Mapping[str, Any] | None:
    from mainstem.engine.views.prices import price  # loads the statistics: only when needed

    return price(
        project.stack,
        record,
        latest,
        proposal,
        kind,
        trunk=project.trunk_commit,
        tree=project.trees.merger.tree_of(project.trunk_commit),
    )


def overrides(project: Project) -> dict[str, Any]:
    """The overrides that stand, each with its price by what is known now."""
    from mainstem.engine.views.prices import overrides as listed  # as above

    record = project.record()
    report = listed(
        project.stack,
        record,
        project.standing(record),
        trunk=project.trunk_commit,
        tree=project.trees.merger.tree_of(project.trunk_commit),
    )
    return {**report, "overrides": [signed(project, row) for row in report["overrides"]]}
