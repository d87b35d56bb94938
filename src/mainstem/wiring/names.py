"""Authors beside proposals, for a listing that asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import ConfigurationError
from mainstem.domain.proposal import CommitId, Proposal, ProposalId
from mainstem.people import blinding, names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from mainstem.people.directory import Directory
    from mainstem.wiring.project import Project


def authors(
    project: Project, *, command: str, only: Collection[str] | None = None
) -> tuple[dict[ProposalId, dict[str, float]], int | None]:
    """Each contributor's part of proposals, by handle, and the line that says they were shown.

    When this returns, the ledger says that the authors of undecided ones were shown, and to whom;
    there is no line where none is undecided.

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
    shown = [p for p in project.record().in_order() if only is None or p.id in only]
    found = project.directory.of(shown)
    return found, on_record(project, list(found), command=command)


def on_record(
    project: Project, proposals: Sequence[str], *, command: str, themselves: str | None = None
) -> int | None:
    """Writes down whose names are shown, where any of the proposals is not decided; the line.

    Args:
        project: Where.
        proposals: Whose authors are shown.
        command: The command that shows them.
        themselves: A contributor to whom all of them are no news: the proposals are theirs.

    Raises:
        UsageError: One is not decided, and git does not know who asks.
        StoreError: The line cannot be written.
    """
    sealed = names.sealed(project.record())
    undecided = [p for p in proposals if p not in sealed]
    if not undecided:
        return None
    by = project.signature
    if project.directory.acting(project.identities.known()[by]).handle == themselves:
        return None
    body = {"command": command, "proposals": undecided, "by": by}
    [entry] = project.ledger.append([(names.NAMES_SHOWN, body)])
    return entry.seq


def that_name_authors(project: Project, taken: Iterable[Mapping[str, Any]]) -> list[str]:
    """The proposals whose id, branch or claim names one of their authors, such as `ada/rope`.

    Every listing shows these before the verdict: whoever files should know. None where
    `contributors.toml` is wrong, which other commands say.

    Args:
        project: Where.
        taken: The proposals as `propose` has them in its JSON.

    Raises:
        GitError: A proposal's commit is gone.
        StoreError: The store cannot be read.
    """
    try:
        directory = project.directory
    except ConfigurationError:
        return []
    return [row["id"] for row in taken if _names_author(directory, row)]


def _names_author(directory: Directory, row: Mapping[str, Any]) -> bool:
    proposal = Proposal(
        id=ProposalId(row["id"]),
        branch=row["branch"],
        commit=CommitId(row["commit"]),
        base=CommitId(row["base"]),
        tree=None,
        components=(),
        order=row["order"],
        claim=row["claim"],
    )
    authors = [(directory.contributor(a).handle, a) for a in directory.authors_of(proposal)]
    handles = {handle for handle, _ in authors}
    every = ((directory.shown(one).handle, one) for one in directory.listed or ())
    listed = [(handle, one) for handle, one in every if handle in handles]
    texts = [proposal.id, proposal.branch, proposal.claim]
    return bool(blinding.blinded(texts, blinding.names_of(listed, authors)).replaced)
