"""`mainstem.toml` becomes a `Stack`, or one error that names everything wrong with the file.

The file is the whole interface of a user's stack, written by hand and seldom: so nothing in it is
passed over silently, and every message has a line, the value found, and what to write instead.
The keys, with types and defaults, are in `docs/parts/tomlfiles.md`.
"""

from __future__ import annotations

import re
import tomllib
import warnings
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import ConfigurationError, Problem, UsageError
from mainstem.domain.stack import (
    Component,
    DecisionSettings,
    Direction,
    Metrics,
    MetricsSource,
    Objective,
    PlaceholderError,
    Resources,
    Role,
    Rung,
    RunSettings,
    Stack,
    argv,
)
from mainstem.tomlfiles.locate import locate
from mainstem.tomlfiles.quantities import duration_s, size_bytes
from mainstem.tomlfiles.table import Source, Table, shown, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FILE_NAME = "mainstem.toml"
"""The file at the root of a stack."""

KEYS = {
    "stack": ("name", "trunk", "command", "timeout"),
    "metrics": ("source", "patterns"),
    "components": (),
    "objectives": ("name", "direction", "role", "margin", "unit"),
    "rungs": ("name", "cost", "resources"),
    "rungs.resources": ("gpus", "cpus", "memory", "time"),
    "decisions": ("alpha", "confirm_rung"),
    "run": ("threads", "network", "env", "private"),
    "store": ("url",),
}
"""Every key by its table; `components` and `rungs` take further ones of the user's choice."""

TIMEOUT_S = 3600.0
"""A trial's time where the file does not say it."""

_DEFAULT_RUNG = "default"
_TABLES = tuple(name for name in KEYS if "." not in name)
_SYNTAX_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BAD_BRANCH = re.compile(r"^-|[\s\x00-\x20\x7f~^:?*\[\\]|\.\.")


def find_stack_file(start: Path) -> Path:
    """The `mainstem.toml` of a folder or of the nearest one above it.

    Raises:
        UsageError: There is none.
    """
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).exists():
            return folder / FILE_NAME
    raise UsageError(f"no {FILE_NAME} in {start} or above; run `mainstem init`")


