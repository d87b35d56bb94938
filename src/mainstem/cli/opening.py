"""The project of the working folder; what its user should know first goes to standard error."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from mainstem.cli.main import STORE
from mainstem.wiring import open_project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mainstem.wiring import Project


@contextlib.contextmanager
def open_here() -> Iterator[Project]:
    """The project that the working folder belongs to.

    Raises:
        MainstemError: There is none, or it cannot be used; see `mainstem.wiring.open_project`.
    """
    with open_project(store=click.get_current_context().meta.get(STORE)) as project:
        for hint in project.hints:
            click.echo(f"hint: {hint}", err=True)
        yield project
