"""From what harnesses write to references: what is taken, and of everything else why not.

A name of a task is no objective of ours until somebody says so; a value without a date or a source
is no reference. So nothing is guessed: what is missing is named, with the option that brings it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mainstem.domain.errors import UsageError
from mainstem.domain.reference import Obtained, Reference, ReferenceId
from mainstem.domain.stack import Direction

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from mainstem.domain.stack import Objective
    from mainstem.frontier.results import Result

_NAMED = 6
"""Of the names in a file that an error lists."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a person says of an import.

    Attributes:
        objectives: The name of a result, by the name of the objective that it is a value of.
        factors: What a value is multiplied by to be in the objective's unit, by its name.
        obtained: How the values came here.
        date: Of values whose file states none.
        source: Of values whose file states none; empty for the file itself.
    """

    objectives: Mapping[str, str] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)
    obtained: Obtained = Obtained.PUBLISHED
    date: dt.date | None = None
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Left:
    """A value that was not taken.

    Attributes:
        file: The file.
        name: Its name in the file.
        why: Why not, and what to do.
    """

    file: str
    name: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What came of an import.

    Attributes:
        references: What was taken.
        left: What was not.
    """

    references: tuple[Reference, ...]
    left: tuple[Left, ...]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A value of a file.

    Attributes:
        file: The file's name, as it was given.
        place: The source that stands for the file itself; empty if it cannot be one.
        result: What it states.
    """

    file: str
    place: str
    result: Result


def take(
    results: Sequence[Found],
    objectives: Iterable[Objective],
    known: Sequence[Reference],
    wanted: Wanted,
) -> Taken:
    """References from results.

    Args:
        results: Values of all files.
        objectives: Those of the stack.
        known: References that are there already.
        wanted: What a person says of them.

    Raises:
        UsageError: An objective that the stack does not have, or a name that no file has.
    """
    ours = {one.name: one for one in objectives}
    _check(wanted, ours, [one.result for one in results])
    references: list[Reference] = []
    left: list[Left] = []
    for one in results:
        came = _one(one, results, ours, wanted, [*known, *references])
        if isinstance(came, Reference):
            references.append(came)
        else:
            left.append(Left(file=one.file, name=one.result.names[0], why=came))
    return Taken(references=tuple(references), left=tuple(left))


def _check(wanted: Wanted, ours: Mapping[str, Objective], results: Sequence[Result]) -> None:
    """Every objective is the stack's, and every name is some file's."""
    for option, names in (("objective", wanted.objectives), ("factor", wanted.factors)):
        for name in names:
            if name not in ours:
                raise UsageError(
                    f"--{option} {name}=...: mainstem.toml has no objective {name!r}; it has "
                    f"{', '.join(ours)}"
                )
    there = list(dict.fromkeys(result.names[0] for result in results))
    for name, key in wanted.objectives.items():
        if not any(key in result.names for result in results):
            more = f" and {len(there) - _NAMED} more" if len(there) > _NAMED else ""
            said = ", ".join(there[:_NAMED]) + more or "nothing"
            raise UsageError(f"--objective {name}={key}: no file has that; they have {said}")


def _one(
    found: Found,
    results: Sequence[Found],
    ours: Mapping[str, Objective],
    wanted: Wanted,
    known: Sequence[Reference],
) -> Reference | str:
    """A result as a reference, or why it is none."""
    result = found.result
    objective = _objective(result, ours, wanted)
    if objective is None:
        return f"no objective was named for it: --objective NAME={result.names[0]}"
    if _is_ambiguous(found, objective, results, wanted):
        return f"several filters gave this task and metric: name one, {result.names[0]}"
    stated = _stated(found, objective, wanted)
    if isinstance(stated, str):
        return stated
    reference = _reference(result, objective, stated, wanted, known)
    twin = next((one for one in known if one.stated == reference.stated), None)
    return reference if twin is None else f"it is there already, as {twin.id}"


@dataclass(frozen=True, kw_only=True)
class _Stated:
    """What no reference can be without.

    Attributes:
        value: As the file has it.
        date: As the file has it, or a person says.
        source: Likewise; else the file itself.
    """

    value: float
    date: dt.date
    source: str


def _stated(found: Found, objective: Objective, wanted: Wanted) -> _Stated | str:
    """What no reference can be without, or what of it is missing or does not fit."""
    result = found.result
    value, date = result.value, result.date or wanted.date
    source = result.source or wanted.source or found.place
    higher = objective.direction is Direction.MAXIMIZE
    if value is None:
        return "the file holds no finite number there"
    if result.higher_is_better is not None and result.higher_is_better != higher:
        theirs = "higher" if result.higher_is_better else "lower"
        return f"its harness says that {theirs} is better, mainstem.toml: {objective.direction}"
    if date is None:
        return "the file does not say when it was measured: --date YYYY-MM-DD"
    if not source:
        return "the file does not say where it can be looked up: --source ADDRESS"
    return _Stated(value=value, date=date, source=source)


def _objective(result: Result, ours: Mapping[str, Objective], wanted: Wanted) -> Objective | None:
    """The objective that a person named for it, or that has its very name."""
    for name, key in wanted.objectives.items():
        if key in result.names:
            return ours[name]
    return next((ours[name] for name in result.names if name in ours), None)


def _is_ambiguous(
    found: Found, objective: Objective, results: Sequence[Found], wanted: Wanted
) -> bool:
    """Whether the name that it was taken by is that of another value of the same file too."""
    key = wanted.objectives.get(objective.name, objective.name)
    if key == found.result.names[0]:
        return False
    same = {o.result.names[0] for o in results if o.file == found.file and key in o.result.names}
    return len(same) > 1


def _reference(
    result: Result,
    objective: Objective,
    stated: _Stated,
    wanted: Wanted,
    known: Sequence[Reference],
) -> Reference:
    """The reference, in the objective's unit."""
    factor = wanted.factors.get(objective.name)
    times, error = (1.0 if factor is None else factor), result.standard_error
    said = "" if factor is None else f"the file states {stated.value:.10g}"
    return Reference(
        id=_id(result, {one.id for one in known}),
        objective=objective.name,
        metric=result.names[0],
        value=times * stated.value,
        unit=objective.unit,
        seeds=1,
        standard_error=None if error is None else abs(times) * error,
        scale=result.scale,
        harness=result.harness,
        version=result.version,
        date=stated.date,
        source=stated.source,
        obtained=wanted.obtained if factor is None else Obtained.RECOMPUTED,
        note=", ".join(note for note in (result.note, said) if note),
    )


def _id(result: Result, taken: set[ReferenceId]) -> ReferenceId:
    """A name from model and task that is free, such as `pythia-160m-hellaswag-acc_norm`."""
    words = f"{result.model.rpartition('/')[2]} {result.names[-1]}"
    stem = re.sub(r"[^A-Za-z0-9._]+", "-", words).strip("-.") or "result"
    name, number = ReferenceId(stem), 2
    while name in taken:
        name, number = ReferenceId(f"{stem}-{number}"), number + 1
    return name
