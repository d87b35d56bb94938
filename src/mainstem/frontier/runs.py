"""Runs that somebody else made, as runs of recipes: changes against a baseline.

A row says what was changed, either as a list (`changes`, such as a set of branches) or by a column
per setting (`mainstem.frontier.settings`). It has a seed, and a value per objective or, where the
run failed, none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import ConfigurationError, Problem, UsageError
from mainstem.domain.foreign import absent, number, quoted, refuse, shown
from mainstem.frontier.objectives import listed, objectives
from mainstem.frontier.settings import Coding, coded, word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.recipe import Recipe
    from mainstem.domain.stack import Objective
    from mainstem.frontier.table import Row, Table

PLACES = ("rung", "harness", "machine")
"""Columns that say where and how a run was measured; never a change."""

CHANGES, SEED, NAME = "changes", "seed", "run"
_OURS = (CHANGES, SEED, NAME, *PLACES)
_NESTED = ("config", "metrics")
_SPLIT = re.compile(r"\s*;\s*|\s+\+\s+")


@dataclass(frozen=True, kw_only=True)
class ForeignRun:
    """A run that somebody else made.

    Attributes:
        name: Its name in the file, or where it stands there.
        where: Where it stands in the file.
        changes: What was changed against the baseline.
        seed: Its seed.
        values: Raw value per objective; None: it failed.
        places: Where and how it was measured, of `PLACES` what its row says.
    """

    name: str
    where: str
    changes: Recipe
    seed: int
    values: Mapping[str, float] | None
    places: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ForeignRuns:
    """The runs of a file.

    Attributes:
        objectives: What was measured.
        changes: Every change of any run, in the order of columns and of coming.
        conflicts: Changes that exclude each other: values of one setting.
        runs: In the order of the file.
        constant: Settings that never vary.
        unused: Columns that nothing is made of.
        left_out: How many runs were left out, being measured elsewhere.
    """

    objectives: tuple[Objective, ...]
    changes: tuple[str, ...]
    conflicts: tuple[Recipe, ...]
    runs: tuple[ForeignRun, ...]
    constant: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a file of runs is to be read.

    Attributes:
        objectives: Named with the call, by key; empty: as the file has them.
        known: Objectives of the stack, if the runs are for one; they win.
        baseline: The baseline's value by column.
        only: Runs measured there are taken, by column of `PLACES`.
        ignored: Columns that are no settings.
    """

    objectives: tuple[Mapping[str, str], ...] = ()
    known: tuple[Objective, ...] | None = None
    baseline: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()


def runs_of(table: Table, reading: Reading) -> ForeignRuns:
    """A file's runs.

    Raises:
        UsageError: What the call names is not in the file, or objectives are not known.
        ConfigurationError: What is wrong in its rows, all at once; no baseline.
    """
    wanted = reading.known or objectives(
        reading.objectives or listed(table.head.get("objectives"), table.file)
    )
    rows, left_out = _kept(table, reading)
    nested = any(isinstance(row.cells.get(key), dict) for row in rows for key in _NESTED)
    metrics = [_metrics_of(row, nested=nested) for row in rows]
    settings = [_settings_of(row, wanted, reading.ignored, nested=nested) for row in rows]
    _check_columns(table, reading, wanted, metrics, settings)
    listed_changes = CHANGES in table.columns
    coding = Coding() if listed_changes else coded(table, reading.baseline, settings)
    problems: list[Problem] = []
    found: list[ForeignRun] = []
    for at, (row, measured, chosen) in enumerate(zip(rows, metrics, settings, strict=True)):
        wrong: list[str] = []
        changes = _listed(row, wrong) if listed_changes else coding.changes(chosen)
        run = _run(row, at, changes, _values(measured, wanted, wrong), wrong)
        problems += [Problem(where=row.where, what=what) for what in wrong]
        if run is not None:
            found.append(run)
    problems += _twice(found)
    if problems:
        refuse(problems)
    seen = dict.fromkeys(c for run in found for c in sorted(run.changes))
    _check_baseline(table, found)
    return ForeignRuns(
        objectives=wanted,
        changes=tuple(seen) if listed_changes else coding.all,
        conflicts=coding.conflicts,
        runs=tuple(found),
        constant=coding.constant,
        unused=_unused(settings, metrics, wanted, nested=nested, listed_changes=listed_changes),
        left_out=left_out,
    )


# ---- which rows


def _kept(table: Table, reading: Reading) -> tuple[list[Row], int]:
    """The rows that were measured where the call says, and how many were not.

    Raises:
        UsageError: No row was, or rows of several rungs or harnesses would be compared.
    """
    only = reading.only
    rows = [r for r in table.rows if all(_place(r, k) == v for k, v in only.items())]
    if not rows:
        said = ", ".join(f"{k}={quoted(v)}" for k, v in only.items())
        raise UsageError(f"{table.file} has no run with {said}")
    for key in ("rung", "harness"):
        found = list(dict.fromkeys(_place(row, key) for row in rows))
        if len(found) > 1:
            names = ", ".join(f"{quoted(v)}" if v else "none" for v in found[:8])
            raise UsageError(
                f"{table.file} has runs of {len(found)} values of `{key}` ({names}), which "
                f"cannot be compared: choose one with --only {key}=..."
            )
    return rows, len(table.rows) - len(rows)


def _place(row: Row, key: str) -> str:
    value = row.cells.get(key)
    return "" if absent(value) else word(value)


