"""`mainstem log`: what a trial printed."""

from __future__ import annotations

import click

from mainstem.cli.main import examples
from mainstem.cli.output import print_json
from mainstem.wiring import open_project


@click.command("log", epilog=examples("mainstem log c1.12", "mainstem log c1.12 --stderr"))
@click.argument("trial")
@click.option("--stderr", "stderr_only", is_flag=True, help="Only the standard error.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(trial: str, *, stderr_only: bool, as_json: bool) -> None:
    """Print what a trial wrote to its standard output and standard error."""
    with open_project() as project:
        found = project.logs(trial)
    if as_json:
        print_json({"trial": trial, **found})
        return
    if not stderr_only:
        click.echo(found["stdout"], nl=False)
    click.echo(found["stderr"], nl=False, err=not stderr_only)
