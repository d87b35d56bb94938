"""One row of a log of decisions: keys and values looked at, wrong ones named."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mainstem.domain import foreign
from mainstem.domain.errors import Problem
from mainstem.domain.foreign import quoted
from mainstem.domain.stack import Role
from mainstem.lab.decisions_log import Gain, LoggedDecision, LoggedRun

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DECISION_KEYS = (
    "number",
    "round",
    "component",
    "gain",
    "beside",
    "approved",
    "vetoed",
    "by",
    "merged",
)
RUN_KEYS = ("run", "round")
GAIN_KEYS = ("mean", "sd", "margin", "role")

_YES, _NO = ("yes", "true", "1"), ("no", "false", "0")


@dataclass(kw_only=True)
class Row:
    """A row, read.

    Attributes:
        where: Its place, such as `log.jsonl:12`.
        decision: What it says, if it is a sound decision.
        run: What it says, if it is a sound run.
        problems: What is wrong with it.
    """

    where: str
    decision: LoggedDecision | None = None
    run: LoggedRun | None = None
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, what: str) -> None:
        """Notes what is wrong."""
        self.problems.append(Problem(where=self.where, what=what))


# ---- values


def _whole(value: Any, least: int) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return value if is_whole and least <= value < 10**15 else None


def _answer(value: Any) -> bool | None:
    if isinstance(value, str):
        known = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)
        return known.get(value.lower())
    return value if isinstance(value, bool) else None


# ---- rows


def row_of_csv(where: str, cells: Mapping[str, str]) -> Row:
    """A row of CSV: its cells that are not empty, by column."""
    found: dict[str, Any] = {}
    gain: dict[str, dict[str, str]] = {}
    row = Row(where=where)
    for column, text in cells.items():
        objective, dot, part = column.rpartition(".")
        if dot and part in GAIN_KEYS:
            gain.setdefault(objective, {})[part] = text
        elif column == "component":
            found[column] = [name.strip() for name in text.split("|")]
        elif column == "run":
            found[column] = text.split()
        elif column == "beside":
            found[column] = _pairs(row, text)
        else:
            found[column] = text
    return _read(row, found | ({"gain": gain} if gain else {}))


def _pairs(row: Row, text: str) -> dict[str, str]:
    """`3:-0.4 5:0.1` as numbers and interactions."""
    found = {}
    for word in text.split():
        number, colon, value = word.partition(":")
        if not colon or number in found:
            row.wrong(
                f"`beside` is {quoted(text)!r}; write NUMBER:INTERACTION, such as 3:-0.4 5:0.1"
            )
            return {}
        found[number] = value
    return found


def row_of_json(where: str, found: Mapping[str, Any]) -> Row:
    """A row of JSON; null is the same as nothing."""
    cells = {key: value for key, value in found.items() if value is not None}
    return _read(Row(where=where), cells)


def _read(row: Row, found: Mapping[str, Any]) -> Row:
    """A row with what it says, or with what is wrong."""
    keys = RUN_KEYS if "run" in found else DECISION_KEYS
    for key in found:
        if key not in keys:
            near = difflib.get_close_matches(key, keys, n=1)
            hint = f"; did you mean `{near[0]}`?" if near else f"; there are {', '.join(keys)}"
            row.wrong(f"unknown key {quoted(key)!r}{hint}")
    if "run" in found:
        run = _run(row, found)
        row.run = None if row.problems else run
    else:
        decision = _decision(row, found)
        row.decision = None if row.problems else decision
    return row


def _checked(row: Row, key: str, value: Any, read: Callable[[Any], Any], wanted: str) -> Any:
    """A value, or None with a problem noted."""
    found = read(value)
    if found is None:
        row.wrong(f"`{key}` is {quoted(value)!r}: {wanted}")
    return found


def _round(row: Row, found: Mapping[str, Any]) -> int:
    value = found.get("round", 1)
    return _checked(row, "round", value, lambda v: _whole(v, 0), "a whole number from 0") or 0


def _run(row: Row, found: Mapping[str, Any]) -> LoggedRun:
    """A recipe that was run."""
    listed = found["run"] if isinstance(found["run"], list) else [found["run"]]
    wanted = "the numbers of proposals that ran together"
    members = [_checked(row, "run", one, lambda v: _whole(v, 1), wanted) for one in listed]
    if len(set(members)) < len(members):
        row.wrong("`run` names a proposal twice")
    return LoggedRun(round=_round(row, found), members=frozenset(m for m in members if m))


def _decision(row: Row, found: Mapping[str, Any]) -> LoggedDecision:
    """A decision."""
    answers: dict[str, bool | None] = {}
    for key in ("approved", "vetoed", "merged"):
        given = key in found
        answers[key] = _checked(row, key, found[key], _answer, "yes or no") if given else None
    for key in ("number", "merged"):
        if key not in found:
            row.wrong(f"`{key}` is missing")
    if answers["merged"] and answers["vetoed"]:
        row.wrong("vetoed and merged: log what came of it in the end")
    number = found.get("number", 1)
    level = "a level of seniority as a whole number from 0, never a name"
    by = found.get("by")
    return LoggedDecision(
        number=_checked(row, "number", number, lambda v: _whole(v, 1), "a whole number from 1")
        or 1,
        round=_round(row, found),
        components=_components(row, found.get("component", [])),
        gain=_gains(row, found.get("gain", {})),
        beside=_beside(row, found.get("beside", {})),
        approved=answers["approved"],
        vetoed=bool(answers["vetoed"]),
        by=None if by is None else _checked(row, "by", by, lambda v: _whole(v, 0), level),
        merged=bool(answers["merged"]),
    )


def _components(row: Row, value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(name, str) and name for name in listed):
        row.wrong(f"`component` is {quoted(value)!r}: a name, or a list of names")
        return ()
    return tuple(dict.fromkeys(listed))


def _beside(row: Row, value: Any) -> dict[int, float]:
    """Interactions by number."""
    if not isinstance(value, dict):
        row.wrong(f"`beside` is {quoted(value)!r}: numbers with their interaction in margins")
        return {}
    found: dict[int, float] = {}
    for key, one in value.items():
        wanted = "the number of a proposal"
        number = _checked(row, "beside", key, lambda v: _whole(v, 1), wanted)
        interaction = _checked(
            row, f"beside.{quoted(key)}", one, foreign.number, "a number of margins"
        )
        found[number or 0] = interaction or 0.0
    return found


def _gains(row: Row, value: Any) -> dict[str, Gain]:
    """The evidence by objective."""
    if not isinstance(value, dict) or not all(isinstance(one, dict) for one in value.values()):
        row.wrong(f"`gain` is {quoted(value)!r}: by objective, {', '.join(GAIN_KEYS)}")
        return {}
    found = {name: _gain(row, name, one) for name, one in value.items()}
    if found and not row.problems and all(one.role is not Role.IMPROVE for one in found.values()):
        row.wrong("`gain` has guards only: there is to be one objective to improve at least")
    return found


def _gain(row: Row, name: str, given: Mapping[str, Any]) -> Gain:
    """The evidence on one objective; a margin and an sd have no default, a role is `improve`."""
    key = f"gain.{quoted(name)}"
    values: dict[str, float] = {}
    for part in ("mean", "sd", "margin"):
        if part not in given:
            row.wrong(f"`{key}.{part}` is missing")
        else:
            value = _checked(row, f"{key}.{part}", given[part], foreign.number, "a finite number")
            values[part] = 1.0 if value is None else value
    unknown = [part for part in given if part not in GAIN_KEYS]
    if unknown:
        row.wrong(
            f"unknown key {quoted(unknown[0])!r} of `{key}`; there are {', '.join(GAIN_KEYS)}"
        )
    if values.get("sd", 0.0) < 0.0:
        row.wrong(f"`{key}.sd` is {values['sd']:g}: from 0")
    if values.get("margin", 1.0) <= 0.0:
        row.wrong(f"`{key}.margin` is {values['margin']:g}: above 0")
    role = given.get("role", str(Role.IMPROVE))
    if role not in set(Role):
        row.wrong(f"`{key}.role` is {quoted(role)!r}: improve or guard")
        role = Role.IMPROVE
    return Gain(
        mean=values.get("mean", 0.0),
        sd=values.get("sd", 1.0),
        margin=values.get("margin", 1.0),
        role=Role(role),
    )
