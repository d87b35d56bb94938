"""Is the ledger what was written? The whole chain recomputed, and what is wrong with it named.

A line's hash covers the hash before it, so an alteration shows at the altered line, and a line
that was moved or taken out shows where it was and where it went. What a chain cannot show is an end
rewritten as a whole by someone who recomputes every hash: for that, keep the last hash elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.domain.errors import StoreError
from mainstem.ledger.chain import GENESIS, Row, entry_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_MOST_SEARCHED = 24
"""Most broken lines among which a moved one is looked for; the search grows with their cube."""

_SHOWN = 40
"""Characters of a kind that are shown."""


@dataclass(frozen=True, kw_only=True)
class _Broken:
    """A line whose hash does not follow from the line before and its own content.

    Attributes:
        row: The line.
        previous: The hash of the line before, as it stands.
    """

    row: Row
    previous: str


def verify_rows(rows: Iterable[Row], *, ever: int = 0) -> list[str]:
    """One line for each alteration, in the order of the lines; empty when the chain is whole.

    Args:
        rows: Every line, in the order of `seq`.
        ever: The largest `seq` that was ever given, where the store knows it.
    """
    said: list[tuple[int, str]] = []
    broken: list[_Broken] = []
    expected, previous = 1, GENESIS
    for row in rows:
        seq, at, kind, body, found = row
        if seq > expected:
            said.append((expected, f"{_lines(expected, seq - 1)} missing"))
            # What came before this line is gone: only what follows can be checked.
        elif entry_hash(previous, seq=seq, at=at, kind=kind, body=body) != found:
            broken.append(_Broken(row=row, previous=previous))
        expected, previous = seq + 1, found
    if expected <= ever:
        said.append((expected, f"{_lines(expected, ever)} missing at the end"))
    said += _explained(broken)
    return [text for _, text in sorted(said)]


def _plain(kind: str) -> str:
    """A kind as it may be printed: what was altered may hold anything."""
    return kind[:_SHOWN].encode("unicode_escape", "backslashreplace").decode("ascii")


def check_follows(rows: Sequence[Row], seq: int, previous: str, shown: str) -> None:
    """Sees to it that lines of another store go on where this one ends, each with its hash.

    Args:
        rows: The lines.
        seq: The number of this store's last line, or 0.
        previous: Its hash, or `GENESIS`.
        shown: This store, for the message.

    Raises:
        StoreError: They do not.
    """
    for number, at, kind, body, found in rows:
        seq += 1
        previous = entry_hash(previous, seq=seq, at=at, kind=kind, body=body)
        if number != seq or found != previous:
            raise StoreError(
                f"line {number} does not follow line {seq - 1} of ledger {shown}: somebody wrote "
                "there meanwhile, or the line was altered; nothing of it was written"
            )


def _lines(first: int, last: int) -> str:
    return f"line {first} is" if first == last else f"lines {first} to {last} are"


def _explained(broken: Sequence[_Broken]) -> Iterator[tuple[int, str]]:
    """What happened to each broken line: it was altered, moved, or follows one that was moved."""
    if len(broken) > _MOST_SEARCHED:
        yield from _ranges([item.row[0] for item in broken])
        return
    moved = dict(_moved(broken)) if len(broken) > 1 else {}
    anyone_moved = any(was != now for now, was in moved.items())
    for item in broken:
        seq, kind = item.row[0], _plain(item.row[2])
        was = moved.get(seq)
        if was is None:
            text = f"line {seq} ({kind}) was altered: its hash does not fit it and the line before"
        elif was != seq:
            text = f"line {seq} ({kind}) was moved: it was written as line {was}"
        elif anyone_moved:
            continue  # untouched itself: it only stands behind a line that was moved
        else:
            text = f"line {seq} ({kind}) does not follow line {seq - 1}: that one was replaced"
        yield seq, text


def _ranges(places: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Very many broken lines, by unbroken ranges."""
    first = last = places[0]
    for place in [*places[1:], None]:
        if place is not None and place == last + 1:
            last = place
            continue
        text = f"line {first} was altered"
        if last > first:
            text = f"lines {first} to {last} were altered, or one before them was put in or removed"
        yield first, text
        if place is not None:
            first = last = place


def _moved(broken: Sequence[_Broken]) -> Iterator[tuple[int, int]]:
    """Where broken lines were written, for those that are whole behind another line's hash."""
    places = [item.row[0] for item in broken]
    befores = dict.fromkeys([h for item in broken for h in (item.previous, item.row[4])])
    for item in broken:
        seq, at, kind, body, found = item.row
        for was in places:
            for before in befores:
                if entry_hash(before, seq=was, at=at, kind=kind, body=body) == found:
                    yield seq, was
