"""A table of many rows: sorted and cut into pages by what stands in the address.

So a table can be shared as it is seen, works without scripts, and one of a thousand rows weighs as
much as one of a hundred.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from mainstem.board.page import ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mainstem.board.page import Visit

Row = TypeVar("Row")


@dataclass(frozen=True, kw_only=True)
class Listing(Generic[Row]):
    """One page of a table.

    Attributes:
        rows: The rows of this page, in order.
        count: How many rows there are on all pages.
        page: Which page it is, from 1.
        pages: How many there are, at least 1.
        first: The number of the first row of this page, from 1; 0 without rows.
        sort: The column that it is sorted by.
        falling: Whether the largest come first.
    """

    rows: Sequence[Row]
    count: int
    page: int
    pages: int
    first: int
    sort: str
    falling: bool

    def toggled(self, column: str, *, falls: bool = False) -> str:
        """What the address says to sort by a column, the other way round if it is sorted by it.

        Args:
            column: The column.
            falls: Whether the largest come first, if it is not sorted by it yet.
        """
        falling = not self.falling if self.sort == column else falls
        return f"-{column}" if falling else column

    def aria(self, column: str) -> str:
        """What a screen reader is told of a column's order."""
        if self.sort != column:
            return "none"
        return "descending" if self.falling else "ascending"


def listed(
    rows: Sequence[Row],
    visit: Visit,
    keys: Mapping[str, Callable[[Row], Any]],
    *,
    first: str,
    size: int = ROWS,
) -> Listing[Row]:
    """The page of a table that an address asks for.

    `sort` names a column, with `-` before it the largest first; `page` is a number. What makes no
    sense is taken as what is nearest: the column `first`, the first page or the last.

    Args:
        rows: All rows, in the order that they are known in.
        visit: What was asked for.
        keys: By column, what its rows are sorted by; None comes last either way.
        first: How it is sorted if nothing else is asked for, such as `-gain`.
        size: Rows of a page.
    """
    both = tuple(name for key in keys for name in (key, f"-{key}"))
    wanted = visit.word("sort", among=both, default=first)
    falling, column = wanted.startswith("-"), wanted.removeprefix("-")
    ordered = _sorted(rows, keys[column], falling=falling)
    pages = max(1, math.ceil(len(rows) / size))
    page = min(visit.number("page", default=1, least=1), pages)
    start = (page - 1) * size
    return Listing(
        rows=ordered[start : start + size],
        count=len(rows),
        page=page,
        pages=pages,
        first=start + 1 if rows else 0,
        sort=column,
        falling=falling,
    )


def _sorted(rows: Sequence[Row], key: Callable[[Row], Any], *, falling: bool) -> list[Row]:
    """Rows by a key, rows of one key in the order that they came; those without one at the end."""
    keys = [key(row) for row in rows]
    known = [at for at, found in enumerate(keys) if found is not None]
    known.sort(key=keys.__getitem__, reverse=falling)
    without = [row for row, found in zip(rows, keys, strict=True) if found is None]
    return [*(rows[at] for at in known), *without]
