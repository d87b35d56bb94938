"""The records of a leaderboard: one per row, in the order in which they were set.

*Order*: by date, then by the record's number; a record without a date comes last. *Value*: the
mean of a record's seeds where it gives them, else the one value that it states. *Best earlier
value*: the best value of all records earlier in that order, with seeds or without; of equal values
the one that was first.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.domain.errors import Problem, UsageError
from mainstem.domain.foreign import absent, number, quoted, refuse, shown
from mainstem.domain.stack import Direction
from mainstem.frontier.objectives import direction_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mainstem.frontier.table import Row, Table

_SEEDS = ("values", "seed_values")
_SPLIT = re.compile(r"[;\s]+")


@dataclass(frozen=True, kw_only=True)
class Record:
    """A record of a leaderboard.

    Attributes:
        number: Its number, or its place in the file.
        date: The day on which it was set, ISO 8601; None where nobody says.
        label: What it was.
        contributor: Whose it is, as the file has it.
        stated: The value that it states; None where it has only its seeds'.
        seeds: The value of each seed, none or more.
    """

    number: int
    date: str | None
    label: str
    contributor: str
    stated: float | None
    seeds: tuple[float, ...]

    @property
    def value(self) -> float:
        """The mean of its seeds, else what it states."""
        return float(np.mean(self.seeds)) if self.seeds else float(self.stated or 0.0)

    @property
    def runs(self) -> NDArray[np.float64]:
        """Its seeds' values, shape (n,)."""
        return np.array(self.seeds)


@dataclass(frozen=True, kw_only=True)
class Records:
    """The records of a file.

    Attributes:
        metric: What was measured.
        unit: Its unit; empty where nobody says.
        direction: Which way is better.
        rows: In the order in which they were set.
    """

    metric: str
    unit: str
    direction: Direction
    rows: tuple[Record, ...]

    @property
    def sign(self) -> float:
        """The factor that turns a difference to an earlier value into a gain."""
        return 1.0 if self.direction is Direction.MAXIMIZE else -1.0


def records_of(table: Table, given: Mapping[str, Any] | None) -> Records:
    """A file's records, in the order in which they were set.

    Args:
        table: The file.
        given: The objective that was named with the call; None for none.

    Raises:
        UsageError: The objective is no column.
        ConfigurationError: What is wrong in its rows, all at once.
    """
    metric, seeds = _columns(table, given)
    problems: list[Problem] = []
    found: dict[int, Record] = {}
    for at, row in enumerate(table.rows, start=1):
        wrong, record = _record(row, at, metric, seeds)
        problems += [Problem(where=row.where, what=what) for what in wrong]
        if record is None:
            continue
        if record.number in found:
            problems.append(Problem(where=row.where, what=f"record {record.number} is there twice"))
        found[record.number] = record
    if problems:
        refuse(problems)
    settings = {"name": metric, "unit": table.text("unit"), **(given or {})}
    if not (given or {}).get("direction"):
        settings["direction"] = table.head.get("direction")
    return Records(
        metric=shown(metric),
        unit=shown(settings["unit"]),
        direction=direction_of(settings),
        rows=tuple(sorted(found.values(), key=lambda r: (r.date is None, r.date or "", r.number))),
    )


def _columns(table: Table, given: Mapping[str, Any] | None) -> tuple[str, str | None]:
    """The columns of the value and of the seeds' values.

    Raises:
        UsageError: The objective is no column, or nothing says which column is the value.
    """
    columns = table.columns
    if given is not None:
        name = given["name"]
        if name not in columns and f"seed_{name}" not in columns:
            has = ", ".join(quoted(column) for column in columns)
            raise UsageError(f"{table.file} has no column {quoted(name)}; it has {has}")
    else:
        pairs = [c for c in columns if f"seed_{c}" in columns]
        known = [*pairs, *(("value",) if {"value", *_SEEDS} & set(columns) else ())]
        if not known:
            refuse(
                [
                    Problem(
                        where=table.file,
                        what="missing columns: nothing says which column is the value; call it "
                        "`value`, or name it with --objective NAME",
                    )
                ]
            )
        name = known[0]
    return name, next((c for c in (f"seed_{name}", *_SEEDS) if c in columns), None)


def _record(row: Row, at: int, metric: str, seeds: str | None) -> tuple[list[str], Record | None]:
    """A row as a record, or what is wrong with it."""
    cells, wrong = row.cells, []
    place = cells.get("record")
    numbered = float(at) if absent(place) else number(place)
    if numbered is None or numbered != int(numbered):
        wrong.append(f"record is {quoted(place)}, not a whole number")
    date, stated, runs = _date(cells.get("date")), None, _runs(cells.get(seeds or ""))
    if date is None and not absent(cells.get("date")):
        wrong.append(f"date is {quoted(cells['date'])}, not a day such as 2026-03-18")
    if not absent(cells.get(metric)):
        stated = number(cells[metric])
        if stated is None:
            wrong.append(f"{quoted(metric)} is {quoted(cells[metric])}, not a finite number")
    if runs is None:
        wrong.append(
            f"{quoted(seeds or '')} is {quoted(cells.get(seeds or ''))}, not finite numbers"
        )
    elif not runs and absent(cells.get(metric)):
        wrong.append(f"has neither {quoted(metric)} nor a value per seed")
    if wrong or numbered is None or runs is None:
        return wrong, None
    record = Record(
        number=int(numbered),
        date=date,
        label=_text(cells.get("label")),
        contributor=_text(cells.get("contributor")),
        stated=stated,
        seeds=runs,
    )
    return [], record


def _text(value: Any) -> str:
    return "" if absent(value) else shown(value if isinstance(value, str) else repr(value))


def _date(value: Any) -> str | None:
    """A day in ISO 8601; None if it is none."""
    try:
        return dt.date.fromisoformat(value).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None


def _runs(value: Any) -> tuple[float, ...] | None:
    """The values of seeds: a list, or numbers apart from each other; None if one is none."""
    if absent(value):
        return ()
    if isinstance(value, str):
        value = [part for part in _SPLIT.split(value) if part]
    if not isinstance(value, list):
        return None
    found = [number(one) for one in value]
    return None if None in found else tuple(one for one in found if one is not None)


def in_bits_per_byte(unit: str) -> bool:
    """Whether a unit is bits per byte, whatever follows."""
    return re.match(r"bits?\s*(?:/|per)\s*byte", unit.lower()) is not None
