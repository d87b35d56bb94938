"""A log as a file: lines of JSON, or CSV; every wrong line is said at once.

A row is a decision (it has `number`) or a recipe that was run (it has `run`). How the file looks,
key by key: docs/recovery.md.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, NoReturn

from mainstem.domain.errors import Problem
from mainstem.domain.foreign import csv_rows, quoted, refuse
from mainstem.lab.decisions_log import DecisionsLog
from mainstem.lab.log_rows import Row, row_of_csv, row_of_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.lab.decisions_log import LoggedDecision, LoggedRun

MOST_BYTES = 20_000_000
"""A larger file is refused."""

MOST_COMPONENTS = 60
"""Of more the layouts are too many to look at; neighbours can be put together."""

_ORDER = "# components:"


def parse(name: str, content: bytes, components: Sequence[str] | None = None) -> DecisionsLog:
    """The log that a file holds.

    Args:
        name: The file's name, for errors.
        content: Its bytes.
        components: The components, neighbours beside each other; None for the order that the file
            gives.

    Raises:
        ConfigurationError: It is no log; says every wrong line.
    """
    name = quoted(name)
    if len(content) > MOST_BYTES:
        refuse([Problem(where=name, what=f"is larger than {MOST_BYTES // 10**6} MB")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        refuse([Problem(where=name, what=f"is not UTF-8 (byte {error.start})")])
    read = _of_json if text.lstrip()[:1] == "{" else _of_csv
    rows, order, problems = read(name, text)
    order = tuple(order if components is None else components)
    problems += [problem for row in rows for problem in row.problems]
    problems += _wrong_order(name, order) + _across(rows, order)
    decisions = tuple(row.decision for row in rows if row.decision is not None)
    if not decisions and not problems:
        problems.append(Problem(where=name, what="holds no decision"))
    if problems:
        refuse(problems)
    return DecisionsLog(
        components=order,
        decisions=decisions,
        runs=tuple(row.run for row in rows if row.run is not None),
    )


# ---- the two forms


_Read = tuple[list[Row], tuple[str, ...], list[Problem]]


def _of_json(name: str, text: str) -> _Read:
    """Rows, the order of components, and lines that are no rows."""
    rows: list[Row] = []
    problems: list[Problem] = []
    order: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), start=1):
        where = f"{name}:{number}"
        if not line.strip():
            continue
        try:
            found = json.loads(line, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            what = f"is no JSON: {quoted(str(error))}; a line holds one object"
            problems.append(Problem(where=where, what=what))
            continue
        if not isinstance(found, dict):
            problems.append(Problem(where=where, what="is no object; a line holds one"))
        elif set(found) == {"components"}:
            listed = found["components"]
            if not isinstance(listed, list) or not all(isinstance(c, str) and c for c in listed):
                what = '`components` is to be a list of names, such as ["data", "optimizer"]'
                problems.append(Problem(where=where, what=what))
            else:
                order = tuple(listed)
        else:
            rows.append(row_of_json(where, found))
    return rows, order, problems


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _of_csv(name: str, text: str) -> _Read:
    """Rows, the order of components, and lines that are no rows; the first line names columns."""
    rows: list[Row] = []
    problems: list[Problem] = []
    order: tuple[str, ...] = ()
    skipped = 0
    while text.startswith("#"):
        line, _, text = text.partition("\n")
        skipped += 1
        if line.lower().startswith(_ORDER):
            order = tuple(c.strip() for c in line[len(_ORDER) :].split(",") if c.strip())
    columns: list[str] = []
    for where, cells in csv_rows(name, text, columns, problems, skipped=skipped):
        if len(set(columns)) == len(columns) and all(columns):
            rows.append(row_of_csv(where, {c: v for c, v in cells.items() if v}))
    return rows, order, problems


# ---- what only the whole file shows


def _wrong_order(name: str, order: Sequence[str]) -> list[Problem]:
    """Components that are listed twice, or too many."""
    if len(order) > MOST_COMPONENTS:
        what = (
            f"{len(order)} components are too many (at most {MOST_COMPONENTS}): put some together"
        )
        return [Problem(where=name, what=what)]
    twice = [component for component, times in Counter(order).items() if times > 1]
    return [Problem(where=name, what=f"the component {quoted(c)!r} is listed twice") for c in twice]


def _across(rows: Sequence[Row], order: Sequence[str]) -> list[Problem]:
    """Numbers that are there twice or not at all, and components without a place."""
    decided: dict[int, LoggedDecision] = {}
    problems: list[Problem] = []
    for row in rows:
        one = row.decision
        if one is not None and decided.setdefault(one.number, one) is not one:
            what = f"number {one.number} is decided twice: each proposal has one decision"
            problems.append(Problem(where=row.where, what=what))
    for row in rows:
        if row.decision is not None:
            problems += _misplaced(row.where, row.decision, decided, order)
        elif row.run is not None:
            problems += _unknown_members(row.where, row.run, decided)
    return problems


def _misplaced(
    where: str, one: LoggedDecision, decided: dict[int, LoggedDecision], order: Sequence[str]
) -> list[Problem]:
    """What of a decision refers to nothing."""
    problems = []
    strange = [quoted(c) for c in one.components if c not in order]
    if strange and not order:
        what = (
            'the order of components is not known: begin with a line {"components": [...]} (in CSV '
            "`# components: a, b, c`), neighbours beside each other"
        )
        problems.append(Problem(where=where, what=what))
    elif strange:
        what = f"component {strange[0]!r} is not in the order {', '.join(map(quoted, order))}"
        problems.append(Problem(where=where, what=what))
    for number in one.beside:
        other = decided.get(number)
        if other is None or other.round != one.round or number == one.number:
            what = f"`beside` names {number}, which is no other decision of round {one.round}"
            problems.append(Problem(where=where, what=what))
    return problems


def _unknown_members(
    where: str, run: LoggedRun, decided: dict[int, LoggedDecision]
) -> list[Problem]:
    strange = [
        number
        for number in sorted(run.members)
        if number not in decided or decided[number].round != run.round
    ]
    what = f"runs {', '.join(map(str, strange))}, of which round {run.round} has no decision"
    return [Problem(where=where, what=what)] if strange else []


# ---- and back


def written(log: DecisionsLog) -> str:
    """A log as lines of JSON, which `parse` reads."""
    head = [{"components": list(log.components)}] if log.components else []
    rows = [
        *head,
        *({"run": sorted(run.members), "round": run.round} for run in log.runs),
        *map(_as_row, log.decisions),
    ]
    return "".join(json.dumps(row) + "\n" for row in rows)


def _as_row(one: LoggedDecision) -> dict[str, Any]:
    """A decision with what the log knows of it."""
    gain = {
        name: {"mean": g.mean, "sd": g.sd, "margin": g.margin, "role": str(g.role)}
        for name, g in one.gain.items()
    }
    row: dict[str, Any] = {"number": one.number, "round": one.round, "merged": one.merged}
    row |= {"component": list(one.components)} if one.components else {}
    row |= {"gain": gain} if gain else {}
    row |= {"beside": {str(k): v for k, v in one.beside.items()}} if one.beside else {}
    row |= {} if one.approved is None else {"approved": one.approved}
    row |= {"vetoed": True} if one.vetoed else {}
    return row | ({} if one.by is None else {"by": one.by})