def read_stack(path: Path) -> Stack:
    """The stack that a file describes; its name defaults to the folder's.

    Raises:
        UsageError: There is no such file.
        ConfigurationError: The file is wrong; holds every problem, each with its line.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        message = f"no {path.name} in {path.absolute().parent} or above; run `mainstem init`"
        raise UsageError(message) from None
    except IsADirectoryError:
        raise _one_problem(path.name, "it is a folder; move it away and run `mainstem init`") from None
    except OSError as error:
        raise _one_problem(path.name, f"it cannot be read: {error.strerror}") from None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise _one_problem(f"{path.name}:{line}", what) from None
    return parse_stack(text, path.name, folder=path.absolute().parent.name)


def parse_stack(text: str, where: str, *, folder: str = "") -> Stack:
    """The stack that a text describes.

    Args:
        text: The content of a `mainstem.toml`.
        where: The file's name, for messages.
        folder: The name of the folder it stands in, which is the stack's name by default.

    Raises:
        ConfigurationError: The text is wrong; holds every problem, each with its line.
    """
    if text.startswith("\ufeff"):
        what = "the file begins with a byte order mark; save it as UTF-8 without one"
        raise _one_problem(f"{where}:1", what)
    try:
        data, lines = tomllib.loads(text), locate(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_problem(text, where, str(error)) from None
    except RecursionError:
        raise _one_problem(f"{where}:1", "tables or lists are nested too deeply") from None
    except ValueError as error:  # such as a whole number of thousands of digits
        raise _one_problem(f"{where}:1", f"not valid TOML: {error}") from None
    source = Source(where=where, lines=lines)
    stack = _stack(Table(data=data, place=(), source=source), folder or "stack")
    source.settle()
    return stack


def _one_problem(where: str, what: str) -> ConfigurationError:
    return ConfigurationError((Problem(where=where, what=what),))


def _syntax_problem(text: str, where: str, message: str) -> ConfigurationError:
    """What `tomllib` said, with its line in front."""
    found = _SYNTAX_LINE.search(message)
    line = int(found[1]) if found else max(1, len(text.splitlines()))
    what = _SYNTAX_LINE.sub("", message)
    return _one_problem(f"{where}:{line}", f"not valid TOML: {what}")


def _stack(file: Table, folder: str) -> Stack:
    """Reads the whole file; what is wrong is noted in its source."""
    file.only(_TABLES)
    settings = file.table("stack")
    settings.only(KEYS["stack"])
    objectives = _objectives(file)
    rungs = _rungs(file)
    return Stack(
        name=settings.text("name", folder),
        trunk=_trunk(settings),
        command=_command(settings, rungs),
        timeout_s=settings.quantity("timeout", duration_s) or TIMEOUT_S,
        objectives=objectives,
        rungs=rungs,
        metrics=_metrics(file.table("metrics"), _names(file.tables("objectives"))),
        components=_components(file.table("components")),
        decisions=_decisions(file.table("decisions"), rungs),
        run=_run(file.table("run")),
        store=_store(file.table("store")),
    )


def _trunk(settings: Table) -> str:
    trunk = settings.text("trunk", "main")
    if _BAD_BRANCH.search(trunk):
        settings.problem("trunk", f"stack.trunk is {shown(trunk)}: that is no name of a branch")
    return trunk


def _command(settings: Table, rungs: Iterable[Rung]) -> str:
    """The command, checked against every rung that it will be run at."""
    if not settings.require("command", 'write command = "python train.py --seed {seed}"'):
        return ""
    command = settings.text("command", "")
    faults: dict[str, list[str]] = {}
    for rung in rungs if command else ():
        try:
            argv(command, seed=0, rung=rung)
        except PlaceholderError as error:
            faults.setdefault(str(error), []).append(rung.name)
    for fault, names in faults.items():
        at = "" if len(names) == len(tuple(rungs)) else f" (at rung {', '.join(names)})"
        settings.problem("command", f"stack.{fault}{at}")
    return command


def _names(tables: Iterable[Table]) -> list[str]:
    """The names that entries have, right or wrong as they may be otherwise."""
    names = [table.data.get("name") for table in tables]
    return [name for name in names if isinstance(name, str) and name]


def _unique(tables: Iterable[Table], what: str) -> None:
    """Names every second entry of one name, and the line of the first."""
    first: dict[str, int] = {}
    for table in tables:
        name = table.data.get("name")
        if not isinstance(name, str):
            continue
        line = table.source.line((*table.place, "name"))
        if name in first:
            table.problem("name", f"a second {what} {shown(name)}: the first is on line {first[name]}")
        first.setdefault(name, line)


def _objectives(file: Table) -> tuple[Objective, ...]:
    tables = file.tables("objectives")
    if not file.data.get("objectives"):
        what = "no objective: add [[objectives]] with name and margin, such as a loss and 0.01"
        file.problem("objectives", what)
        return ()
    _unique(tables, "objective")
    found = [_objective(table) for table in tables]
    roles = [table.data.get("role", "improve") for table in tables]
    if tables and all(role == Role.GUARD for role in roles):
        what = 'every objective is a guard: at least one needs role = "improve"'
        file.problem("objectives", what)
    return tuple(objective for objective in found if objective is not None)


def _objective(table: Table) -> Objective | None:
    table.only(KEYS["objectives"])
    named = table.require("name", "write the name of a metric")
    name = table.text("name", "objective")
    if not name.isprintable():
        table.problem("name", f"objectives.name is {shown(name)}: it holds control characters")
    direction = table.choice("direction", Direction.MINIMIZE, Direction)
    role = table.choice("role", Role.IMPROVE, Role)
    unit = "" if table.data.get("unit") == "" else table.text("unit", "")
    margin = _margin(table, name)
    if margin is None or not named:
        return None
    return Objective(
        name, margin=margin, direction=Direction(direction), role=Role(role), unit=unit
    )


def _margin(table: Table, name: str) -> float | str | None:
    """The margin, or None if it is missing or wrong."""
    hint = 'write the smallest change that matters, such as 0.01 or "0.5%"'
    if not table.require("margin", hint):
        return None
    value = table.data["margin"]
    if not isinstance(value, str):
        number = table.number("margin", 0.0, above=0.0)
        return number or None
    try:
        return Objective(name, margin=value).margin
    except ValueError as error:
        table.problem("margin", str(error))
        return None


def _rungs(file: Table) -> tuple[Rung, ...]:
    if "rungs" not in file.data:
        return (Rung(name=_DEFAULT_RUNG),)
    tables = file.tables("rungs")
    if file.data["rungs"] == []:
        file.problem("rungs", "rungs is an empty list: leave it out, or write [[rungs]]")
    _unique(tables, "rung")
    return tuple(_rung(table) for table in tables)


def _rung(table: Table) -> Rung:
    table.require("name", 'write name = "small"')
    parameters: dict[str, str | int | float | bool] = {}
    for key, value in table.data.items():
        if key in KEYS["rungs"]:
            continue
        if isinstance(value, str | int | float):
            parameters[key] = value
            continue
        near = suggestion(key, KEYS["rungs"])
        what = f"rungs.{key} is {shown(value)}: a parameter is a string, a number or a boolean"
        table.problem(key, what + near)
    return Rung(
        name=table.text("name", _DEFAULT_RUNG),
        cost=table.number("cost", 1.0, above=0.0),
        parameters=parameters,
        resources=_resources(table.table("resources")),
    )


def _resources(table: Table) -> Resources:
    table.only(KEYS["rungs.resources"])
    return Resources(
        gpus=table.whole("gpus", 0, least=0),
        cpus=table.whole("cpus", 1, least=1),
        memory_bytes=table.quantity("memory", size_bytes),
        time_s=table.quantity("time", duration_s),
    )


def _metrics(table: Table, objectives: list[str]) -> Metrics:
    table.only(KEYS["metrics"])
    source = MetricsSource(table.choice("source", MetricsSource.JSON, MetricsSource))
    patterns = table.table("patterns")
    if patterns.data and source is MetricsSource.JSON:
        what = 'metrics.patterns is only read with source = "stdout"; write that, or leave it out'
        table.problem("patterns", what)
    for name, pattern in patterns.data.items():
        if name not in objectives:
            near = suggestion(name, objectives)
            patterns.problem(name, f"a pattern for {shown(name)}, which is no objective{near}")
        fault = _pattern_fault(pattern)
        if fault:
            patterns.problem(name, f"{patterns.name(name)} is {shown(pattern)}: {fault}")
    if source is MetricsSource.STDOUT:
        for name in dict.fromkeys(objectives):
            if name not in patterns.data:
                what = f'objective {shown(name)} has no pattern, which source = "stdout" needs'
                table.problem("source", f"{what}: write it below [metrics.patterns]")
    return Metrics(source=source, patterns=dict(patterns.data))


def _pattern_fault(pattern: Any) -> str | None:
    """What is wrong with a pattern, or None."""
    if not isinstance(pattern, str):
        return "write a regular expression in single quotes"
    try:
        with warnings.catch_warnings():  # what a later Python may read otherwise works today
            warnings.simplefilter("ignore")
            groups = re.compile(pattern, flags=re.MULTILINE).groups
    except (re.error, OverflowError, RecursionError) as error:
        return f"not a regular expression: {error}"
    if groups != 1:
        return f"it has {groups} groups; write exactly one (...), around the number"
    return None


def _components(table: Table) -> tuple[Component, ...]:
    found = []
    for name in table.data:
        globs = table.texts(name)
        if table.data[name] == []:
            table.problem(name, f"{table.name(name)} is empty: write at least one path glob")
        for index, glob in enumerate(globs):
            if glob.startswith("/") or glob.endswith(":"):
                what = f'{table.name(name)} holds {shown(glob)}: write a path such as "optim/**"'
                where = (*table.place, name, index)
                table.source.problem(where, f'{what} or "train.py:Optimizer", from the root')
        found.append(Component(name=name, globs=globs))
    return tuple(found)


def _decisions(table: Table, rungs: Iterable[Rung]) -> DecisionSettings:
    table.only(KEYS["decisions"])
    confirm = table.text("confirm_rung", "") or None
    names = [rung.name for rung in rungs]
    if confirm is not None and names and confirm not in names:
        near = suggestion(confirm, names)
        known = ", ".join(shown(name) for name in names)
        what = f"decisions.confirm_rung is {shown(confirm)}: no such rung{near}; there is {known}"
        table.problem("confirm_rung", what)
    return DecisionSettings(
        alpha=table.number("alpha", 0.05, above=0.0, most=0.5), confirm_rung=confirm
    )


def _run(table: Table) -> RunSettings:
    table.only(KEYS["run"])
    env = table.texts("env")
    for index, name in enumerate(env):
        if not _VARIABLE.fullmatch(name):
            what = f"run.env holds {shown(name)}: write a variable's name only, never its value"
            table.source.problem((*table.place, "env", index), what)
    return RunSettings(
        threads=table.whole("threads", 1, least=1),
        network=table.flag("network", default=False),
        env=env,
        private=table.texts("private"),
    )


def _store(table: Table) -> str:
    table.only(KEYS["store"])
    url = table.text("url", "sqlite")
    if url != "sqlite" and not re.match(r"postgres(?:ql)?://[^/\s]*", url):
        # Never the whole value: it may hold a password.
        scheme = url.partition(":")[0]
        what = f"store.url begins with {shown(scheme)}: write \"sqlite\" or \"postgresql://...\""
        table.problem("url", what)
    return url
