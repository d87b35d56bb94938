"""Values in files that somebody else wrote: nothing is believed before it was looked at.

What is wrong is collected and said at once, with the place where a person would look; text that a
terminal would act on is escaped here, so that it is only text to all who read it.
"""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING, Any, NoReturn

from mainstem.domain.errors import ConfigurationError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_PROBLEMS = 20
"""So many problems of a file are said at once; of more, the number."""

_MOST_CHARACTERS = 80  # of a value in an error


def shown(text: str, most: int | None = None) -> str:
    """A text on one line: what a terminal would act on is escaped; a long one is cut.

    Args:
        text: Anything.
        most: Characters to keep; None for all.
    """
    plain = text if text.isprintable() else repr(text)[1:-1]
    return plain if most is None or len(plain) <= most else f"{plain[: most - 3]}..."


def quoted(value: Any) -> str:
    """A value as an error shows it."""
    return shown(value if isinstance(value, str) else repr(value), _MOST_CHARACTERS)


def refuse(problems: Sequence[Problem]) -> NoReturn:
    """Says what is wrong with a file.

    Raises:
        ConfigurationError: Always, with at most `MOST_PROBLEMS` of the problems.
    """
    told = list(problems[:MOST_PROBLEMS])
    if len(problems) > len(told):
        where = told[0].where.partition(":")[0].partition(",")[0]
        told.append(Problem(where=where, what=f"and {len(problems) - len(told)} more like these"))
    raise ConfigurationError(tuple(told))


def number(value: Any) -> float | None:
    """A finite number, of JSON or of a text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and "_" in value:  # Python's digits, nobody's table
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def absent(value: Any) -> bool:
    """Whether a cell is empty: no text, or JSON's null."""
    return value is None or value == ""


def csv_rows(
    name: str,
    text: str,
    columns: list[str],
    problems: list[Problem],
    *,
    delimiter: str = ",",
    skipped: int = 0,
) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a CSV file that are not empty, each with its place and its cells by column.

    Args:
        name: The file's name, for places.
        text: What it holds; the first line names the columns.
        columns: Filled with the columns before the first row comes; whoever reads may look.
        problems: Filled with what is wrong: columns, rows of another width, and what is no CSV.
        delimiter: Between cells.
        skipped: Lines of the file before the text.
    """
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns += [column.strip() for column in next(lines, [])]
        problems += [Problem(where=f"{name}:{skipped + 1}", what=w) for w in _wrong(columns)]
        for cells in lines:
            where = f"{name}:{skipped + lines.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) == len(columns):
                stripped = (cell.strip() for cell in cells)
                yield where, dict(zip(columns, stripped, strict=True))
                continue
            what = f"has {len(cells)} cells for {len(columns)} columns"
            problems.append(Problem(where=where, what=what))
    except csv.Error as error:
        where = f"{name}:{skipped + lines.line_num}"
        problems.append(Problem(where=where, what=f"is no CSV: {error}"))


def _wrong(columns: Sequence[str]) -> list[str]:
    """Columns that are named twice, and those without a name."""
    twice = [c for c in dict.fromkeys(columns) if c and columns.count(c) > 1]
    found = [f"the column {quoted(column)} is there twice" for column in twice]
    if not all(columns):
        found.append("a column has no name in the first line")
    return found
