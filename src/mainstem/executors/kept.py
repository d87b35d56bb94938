"""What is kept of a trial, for whoever looks at it later: its logs, whole or piece by piece.

A trial may have put a link or a pipe in their place, so they are read as warily as while it ran.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.domain.errors import UsageError
from mainstem.executors.folders import reason
from mainstem.executors.logs import open_regular

if TYPE_CHECKING:
    from pathlib import Path

LOGS = ("stdout", "stderr")
"""The logs in a trial's folder."""


def kept_logs(workspace: Path, trial: str) -> dict[str, str] | None:
    """What a trial printed, by `stdout` and `stderr`; None if nothing is kept of it.

    Args:
        workspace: The state folder.
        trial: The trial's name, which must be the name of a folder.

    Raises:
        UsageError: A log is there but cannot be read, or is not a regular file.
    """
    folder = workspace / "logs" / trial
    return {name: _whole(folder / name) for name in LOGS} if folder.is_dir() else None


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A piece of a log.

    Attributes:
        text: What stands there; bytes that are no UTF-8 are shown as escapes.
        start: Where it begins, in bytes.
        end: Where it ends.
        size: Bytes in the file.
    """

    text: str
    start: int
    end: int
    size: int


def kept_piece(workspace: Path, trial: str, log: str, *, start: int, most: int) -> Piece | None:
    """A piece of a log, also while the trial runs; None if nothing is kept of the trial.

    A character that is cut at the piece's end, or not all written yet, is left to the next piece.

    Args:
        workspace: The state folder.
        trial: The trial's name, which must be the name of a folder.
        log: `stdout` or `stderr`.
        start: The first byte; a negative number counts from the end.
        most: So many bytes at most, 4 or more.

    Raises:
        UsageError: The log is there but cannot be read, or is not a regular file.
    """
    folder = workspace / "logs" / trial
    if not folder.is_dir():
        return None
    path = folder / log
    try:
        with open_regular(path) as (file, size):
            first = max(0, size + start) if start < 0 else min(start, size)
            file.seek(first)
            content = file.read(most)
    except FileNotFoundError:
        return Piece(text="", start=0, end=0, size=0)
    except OSError as error:
        raise UsageError(f"the log {path} cannot be read: {reason(error)}") from None
    if start < 0 < first:
        # Counted from the end it may begin in the middle of a character.
        rest = content.lstrip(_CONTINUES)
        if len(content) - len(rest) < _LONGEST:
            first, content = first + len(content) - len(rest), rest
    content = content[: len(content) - _unfinished(content)]
    text = content.decode(errors="backslashreplace")
    return Piece(text=text, start=first, end=first + len(content), size=size)


_CONTINUES = bytes(range(0x80, 0xC0))
_LONGEST = 4
"""Bytes of the longest character."""


def _unfinished(content: bytes) -> int:
    """How many bytes at the end begin a character that is not all there."""
    for back in range(1, min(_LONGEST, len(content) + 1)):
        lead = content[-back]
        if lead >= 0xC0:
            wanted = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
            return back if back < wanted else 0
        if lead < 0x80:
            return 0
    return 0


def _whole(path: Path) -> str:
    """A log's text as it is on the disk; "" if the trial never got so far.

    Raises:
        UsageError: It cannot be read, or is not a regular file.
    """
    try:
        with open_regular(path) as (file, _):
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise UsageError(f"the log {path} cannot be read: {reason(error)}") from None
