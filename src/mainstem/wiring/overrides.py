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

    Raises:
        UsageError: It cannot be; see `mainstem.engine.overriding.override`. Or git does not know
            who signs, or somebody withdraws what others wrote.
    """
    record = project.record()
    _check_author(project, record, proposal, kind)
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


def _check_author(project: Project, record: Record, proposal: str, kind: OverrideKind) -> None:
    """A withdrawal is its authors', and so is taking it back.

    It has no price and shows no name: of somebody else's work it would be a veto with neither.

    Raises:
        UsageError: Whoever signs did not write the proposal, as far as commits say.
    """
    name = ProposalId(proposal)
    standing = record.standing().get(name)
    lifted = standing.kind if standing is not None and kind is OverrideKind.LIFT else None
    if name not in record.proposals or OverrideKind.WITHDRAW not in {kind, lifted}:
        return
    token = project.signature  # before asking who is known: it makes whoever signs known
    identity = project.identities.known()[token]
    if project.directory.acting(identity).handle in project.directory.authors(
        record.proposals[name]
    ):
        return
    known = identity.email or identity.pseudonym
    other = "force" if lifted else "veto"
    does = "has it merged" if lifted else "keeps it out"
    raise UsageError(
        f"{proposal} is not yours, as git knows you ({known}), and only who wrote a proposal "
        f"withdraws it or takes that back: `mainstem {other} {proposal} --reason ...` {does}, "
        "signed and priced. If you wrote it under another address, add this one to your entry in "
        "contributors.toml"
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
