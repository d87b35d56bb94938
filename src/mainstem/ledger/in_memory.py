"""The ledger in memory: the same lines, for campaigns that nobody goes on with.

A simulated campaign writes a line or two a run and is thrown away when it ends. On a disk each of
them would wait for that disk; here lines are as canonical and as chained, and last as long as the
object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.ledger.chain import GENESIS, chained, entry_of, prepared, sought
from mainstem.ledger.verification import verify_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mainstem.engine.ports import Clock, Entry
    from mainstem.ledger.chain import Row


class MemoryLedger:
    """The port `Ledger`, of one process and while it lasts.

    Args:
        clock: Says when lines are written.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rows: list[Row] = []

    def append(self, records: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Entry]:
        """Adds records: all of them or none.

        Raises:
            ValueError: A record is not JSON, or its kind is no plain word; nothing was added.
        """
        seq, previous = self.end()
        at = self._clock.now()
        rows = chained(prepared(records), at=at, seq=seq, previous=previous)
        self._rows += rows
        return [entry_of(row) for row in rows]

    def append_if_last(
        self, last: int, records: Iterable[tuple[str, Mapping[str, Any]]]
    ) -> list[Entry] | None:
        """Adds records if the last line has this number; else nothing is added: None.

        Raises:
            ValueError: A record is not JSON, or its kind is no plain word; nothing was added.
        """
        return self.append(records) if last == len(self._rows) else None

    def entries(self, *, kinds: Sequence[str] | None = None, after: int = 0) -> Iterator[Entry]:
        """Entries after `seq == after` in order, of the given kinds or of all, as of now."""
        rows = self._rows[max(after, 0) :]
        return (entry_of(row) for row in rows if kinds is None or row[2] in kinds)

    def latest(
        self,
        *,
        before: int | None = None,
        kinds: Sequence[str] | None = None,
        text: str = "",
        most: int,
    ) -> list[Entry]:
        """The last entries, the last one first; see the port."""
        wanted = [_folded(one) for one in sought(text) if one] if text else [""]
        last = len(self._rows) if before is None else max(before - 1, 0)
        found: list[Entry] = []
        for row in reversed(self._rows[:last]):
            if len(found) >= most:
                break
            _, _, kind, body, _ = row
            within = f"{kind}\n{_folded(body)}"
            if (kinds is None or kind in kinds) and any(one in within for one in wanted):
                found.append(entry_of(row))
        return found

    def end(self) -> tuple[int, str]:
        """Number and hash of the last line; 0 and the chain's beginning while there is none."""
        return (self._rows[-1][0], self._rows[-1][4]) if self._rows else (0, GENESIS)

    def verify(self) -> list[str]:
        """Walks the whole chain; one line per alteration found, empty when it is whole."""
        return verify_rows(self._rows, ever=len(self._rows))

    def close(self) -> None:
        """Nothing to let go of. May be called twice."""


def _folded(text: str) -> str:
    """A to Z as a to z, and nothing else."""
    return "".join(c.lower() if c.isascii() else c for c in text)
