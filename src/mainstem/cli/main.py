"""`mainstem`: the group of all commands, and the one place where errors become exit codes."""

from __future__ import annotations

import importlib
import keyword
import os
import sys
from pathlib import Path
from typing import Any

# Before numpy is loaded: the statistics are small, trials need the cores, and results must not
# depend on how many threads a matrix product was given.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

import click

from mainstem.cli.output import say, writes_anything
from mainstem.domain.errors import MainstemError

COMMANDS = {
    "init": "Write a commented mainstem.toml for this repository.",
    "check": "Run the trunk against itself: metrics, their noise, what a trial costs.",
    "try": "Take a first look at a branch, at the smallest rung; it decides nothing.",
    "propose": "Take branches in as proposals; textual conflicts are found at once.",
    "plan": "Say what N trials can decide: the smallest effect that will be seen.",
    "integrate": "Run the campaign: train chosen combinations, learn, confirm, decide.",
    "status": "Show where the campaign stands.",
    "show": "Show verdicts, effects with intervals, interactions and the Pareto front.",
    "why": "Tell why a proposal has its verdict: words, numbers, and the trials behind them.",
    "review": "Read a proposal blind and predict its verdict; no review enters a verdict.",
    "shares": "Show each contributor's share of the compute, and who waited how long.",
    "withdraw": "Take a proposal out of the campaign.",
    "veto": "Keep a proposal out, with a reason and its price; list the overrides.",
    "force": "Merge a proposal without evidence, with a reason and its price.",
    "merge": "Merge the confirmed set onto the trunk: one commit per proposal.",
    "report": "Write a campaign up: one file for a paper, a release or a pull request.",
    "credit": "Divide the trunk's measured gain over its proposals and over people.",
    "forecast": "Predict values and gains at a larger scale than any that has run.",
    "audit": "Ask whether merit moves decisions, or kind, seniority and team.",
    "frontier": "Show the gap to results elsewhere, and what closes most of it.",
    "board": "Show the record in a browser, live; nothing can be changed there.",
    "lab": "Say what another way of working would have cost, on your own record.",
    "import": "Say what records or runs of others support; start a campaign from them.",
    "people": "See, export and pseudonymise what is kept of contributors.",
    "log": "Print what a trial wrote, and why it failed.",
    "verify": "Check the ledger's whole hash chain.",
    "store": "Carry the ledger from one store to another.",
}
"""In the order in which a new user needs them; each is a module of this package."""


class StoppedError(MainstemError):
    """The user stopped a command (Ctrl-C) before it had done anything that stays."""

    exit_code = 130  # 128 + SIGINT, as shells have it


class Commands(click.Group):
    """Loads a command's module when it is called: `mainstem --help` loads no statistics."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of use."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        # No module can be called `try`.
        name = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name
        module = importlib.import_module(f"mainstem.cli.{name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without loading any of them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command; Ctrl-C is one line, and an exit code that means nothing else.

        Raises:
            StoppedError: The user stopped it.
        """
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise StoppedError("stopped") from None

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Runs a command; what Mainstem has to say goes to standard error, with its exit code."""
        writes_anything()
        try:
            return super().main(*args, **kwargs)
        except MainstemError as error:
            say(f"mainstem: {error}", err=True)
            sys.exit(error.exit_code)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)


STORE = "mainstem.store"
"""Where a command's context keeps what `--store` says."""


def _keep_store(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    """Keeps the address for whoever opens the project."""
    del param
    ctx.meta[STORE] = value


store_option = click.option(
    "--store",
    metavar="URL",
    expose_value=False,
    callback=_keep_store,
    help='Where the ledger is: "sqlite" or "postgresql://..."; default: as mainstem.toml says.',
)
"""The option of every command that opens the store."""


names_option = click.option(
    "--names",
    is_flag=True,
    help="Show authors; recorded where a proposal is not decided yet.",
)
"""The option of every listing that can show who wrote a proposal."""


def examples(*lines: str) -> str:
    """Examples as a help epilog that click does not re-wrap."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=examples(
        "mainstem init && mainstem check",
        "mainstem propose muon qk-norm rope",
        "mainstem integrate --budget 60 -j 2",
        "mainstem show && mainstem why rope",
        "mainstem merge",
    ),
)
@click.option(
    "-C",
    "directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Work as if started in this folder.",
)
@click.version_option(package_name="mainstem", message="%(prog)s %(version)s")
def main(directory: Path | None) -> None:
    """Merges model improvements: many branches, few training runs, one better model.

    Proposals are git branches. Mainstem trains chosen combinations of them, learns what each does
    alone and together, proves the best set on fresh seeds, and merges it onto the trunk.
    """
    if directory is not None:
        os.chdir(directory)
