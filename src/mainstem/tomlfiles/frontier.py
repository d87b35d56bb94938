"""`frontier.toml` becomes records: results from elsewhere, and what our own are measured with.

The file is a team's own, beside `mainstem.toml`. A wrong number in it would be believed, so nothing
is passed over: a reference without a source that can be looked up, in another unit than its
objective's, with a date to come, or written down twice is an error with its line.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mainstem.domain.reference import Frontier, Measured, Obtained, Reference, ReferenceId
from mainstem.tomlfiles.stack import load, one_problem
from mainstem.tomlfiles.table import Table, shown, suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mainstem.domain.reference import Scale
    from mainstem.domain.stack import Objective, Stack

FILE_NAME = "frontier.toml"
"""The file, beside `mainstem.toml`."""

KEYS = {
    "references": (
        *("id", "objective", "metric", "value", "unit", "spread", "seeds", "standard_error"),
        *("scale", "harness", "version", "date", "source", "obtained", "gain", "note"),
    ),
    "measured": ("harness", "version", "scale"),
}
"""Every key by its table; `scale` takes any of the user's choice."""

FIRST_DATE = dt.date(1950, 1, 1)
"""No result of a model is older."""

ANY = "any"
"""Instead of a scale of our own: references of every scale count."""

_SOURCE = 'write an address "https://...", "doi:10...", "arXiv:2401.01234" or the path of a file'
_DOI = re.compile(r"doi:10\.\d{4,9}/\S+", flags=re.IGNORECASE)
_ARXIV = re.compile(r"arxiv:(\d{4}\.\d{4,5}|[a-z.-]+/\d{7})(v\d+)?", flags=re.IGNORECASE)


def read_frontier(path: Path, stack: Stack, *, today: dt.date) -> Frontier | None:
    """What the file says; None where there is none.

    Args:
        path: The file.
        stack: Whose objectives the references are of.
        today: No date lies behind it.

    Raises:
        ConfigurationError: The file is wrong; holds every problem, each with its line.
    """
    text = read_text(path)
    if text is None:
        return None
    return parse_frontier(text, path.name, stack, today=today, folder=path.parent)


def read_text(path: Path) -> str | None:
    """The file's text; None where there is no file.

    Raises:
        ConfigurationError: It cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise one_problem(path.name, "it cannot be read: it is not UTF-8") from None
    except OSError as error:
        raise one_problem(path.name, f"it cannot be read: {error.strerror}") from None


def parse_frontier(
    text: str, where: str, stack: Stack, *, today: dt.date, folder: Path
) -> Frontier:
    """What a text says.

    Args:
        text: The content of a `frontier.toml`.
        where: The file's name, for messages.
        stack: Whose objectives the references are of.
        today: No date lies behind it.
        folder: Where a source that is a file is looked for.

    Raises:
        ConfigurationError: The text is wrong; holds every problem, each with its line.
    """
    data, source = load(text, where)
    file = Table(data=data, place=(), source=source)
    file.only(KEYS)
    objectives = {one.name: one for one in stack.objectives}
    tables = file.tables("references")
    found = tuple(_reference(table, objectives, today, folder) for table in tables)
    _apart(tables, found)
    measured = _measured(file.table("measured"), objectives)
    source.settle()
    return Frontier(references=found, measured=measured)


def _reference(
    table: Table, objectives: Mapping[str, Objective], today: dt.date, folder: Path
) -> Reference:
    """One result; what is wrong is noted."""
    table.only(KEYS["references"])
    table.require("id", 'write a name of your own, such as id = "muon-2025"')
    objective, metric = _of_what(table, objectives)
    table.require("obtained", f"write how the value came here: {_words(Obtained)}")
    return Reference(
        id=ReferenceId(_line(table, "id")),
        objective=objective,
        metric=metric,
        value=_value(table),
        unit=_unit(table, objectives.get(objective)),
        spread=_at_least_0(table, "spread"),
        seeds=table.whole("seeds", 1, least=1) if "seeds" in table.data else None,
        standard_error=_at_least_0(table, "standard_error"),
        scale=_scale(table.table("scale")),
        harness=_line(table, "harness"),
        version=_line(table, "version"),
        date=_date(table, today),
        source=_source(table, folder),
        obtained=Obtained(table.choice("obtained", Obtained.PUBLISHED, Obtained)),
        gain=table.number("gain", 1.0, above=0.0) if "gain" in table.data else None,
        note=_note(table),
    )


def _of_what(table: Table, objectives: Mapping[str, Objective]) -> tuple[str, str]:
    """The objective and the metric: at least one of them."""
    objective, metric = _line(table, "objective"), _line(table, "metric")
    if not {"objective", "metric"} & table.data.keys():
        what = 'write the objective that it is a value of, such as objective = "'
        known = next(iter(objectives), "loss")
        table.require("objective", f'{what}{known}", or metric = "..." if it is of no objective')
    if objective and objective not in objectives:
        near = suggestion(objective, objectives)
        what = f"references.objective is {shown(objective)}: mainstem.toml has no such objective"
        listed = ", ".join(objectives)
        table.problem(
            "objective", f"{what}{near}; it has {listed}. Write metric = ... for what is none"
        )
        return "", metric
    return objective, metric or objective


def _value(table: Table) -> float:
    """The value itself: any finite number."""
    if not table.require("value", "write the result as a number"):
        return 0.0
    return _finite(table, "value", least=-math.inf) or 0.0


def _at_least_0(table: Table, key: str) -> float | None:
    return _finite(table, key, least=0.0) if key in table.data else None


def _finite(table: Table, key: str, *, least: float) -> float | None:
    """A finite number of at least `least`; a boolean is none."""
    value = table.data[key]
    number = math.nan
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
    if math.isfinite(number) and number >= least:
        return number
    limit = "" if least == -math.inf else f" of at least {least:g}"
    table.problem(key, f"references.{key} is {shown(value)}: write a finite number{limit}")
    return None


def _unit(table: Table, objective: Objective | None) -> str:
    """The unit: that of the objective, where there is one."""
    unit = _line(table, "unit")
    if objective is None or not objective.unit:
        return unit
    table.require("unit", f'write unit = "{objective.unit}", if it is in that')
    if unit and unit != objective.unit:
        what = f"references.unit is {shown(unit)}, and {objective.name} is in {objective.unit}"
        table.problem("unit", f"{what}: convert value, spread and gain, or write metric = ...")
    return unit


def _scale(table: Table) -> dict[str, Scale]:
    """What it was run at: keys of the user's choice."""
    found: dict[str, Scale] = {}
    for key, value in table.data.items():
        if not isinstance(value, str | int | float) or not _is_finite(value):
            name = table.name(key)
            table.problem(key, f"{name} is {shown(value)}: write a string, a number or a boolean")
        elif not (key.isprintable() and (not isinstance(value, str) or value.isprintable())):
            table.problem(key, f"{table.name(key)} holds control characters")
        else:
            found[key] = value
    return found


