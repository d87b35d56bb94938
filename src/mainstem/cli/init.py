"""`mainstem init`: writes a commented `mainstem.toml` for this repository."""

from __future__ import annotations

import click

from mainstem.cli.main import examples
from mainstem.cli.output import print_json, say
from mainstem.wiring import write_stack_file


@click.command("init", epilog=examples("mainstem init", "mainstem init --command 'sh train.sh'"))
@click.option("--command", "command_line", help="The command of one trial; {seed} is filled in.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(command_line: str | None, *, as_json: bool) -> None:
    """Write a commented mainstem.toml for this repository."""
    path, trunk = write_stack_file(command_line)
    if as_json:
        print_json({"file": str(path), "trunk": trunk})
        return
    say(f"wrote {path} (trunk: {trunk})")
    say("next: edit it, commit it, then run `mainstem check`")
