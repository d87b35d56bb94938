"""A file that somebody else wrote, as rows: CSV or JSON, of records or of runs.

Nothing in it is believed before it was looked at (`mainstem.domain.foreign`).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NoReturn

from mainstem.domain.errors import Problem
from mainstem.domain.foreign import csv_rows, quoted, refuse, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

MOST_BYTES = 100_000_000
"""A larger file is refused."""

_DELIMITERS = (",", ";", "\t")


class Shape(StrEnum):
    """What the rows of a file are."""

    RECORDS = "records"
    RUNS = "runs"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row.

    Attributes:
        where: The place as a person would look for it, such as `runs.csv:12`.
        cells: Texts of a CSV file, or values of JSON, by column.
    """

    where: str
    cells: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A file, read.

    Attributes:
        file: Its name, without folders.
        sha256: Digest of its bytes.
        shape: What its rows are.
        rows: At least one.
        columns: Every column of any row, in the order of their coming.
        head: What a JSON file says beside its rows, such as `about`; empty for CSV.
    """

    file: str
    sha256: str
    shape: Shape
    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    head: Mapping[str, Any] = field(default_factory=dict)

    def text(self, key: str) -> str:
        """A text beside the rows, such as `unit`; empty where there is none."""
        found = self.head.get(key)
        return shown(found) if isinstance(found, str) else ""


def read_table(path: Path) -> Table:
    """A file of records or of runs.

    Raises:
        ConfigurationError: It cannot be read, is neither CSV nor JSON, or is of no known shape.
    """
    name = shown(path.name)
    try:
        if path.stat().st_size > MOST_BYTES:
            refuse([Problem(where=name, what=f"is larger than {MOST_BYTES // 10**6} MB")])
        content = path.read_bytes()
    except OSError as error:
        refuse([Problem(where=name, what=f"cannot be read: {error.strerror}")])
    return parse_table(path.name, content)


def parse_table(name: str, content: bytes) -> Table:
    """As `read_table`, of a file's bytes.

    Raises:
        ConfigurationError: See `read_table`.
    """
    name = shown(name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        refuse([Problem(where=name, what=f"is not UTF-8 (byte {error.start})")])
    head: dict[str, Any] = {}
    if text.lstrip()[:1] in {"{", "["}:
        shape, rows, head = _of_json(name, text)
    else:
        shape, rows = None, _of_csv(name, text)
    if not rows:
        refuse([Problem(where=name, what="holds no row")])
    columns = tuple(dict.fromkeys(key for row in rows for key in row.cells))
    return Table(
        file=name,
        sha256=hashlib.sha256(content).hexdigest(),
        shape=shape or _recognised(name, columns),
        rows=rows,
        columns=columns,
        head=head,
    )


def _recognised(name: str, columns: Sequence[str]) -> Shape:
    """Runs have a seed each; records have a date or a number."""
    if not {"seed", "date", "record"} & set(columns):
        has = ", ".join(quoted(column) for column in columns[:8])
        what = (
            "missing columns: runs need `seed` (and `changes`, or a column per setting), records "
            f"need `date` or `record`; it has {has}"
        )
        refuse([Problem(where=name, what=what)])
    return Shape.RUNS if "seed" in columns else Shape.RECORDS


def _of_csv(name: str, text: str) -> tuple[Row, ...]:
    """The rows of a CSV file; the first line names the columns."""
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    problems: list[Problem] = []
    found = csv_rows(name, text, [], problems, delimiter=delimiter)
    rows = tuple(Row(where=where, cells=cells) for where, cells in found)
    if problems:
        refuse(problems)
    return rows


def _of_json(name: str, text: str) -> tuple[Shape | None, tuple[Row, ...], dict[str, Any]]:
    """The rows of a JSON file: a list of objects, or an object with `records` or `runs`."""
    try:
        found = json.loads(text, parse_constant=_no_number, object_pairs_hook=_once)
    except _JsonError as error:
        refuse([Problem(where=name, what=str(error))])
    except json.JSONDecodeError as error:
        what = f"is no JSON: {error.msg} (column {error.colno})"
        refuse([Problem(where=f"{name}:{error.lineno}", what=what)])
    except (RecursionError, ValueError) as error:
        refuse([Problem(where=name, what=f"is no JSON that can be read: {quoted(str(error))}")])
    head: dict[str, Any] = {}
    listed, shape, each = found, None, "row"
    if isinstance(found, dict):
        kinds = [shape for shape in Shape if shape in found]
        if len(kinds) != 1:
            what = "needs a list `records` or a list `runs`, and only one of them"
            refuse([Problem(where=name, what=what)])
        shape, each = kinds[0], kinds[0].removesuffix("s")
        head, listed = {k: v for k, v in found.items() if k != shape}, found[shape]
    if not isinstance(listed, list):
        refuse([Problem(where=name, what=f"`{shape}` is no list")])
    places = [f"{name}, {each} {at}" for at in range(1, len(listed) + 1)]
    wrong = [
        Problem(where=where, what="is no object")
        for where, cells in zip(places, listed, strict=True)
        if not isinstance(cells, dict)
    ]
    if wrong:
        refuse(wrong)
    rows = tuple(Row(where=w, cells=c) for w, c in zip(places, listed, strict=True))
    return shape, rows, head


class _JsonError(ValueError):
    """JSON that Python would read and that says nothing."""


def _no_number(constant: str) -> NoReturn:
    raise _JsonError(f"holds {constant}, which is no number: leave a failed run's value out (null)")


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are there once."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _JsonError(f"an object has the key {quoted(key)} twice")
        found[key] = value
    return found