def _is_finite(value: Scale) -> bool:
    """Whether it is a text, or a number that a float can hold."""
    try:
        return isinstance(value, str) or math.isfinite(value)
    except OverflowError:
        return False


def _date(table: Table, today: dt.date) -> dt.date:
    """When it was published or measured: a date without a time that has come."""
    if not table.require("date", f"write when it was published, such as date = {today}"):
        return today
    value = table.data["date"]
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        what = f"write a date without quotes and without a time, such as {today}"
    elif value > today:
        what = f"that is still to come (today is {today})"
    elif value < FIRST_DATE:
        what = f"results of models are not older than {FIRST_DATE}"
    else:
        return value
    table.problem("date", f"references.date is {shown(value)}: {what}")
    return today


def _source(table: Table, folder: Path) -> str:
    """Where it can be looked up."""
    if not table.require("source", _SOURCE):
        return ""
    source = _line(table, "source")
    fault = source_fault(source, folder) if source else None
    if fault is not None:
        table.problem("source", f"references.source is {shown(source)}: {fault}")
    return source


def source_fault(source: str, folder: Path) -> str | None:
    """What is wrong with a source, and what to write instead; None if nothing is.

    Args:
        source: As somebody wrote it.
        folder: Where a source that is a file is looked for.
    """
    if _DOI.fullmatch(source) or _ARXIV.fullmatch(source):
        return None
    if "://" in source:
        try:
            parts = urlsplit(source)
            is_web = parts.scheme in {"http", "https"} and "." in (parts.hostname or "")
        except ValueError:
            is_web = False
        return None if is_web and " " not in source else f"that is no address; {_SOURCE}"
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", source):
        return f"that is no source; {_SOURCE}"
    place = (folder / source).resolve()
    if not place.is_relative_to(folder.resolve()):
        return f"that is a file elsewhere; {_SOURCE} in this folder"
    return None if place.is_file() else f"there is no such file here; {_SOURCE}"


def _line(table: Table, key: str) -> str:
    """A text on one line, without control characters; empty if it is not given."""
    text = table.text(key, "")
    if text.isprintable():
        return text.strip()
    table.problem(key, f"{table.name(key)} is {shown(text)}: one line, without control characters")
    return ""


def _note(table: Table) -> str:
    """A text of one or more lines, without other control characters."""
    text = table.text("note", "")
    if all(c.isprintable() or c in "\n\t\r" for c in text):
        return text
    table.problem("note", f"{table.name('note')} holds control characters")
    return ""


def _measured(table: Table, objectives: Mapping[str, Objective]) -> dict[str, Measured]:
    """What our own values are measured with: a table per objective."""
    found = {}
    for name in table.data:
        own = table.table(name)
        if name not in objectives:
            near = suggestion(name, objectives)
            table.problem(name, f"measured.{name}: mainstem.toml has no such objective{near}")
            continue
        own.only(KEYS["measured"])
        own.require("harness", "write what evaluates the objective")
        own.require("version", "write the version of the harness")
        any_scale = own.data.get("scale") == ANY
        found[name] = Measured(
            objective=name,
            harness=_line(own, "harness"),
            version=_line(own, "version"),
            scale={} if any_scale else _scale(own.table("scale")),
            any_scale=any_scale,
        )
    return found


def _apart(tables: Sequence[Table], found: Sequence[Reference]) -> None:
    """Names every id that comes twice, and every result that was written down twice."""
    ids: dict[str, int] = {}
    results: dict[tuple[object, ...], str] = {}
    for table, one in zip(tables, found, strict=True):
        line = table.source.line((*table.place, "id"))
        if one.id and one.id in ids:
            what = f"a second {shown(one.id)}: the first is on line {ids[one.id]}"
            table.problem("id", what)
            continue
        ids.setdefault(one.id, line)
        key = one.stated
        if key in results and one.source:
            what = f"{shown(one.id)} is the same result as {shown(results[key])}: keep one of them"
            table.problem("id", what)
        results.setdefault(key, one.id)


def _words(known: type[Obtained]) -> str:
    return " or ".join(f'"{word}"' for word in known)