# ---- which columns


def _metrics_of(row: Row, *, nested: bool) -> Mapping[str, Any]:
    """The measured values of a row; {} of one that failed."""
    if not nested:
        return row.cells
    found = row.cells.get("metrics")
    return found if isinstance(found, dict) else {}


def _settings_of(
    row: Row, wanted: Sequence[Objective], ignored: Sequence[str], *, nested: bool
) -> Mapping[str, Any]:
    """The settings of a row: what is no metric, no seed and no place."""
    if nested:
        found = row.cells.get("config")
        return found if isinstance(found, dict) else {}
    others = {*_OURS, *(o.name for o in wanted), *ignored}
    return {key: value for key, value in row.cells.items() if key not in others}


def _check_columns(
    table: Table,
    reading: Reading,
    wanted: Sequence[Objective],
    metrics: Sequence[Mapping[str, Any]],
    settings: Sequence[Mapping[str, Any]],
) -> None:
    """Everything that the call names is there.

    Raises:
        UsageError: An objective, a column to ignore or a setting of the baseline is not.
        ConfigurationError: No row has a seed.
    """
    if SEED not in table.columns:
        refuse([Problem(where=table.file, what="missing columns: runs need `seed`")])
    measured = {key for row in metrics for key in row}
    for one in wanted:
        if one.name not in measured:
            has = ", ".join(quoted(k) for k in sorted(measured - set(_OURS))[:12]) or "none"
            raise UsageError(
                f"{table.file} has no metric {quoted(one.name)}: an unknown objective; it has {has}"
            )
    have = {key for row in settings for key in row} | set(table.columns)
    for key in (*reading.ignored, *reading.baseline):
        if key not in have:
            raise UsageError(f"{table.file} has no column {quoted(key)}")


def _unused(
    settings: Sequence[Mapping[str, Any]],
    metrics: Sequence[Mapping[str, Any]],
    wanted: Sequence[Objective],
    *,
    nested: bool,
    listed_changes: bool,
) -> tuple[str, ...]:
    """What the rows have and nothing is made of: further metrics, settings beside a list."""
    names = {o.name for o in wanted}
    found = [key for row in settings for key in row] if listed_changes else []
    found += [key for row in metrics for key in row if key not in names] if nested else []
    return tuple(shown(key) for key in dict.fromkeys(found))


# ---- what was changed


def _listed(row: Row, wrong: list[str]) -> Recipe:
    """The changes that a row lists."""
    value = row.cells.get(CHANGES)
    if absent(value):
        return frozenset()
    names = value if isinstance(value, list) else _SPLIT.split(str(value))
    if not all(isinstance(name, str) for name in names):
        wrong.append(f"`{CHANGES}` is {quoted(value)}, not names")
        return frozenset()
    found = [shown(name.strip()) for name in names if name.strip()]
    if len(set(found)) < len(found):
        wrong.append(f"`{CHANGES}` names one twice: {quoted(value)}")
    return frozenset(found)


# ---- what was measured


def _values(
    measured: Mapping[str, Any], wanted: Sequence[Objective], wrong: list[str]
) -> Mapping[str, float] | None:
    """A row's value per objective; None of a run that failed: it has none of them."""
    cells = {one.name: measured.get(one.name) for one in wanted}
    if all(absent(value) for value in cells.values()):
        return None
    found = {}
    for name, value in cells.items():
        read = number(value)
        if read is None:
            what = "missing, and others are there" if absent(value) else "no finite number"
            wrong.append(f"{quoted(name)} is {quoted(value)}: {what}; a failed run has no value")
        else:
            found[name] = read
    return found


def _run(
    row: Row,
    at: int,
    changes: Recipe,
    values: Mapping[str, float] | None,
    wrong: list[str],
) -> ForeignRun | None:
    """A row as a run; None if anything is wrong with it."""
    seed = number(row.cells.get(SEED))
    if seed is None or seed != int(seed) or not 0 <= seed < 2**53:
        wrong.append(f"`{SEED}` is {quoted(row.cells.get(SEED))}, not a whole number from 0")
    if wrong or seed is None:
        return None
    name = row.cells.get(NAME)
    return ForeignRun(
        name=str(at + 1) if absent(name) else word(name),
        where=row.where,
        changes=changes,
        seed=int(seed),
        values=values,
        places={key: place for key in PLACES if (place := _place(row, key))},
    )


def _twice(runs: Sequence[ForeignRun]) -> list[Problem]:
    """Runs of the same changes with the same seed in the same place: which one counts?"""
    seen: dict[object, ForeignRun] = {}
    problems = []
    for run in runs:
        key = (run.changes, run.seed, tuple(run.places.items()))
        first = seen.setdefault(key, run)
        if first is not run:
            what = f"duplicate run: the same changes and seed {run.seed} as {first.where}"
            problems.append(Problem(where=run.where, what=what))
    return problems


def _check_baseline(table: Table, runs: Sequence[ForeignRun]) -> None:
    """The baseline itself has run.

    Raises:
        ConfigurationError: It has not: nothing can be compared.
    """
    if not any(not run.changes and run.values is not None for run in runs):
        what = (
            "baseline missing: no run without changes has a value, so no gain can be told; add its "
            "runs, or name other values with --baseline COLUMN=VALUE"
        )
        raise ConfigurationError((Problem(where=table.file, what=what),))
