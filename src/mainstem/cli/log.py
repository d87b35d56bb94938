"""`mainstem log`: what a trial printed, and why it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mainstem.cli.main import examples, store_option
from mainstem.cli.opening import open_here
from mainstem.cli.output import print_json, say

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN = 8
"""How many points of a curve are shown."""


@click.command("log", epilog=examples("mainstem log c1.12", "mainstem log c1.12 --stderr"))
@click.argument("trial")
@click.option("--stderr", "stderr_only", is_flag=True, help="Only the standard error.")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(trial: str, *, stderr_only: bool, as_json: bool) -> None:
    """Print what a trial wrote to its standard output and standard error, and why it failed."""
    with open_here() as project:
        found = project.logs(trial)
        several = len(project.stack.rungs) > 1
    if as_json:
        print_json({"trial": trial, **found})
        return
    if not stderr_only:
        say(_lines(found["stdout"]), nl=False)
    say(_lines(found["stderr"]), nl=False, err=not stderr_only)
    if "elsewhere" in found:
        where = found["elsewhere"]
        said = f"{trial} ran on {where['host']}: what it printed is there, in {where['folder']}"
        say(said, err=not stderr_only)
    for name, points in found["curves"].items():
        say(f"{trial} {name} by step: {_curve(points)}", err=not stderr_only)
    if found["stopped_at"] is not None:
        said = f"{trial} ended early at step {found['stopped_at']}: enough was known of it"
        say(said, err=not stderr_only)
    if found["failure"] is not None:
        at = f" at rung {found['rung']}" if several and found["rung"] is not None else ""
        say(f"{trial} failed{at}: {found['failure']['what']}", err=not stderr_only)


def _lines(text: str) -> str:
    """A log whose progress bars, drawn over each other on a screen, are a line each."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _curve(points: Sequence[Sequence[float]]) -> str:
    """Some points of a curve, first and last among them; JSON has all that are kept."""
    last = len(points) - 1
    shown = sorted({round(i * last / (_SHOWN - 1)) for i in range(_SHOWN)})
    return ", ".join(f"{points[i][0]:.0f}: {points[i][1]:.6g}" for i in shown)
