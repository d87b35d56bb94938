"""One door to the terminal: JSON when asked for, else text that fits, in pipes as on screens."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any, cast

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

PIPE_WIDTH = 100
"""Width where there is no terminal: wide enough for tables, narrow enough for a log."""


def console() -> Console:
    """A console on standard output. Text is never read as markup: branch names hold brackets."""
    if sys.stdout.isatty():
        return Console(highlight=False, markup=False, emoji=False)
    columns = os.environ.get("COLUMNS", "")
    width = int(columns) if columns.isdecimal() and int(columns) else PIPE_WIDTH
    file = cast("TextIO", _Trimmed(sys.stdout))  # all of a text file that a console asks for
    return Console(file=file, width=width, highlight=False, markup=False, emoji=False)


class _Trimmed(io.TextIOBase):
    """Hands text on without blanks at ends of lines, with which tables are filled up."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Writes whole lines."""
        self._file.write(re.sub(r" +$", "", text, flags=re.MULTILINE))
        return len(text)

    def flush(self) -> None:
        """Sees to it that everything has been handed on."""
        self._file.flush()


def print_json(body: Mapping[str, Any]) -> None:
    """JSON on standard output, one object, stable key order as documented."""
    sys.stdout.write(json.dumps(body, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def table(
    *columns: str,
    rows: Sequence[Sequence[str]],
    right: Sequence[int] = (),
) -> Table:
    """A plain table; the columns in `right` are aligned to the right.

    The last column has what room is left.
    """
    wide = console().width >= PIPE_WIDTH
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for at, name in enumerate(columns):
        last = at == len(columns) - 1
        grid.add_column(
            name,
            justify="right" if at in right else "left",
            no_wrap=wide and not last,
            overflow="fold",
            ratio=None,
        )
    for row in rows:
        grid.add_row(*row)
    return grid
