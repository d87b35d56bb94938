"""Authors beside proposals, for a listing that asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.people import names

if TYPE_CHECKING:
    from collections.abc import Collection

    from mainstem.domain.proposal import ProposalId
    from mainstem.wiring.project import Project


def authors(
    project: Project, *, command: str, only: Collection[str] | None = None
) -> dict[ProposalId, dict[str, float]]:
    """Each contributor's part of proposals, by handle.

    When this returns, the ledger says that the authors of undecided ones were shown, and to whom.

    Args:
        project: Where.
        command: The command that shows them.
        only: The proposals; None for all.

    Raises:
        ConfigurationError: `contributors.toml` is wrong.
        GitError: A proposal's commit is gone.
        UsageError: A proposal is not decided, and git does not know who asks.
        StoreError: The line cannot be written.
    """
    record = project.record()
    shown = [p for p in record.in_order() if only is None or p.id in only]
    found = project.directory.of(shown)
    known = names.sealed(record)
    undecided = [p for p in found if p not in known]
    if undecided:
        body = {"command": command, "proposals": undecided, "by": project.signature}
        project.ledger.append([(names.NAMES_SHOWN, body)])
    return found
