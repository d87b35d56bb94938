"""One door to the terminal: JSON when asked for, else text that fits, in pipes as on screens."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PIPE_WIDTH = 100
"""Width where there is no terminal: wide enough for tables, narrow enough for a log."""


def console() -> Console:
    """A console on standard output. Text is never read as markup: branch names hold brackets."""
    width = None
    if not sys.stdout.isatty():
        width = int(os.environ.get("COLUMNS", PIPE_WIDTH))
    return Console(width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def print_json(body: Mapping[str, Any]) -> None:
    """JSON on standard output, one object, stable key order as documented."""
    sys.stdout.write(json.dumps(body, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def table(
    *columns: str,
    rows: Sequence[Sequence[str]],
    right: Sequence[int] = (),
    wrap: Sequence[int] = (),
) -> Table:
    """A plain table; the columns in `right` are aligned to the right.

    The last column and those in `wrap` share what room is left.
    """
    wide = console().width >= PIPE_WIDTH
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for at, name in enumerate(columns):
        last = at == len(columns) - 1
        grid.add_column(
            name,
            justify="right" if at in right else "left",
            no_wrap=wide and not last and at not in wrap,
            overflow="fold",
            ratio=None,
        )
    for row in rows:
        grid.add_row(*row)
    return grid
