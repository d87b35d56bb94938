"""The project of the working folder; what its user should know first goes to standard error."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from mainstem.cli.main import STORE
from mainstem.cli.output import say
from mainstem.wiring import open_project
from mainstem.wiring.names import authors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mainstem.domain.proposal import ProposalId
    from mainstem.wiring import Project


def authors_on_record(
    project: Project, *, command: str, only: Sequence[str] | None = None
) -> dict[ProposalId, dict[str, float]]:
    """Authors beside proposals; whoever is shown those of undecided ones is told what is kept.

    Raises:
        MainstemError: See `mainstem.wiring.names.authors`.
    """
    found, line = authors(project, command=command, only=only)
    if line is not None:
        said = "you were shown authors of proposals that are not decided yet"
        say(f"note: line {line} of the ledger says that {said}", err=True)
    return found


@contextlib.contextmanager
def open_here() -> Iterator[Project]:
    """The project that the working folder belongs to.

    Raises:
        MainstemError: There is none, or it cannot be used; see `mainstem.wiring.open_project`.
    """
    with open_project(store=click.get_current_context().meta.get(STORE)) as project:
        for hint in project.hints:
            say(f"hint: {hint}", err=True)
        yield project
