"""The options that say where trials run, the same for every command that runs some."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

_Command = Callable[..., Any]


def places(command: _Command) -> _Command:
    """Adds `-x` and `--slurm-option` to a command."""
    options = (
        click.option(
            "-x",
            "executor",
            default="local",
            show_default=True,
            metavar="PLACE",
            help="Where trials run: local, slurm, ray, ray://HOST:PORT, ray:HOST:PORT, ray:auto.",
        ),
        click.option(
            "--slurm-option",
            multiple=True,
            metavar="OPTION",
            help="For -x slurm: an option of sbatch, such as --partition=long; may be repeated.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command
