"""One door to the terminal: JSON when asked for, else text that fits, in pipes as on screens.

What a ledger holds was written by others. Whatever goes through here is text: a terminal is never
steered by a name, a message or a log (`mainstem.plots.visible`). JSON has it as it was written.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any, cast

from rich.console import Console
from rich.table import Table

from mainstem.plots.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

    from rich.text import Text

PIPE_WIDTH = 100
"""Width where there is no terminal: wide enough for tables, narrow enough for a log."""


def console() -> Console:
    """A console on standard output. Text is never read as markup: branch names hold brackets."""
    if sys.stdout.isatty():
        return Visible(highlight=False, markup=False, emoji=False)
    columns = os.environ.get("COLUMNS", "")
    width = int(columns) if columns.isdecimal() and int(columns) else PIPE_WIDTH
    file = cast("TextIO", _Trimmed(sys.stdout))  # all of a text file that a console asks for
    return Visible(file=file, width=width, highlight=False, markup=False, emoji=False)


class Visible(Console):
    """A console that obeys no text: every string that it prints, cells of tables included."""

    def render_str(self, text: str, **how: Any) -> Text:
        """A string as it is printed."""
        return super().render_str(visible(text), **how)


def say(line: str = "", *, err: bool = False, nl: bool = True) -> None:
    """Prints a line of text; one that is long is not broken.

    Args:
        line: What is said; it may be several lines.
        err: To standard error.
        nl: Whether an end of line follows.
    """
    stream = sys.stderr if err else sys.stdout
    stream.write(visible(line) + ("\n" if nl else ""))
    stream.flush()


def writes_anything() -> None:
    """From now on nothing fails because a terminal's alphabet is small.

    A letter that it does not have is written by its number.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def writes_unicode() -> bool:
    """Whether standard output takes every letter, so that blocks and dashes can be drawn."""
    return (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")


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
    plain = not writes_unicode()
    sys.stdout.write(json.dumps(body, indent=2, ensure_ascii=plain, allow_nan=False) + "\n")


def table(
    *columns: str,
    rows: Sequence[Sequence[str]],
    right: Sequence[int] = (),
    broken: Mapping[int, float] | None = None,
) -> Table:
    """A plain table; the last column has what room is left.

    Args:
        columns: Their heads.
        rows: Cells.
        right: Which columns are aligned to the right.
        broken: Which ones are broken into lines where they would take more than such a part of the
            width: names have any length, and a long one must not take the room of what is said.
    """
    width, parts = console().width, broken or {}
    wide = width >= PIPE_WIDTH
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for at, name in enumerate(columns):
        last = at == len(columns) - 1
        grid.add_column(
            name,
            justify="right" if at in right else "left",
            no_wrap=wide and not last and at not in parts,
            overflow="fold",
            ratio=None,
            max_width=round(parts[at] * width) if at in parts else None,
        )
    for row in rows:
        grid.add_row(*row)
    return grid
