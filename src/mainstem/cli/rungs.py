"""Rungs on the command line: which are in play, and what ran at each, where there are several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mainstem.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.wiring import Project

rungs_option = click.option(
    "--rungs",
    "rungs",
    metavar="NAME,...",
    help="Rungs to run at, beside the one that confirms.  [default: decisions.search_rungs, or "
    "all that are cheaper]",
)
"""The option; None without it."""


def put_in_play(project: Project, rungs: str | None) -> None:
    """Has the project's campaign run at the rungs that the option names, if it was given.

    Raises:
        UsageError: There is no such rung, or it is no cheaper than the one that confirms.
    """
    if rungs is None:
        return
    names = [name.strip() for name in rungs.split(",") if name.strip()]
    if not names:
        raise UsageError("--rungs names no rung: write their names, with commas between them")
    try:
        project.stack = project.stack.searching(names)
    except ValueError as error:
        raise UsageError(f"--rungs: {error}") from None


def ran(rows: Sequence[Mapping[str, Any]]) -> str:
    """How many trials have ended at each of several rungs, as ` (36 at small, 8 at large)`.

    Args:
        rows: The key `rungs` of `show` and `status`.
    """
    if len(rows) < 2:
        return ""
    parts = ", ".join(f"{row['done']} at {row['rung']}" for row in rows)
    return f" ({parts})"


def spent(report: Mapping[str, Any]) -> str:
    """How far a budget is spent, as `7 of 40 trials`.

    With several rungs it is `spent 12.5 of 40 trials of large (36 at small, 8 at large)`: a cheaper
    trial is a part of one at the rung that confirms.

    Args:
        report: The keys `spent`, `budget` and `rungs` of `status`.
    """
    rows, budget = report["rungs"], report["budget"]
    of = "" if budget is None else f" of {budget:g}"
    if len(rows) < 2:
        return f"{report['spent']}{of} trials"
    return f"spent {report['spent']:g}{of} trials of {rows[-1]['rung']}{ran(rows)}"
