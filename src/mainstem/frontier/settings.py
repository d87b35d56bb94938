"""Settings of foreign runs as changes against a baseline.

A setting that is on or off is a change of its own name, against off. Any other value than the
baseline's is the change `COLUMN=VALUE`, and the values of one column exclude each other. Numbers
are values like any other: nothing is assumed of what lies between two of them.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import Problem, UsageError
from mainstem.domain.foreign import absent, quoted, refuse, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.recipe import Recipe
    from mainstem.frontier.table import Table

_OFF = {"off", "false", "no", "0"}
_ON = {"on", "true", "yes", "1"}


def word(value: Any) -> str:
    """A cell as one word of text: JSON's booleans as on and off."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return shown(value.strip())
    return shown(json.dumps(value, ensure_ascii=False))


@dataclass(frozen=True, kw_only=True)
class Coding:
    """How settings become changes.

    Attributes:
        names: The change that a value of a setting is; no entry for the baseline's.
        conflicts: Changes of one setting.
        constant: Settings that never vary.
    """

    names: Mapping[tuple[str, str], str] = field(default_factory=dict)
    conflicts: tuple[Recipe, ...] = ()
    constant: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Every change."""
        return tuple(self.names.values())

    def changes(self, settings: Mapping[str, Any]) -> Recipe:
        """The changes of a row."""
        cells = ((key, "" if absent(v) else word(v)) for key, v in settings.items())
        return frozenset(self.names[cell] for cell in cells if cell in self.names)


def coded(
    table: Table, baseline: Mapping[str, str], settings: Sequence[Mapping[str, Any]]
) -> Coding:
    """Settings as changes against the baseline.

    Args:
        table: The file.
        baseline: The baseline's value by setting, as the call names it.
        settings: Of each row.

    Raises:
        UsageError: What stands under `baseline` in the file is no object.
        ConfigurationError: A setting has no baseline value, or a row lacks a setting.
    """
    columns = dict.fromkeys(key for row in settings for key in row)
    base_of = _baseline(table, baseline)
    names: dict[tuple[str, str], str] = {}
    conflicts: list[Recipe] = []
    constant: list[str] = []
    problems: list[str] = []
    for column in columns:
        missing = sum(column not in row for row in settings)
        if missing:
            problems.append(f"{missing} runs do not say what {quoted(column)} was")
            continue
        values = list(
            dict.fromkeys("" if absent(row[column]) else word(row[column]) for row in settings)
        )
        base = base_of.get(column)
        if base is None and len(values) == 1:
            constant.append(shown(column))
            continue
        own, wrong = _coded_column(column, values, base)
        problems += wrong
        names |= {(column, value): name for value, name in own.items()}
        conflicts += [frozenset(pair) for pair in itertools.combinations(own.values(), 2)]
    twice = [n for n in dict.fromkeys(names.values()) if list(names.values()).count(n) > 1]
    problems += [f"two settings make a change called {quoted(name)}" for name in twice]
    if problems:
        refuse([Problem(where=table.file, what=what) for what in problems])
    return Coding(names=names, conflicts=tuple(conflicts), constant=tuple(constant))


def _baseline(table: Table, named: Mapping[str, str]) -> dict[str, str]:
    """The baseline's values that are named, with the call or in the file.

    Raises:
        UsageError: What stands under `baseline` is no object.
    """
    found = table.head.get("baseline") or {}
    if not isinstance(found, dict):
        raise UsageError(f"{table.file}: `baseline` is no object")
    return {key: word(value) for key, value in found.items()} | dict(named)


def _coded_column(
    column: str, values: Sequence[str], base: str | None
) -> tuple[dict[str, str], list[str]]:
    """The changes of one setting by value, or why there are none."""
    words = {value.lower() for value in values}
    if base is None and words <= _OFF | _ON and words & _OFF and words & _ON:
        return {value: shown(column) for value in values if value.lower() in _ON}, []
    has = ", ".join(quoted(value) or "(empty)" for value in values[:8])
    if base is None:
        said = f"baseline missing: which value of {quoted(column)} is it, of {has}? Say "
        return {}, [f"{said}--baseline {quoted(column)}=..."]
    if base not in values:
        return {}, [f"the baseline's {quoted(column)}={quoted(base)} is in no run; there are {has}"]
    return {value: f"{shown(column)}={value}" for value in values if value != base}, []
