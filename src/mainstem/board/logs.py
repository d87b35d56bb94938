"""Pieces of a trial's log: what is sent at first, and what came since.

A log may be a megabyte on one line, hold anything that a terminal obeys, and grow without end. So
it is sent in pieces, as text that does nothing, and who falls far behind is told what is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.plots.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.board.reader import LogPiece, Reader

PIECE_BYTES = 64 * 2**10
"""So much is sent at once."""

BEHIND_BYTES = 2**20
"""Whoever is further behind the end than this goes on near the end."""

STREAMS = ("stdout", "stderr")


@dataclass(frozen=True, kw_only=True)
class Event:
    """A piece of a stream.

    Attributes:
        stream: Which.
        text: What came, as it may be shown.
        left_out: Bytes before it that were passed over.
        end: Where it ends, in bytes.
    """

    stream: str
    text: str
    left_out: int
    end: int


def shown(text: str) -> str:
    """What a trial wrote, as text: a bar that it draws over and over on one line is many lines."""
    return visible(text.replace("\r\n", "\n").replace("\r", "\n"))


def places(query: Mapping[str, str], last: str) -> dict[str, int]:
    """From which byte on each stream is wanted.

    Args:
        query: `stdout` and `stderr`, a byte each.
        last: The id of the last event that came, such as `120-0`; "" for none.
    """
    came = last.split("-")
    if len(came) == len(STREAMS):
        query = dict(zip(STREAMS, came, strict=True))
    return {name: _byte(query.get(name, "")) for name in STREAMS}


def _byte(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def news(reader: Reader, trial: str, at: Mapping[str, int]) -> tuple[list[Event], bool]:
    """What came since, and whether nothing will follow.

    Args:
        reader: The record.
        trial: Its name.
        at: Up to where each stream is known.

    Raises:
        KeyError: There is no such trial, or it has no log and does not run.
    """
    try:
        return _news(reader, trial, at)
    except KeyError:
        if trial not in reader.progress().get("running", ()):
            raise
        return [], False  # it has just begun


def _news(reader: Reader, trial: str, at: Mapping[str, int]) -> tuple[list[Event], bool]:
    found, over = [], True
    for stream in STREAMS:
        start, left_out = at[stream], 0
        piece = reader.log(trial, stream, start=start, most=PIECE_BYTES)
        if piece.size - start > BEHIND_BYTES:
            piece = reader.log(trial, stream, start=-PIECE_BYTES, most=PIECE_BYTES)
            left_out = max(0, piece.start - start)
        if piece.end > start:
            text = shown(piece.text)
            found.append(Event(stream=stream, text=text, left_out=left_out, end=piece.end))
        over = over and _is_over(piece)
    return found, over


def _is_over(piece: LogPiece) -> bool:
    return bool(piece.elsewhere) or (piece.ended and piece.end >= piece.size)
