"""The options that say where trials run, the same for every command that runs some."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from mainstem.wiring.clusters import where

_Command = Callable[..., Any]


def places(command: _Command) -> _Command:
    """Gives a command `-x` and `--slurm-option`, which come to it as one `place`."""

    @click.option(
        "-x",
        "executor",
        default="local",
        show_default=True,
        metavar="PLACE",
        help="Where trials run: local, slurm, ray, ray://HOST:PORT, ray:HOST:PORT, ray:auto.",
    )
    @click.option(
        "--slurm-option",
        "slurm_options",
        multiple=True,
        metavar="OPTION",
        help="For -x slurm: an option of sbatch, such as --partition=long; may be repeated.",
    )
    @functools.wraps(command)
    def placed(*, executor: str, slurm_options: tuple[str, ...], **others: Any) -> Any:
        return command(place=where(executor, slurm_options), **others)

    return placed
