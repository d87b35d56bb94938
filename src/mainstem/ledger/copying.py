"""A ledger copied to another store, line by line, with the hashes that it has, and who acts there.

A chain is a chain wherever it stands: number, time, kind, body and hash of every line are the same,
so what verified there verifies here, and whoever kept the last hash finds it again. A copy that was
interrupted goes on where it stood; one into a store that holds anything else is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from mainstem.domain.errors import StoreError
from mainstem.ledger.chain import GENESIS
from mainstem.ledger.verification import verify_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mainstem.ledger.chain import Row
    from mainstem.ledger.identities import StoredIdentities

PAGE = 500
"""Lines per transaction."""


class Copyable(Protocol):
    """A store whose lines can be read and written as they are."""

    @property
    def identities(self) -> StoredIdentities:
        """Who acts there, beside the lines."""
        ...

    def rows(self, *, after: int = 0) -> Iterator[Row]:
        """Every line after this number as it stands."""
        ...

    def take_rows(self, rows: Sequence[Row]) -> None:
        """Writes lines of another store as they are, behind the last one, all or none.

        Raises:
            StoreError: They do not follow the last line, or the store cannot be written.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Copied:
    """What a copy did.

    Attributes:
        lines: How many lines both stores hold now.
        copied: How many of them were written by this copy.
        identities: How many people both stores know now, the forgotten included.
        head: The hash of the last one.
        alterations: What is wrong with the source; then nothing was copied.
    """

    lines: int
    copied: int
    identities: int
    head: str
    alterations: tuple[str, ...] = ()


def copy(source: Copyable, target: Copyable, *, shown: str) -> Copied:
    """Copies what the target lacks: whose tokens are, and the lines that hold them.

    Args:
        source: The ledger.
        target: An empty store, or one with a part of this very ledger.
        shown: The target, for messages.

    Raises:
        StoreError: The target holds another ledger, or more of this one, or knows people of its
            own; or a store fails.
    """
    alterations = verify_rows(source.rows())
    if alterations:
        return Copied(lines=0, copied=0, identities=0, head=GENESIS, alterations=tuple(alterations))
    there, head = _common(source, target, shown)
    people = source.identities.kept()
    target.identities.take(people)
    lines = there
    rows = source.rows(after=there)
    while page := list(islice(rows, PAGE)):
        target.take_rows(page)
        lines, head = page[-1][0], page[-1][4]
    return Copied(lines=lines, copied=lines - there, identities=len(people.rows), head=head)


def _common(source: Copyable, target: Copyable, shown: str) -> tuple[int, str]:
    """How many lines the target holds, and the last one's hash; all of them are the source's.

    Raises:
        StoreError: They are not.
    """
    count, head = 0, GENESIS
    ours = source.rows()
    for row in target.rows():
        mine = next(ours, None)
        if mine is None:
            raise StoreError(
                f"ledger {shown} goes on behind line {count}, where the source ends: nothing was "
                "copied; copy the other way, or name an empty store"
            )
        if mine != row:
            raise StoreError(
                f"ledger {shown} is another one: its line {row[0]} is not the source's; nothing "
                "was copied; name an empty store"
            )
        count, head = row[0], row[4]
    return count, head
