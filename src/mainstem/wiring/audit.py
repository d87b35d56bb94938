"""`mainstem audit`, put together: the ledger, and who is who."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError
from mainstem.people.audit import audited
from mainstem.people.audit_page import page

if TYPE_CHECKING:
    from pathlib import Path

    from mainstem.people.audit import Audit
    from mainstem.wiring.project import Project


def audit(project: Project, *, seed: int, html: Path | None = None) -> dict[str, Any]:
    """The documented JSON of `mainstem audit`, and its page.

    Args:
        project: What is audited.
        seed: Seed of the draws from the nulls.
        html: Where the page is written; None for nowhere.

    Raises:
        ConfigurationError: `contributors.toml` is wrong.
        GitError: A proposal's commit is gone.
        UsageError: The page cannot be written.
    """
    found = audit_of(project, seed=seed)
    if html is not None:
        try:
            html.write_text(page(found), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{html} cannot be written: {error.strerror}") from None
    return found.report


def audit_of(project: Project, *, seed: int) -> Audit:
    """What an audit of the project finds, with what its page shows.

    Raises:
        ConfigurationError: `contributors.toml` is wrong.
        GitError: A proposal's commit is gone.
    """
    known = project.identities.known()
    entries = list(project.ledger.entries())
    return audited(
        project.directory,
        project.stack,
        project.record(),
        entries,
        # Not the clock: the same record has the same audit whenever it is asked for.
        until=entries[-1].at if entries else "",
        seed=seed,
        jain=project.shares()["jain"],
        who=lambda token: project.directory.acting(known[token]) if token in known else None,
    )
