"""Each table of `mainstem.toml`, read: what it may hold and what its values mean.

One function per table. A function notes what is wrong and still returns a record, so that one pass
over the file finds everything; the record of a wrong table is never used.
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

from mainstem.domain.curve import STEP
from mainstem.domain.stack import (
    LEASE_S,
    ClusterSettings,
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
    argv,
    search_fault,
)
from mainstem.tomlfiles.quantities import duration_s, size_bytes
from mainstem.tomlfiles.table import Table, shown, suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

KEYS = {
    "stack": ("name", "trunk", "command", "timeout"),
    "metrics": ("source", "patterns"),
    "components": (),
    "objectives": ("name", "direction", "role", "margin", "unit"),
    "rungs": ("name", "cost", "resources"),
    "rungs.resources": ("gpus", "cpus", "memory", "time"),
    "decisions": ("alpha", "confirm_rung", "search_rungs"),
    "run": ("threads", "network", "env", "private", "early_stopping"),
    "store": ("url", "lease"),
    "executors": ("slurm",),
    "executors.slurm": ("options", "python"),
}
"""Every key by its table; `components` and `rungs` take further ones of the user's choice."""

LEAST_LEASE_S = 1.0
"""The shortest lease: three renewals have to fit in."""

_DEFAULT_RUNG = "default"
_PASSWORD = re.compile(r"^\w+://[^/?#]*:[^/?#]*@|^\w+://[^/?#@]*:[^@]*@|[?&](?:ssl)?password=")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NO_BRANCH = re.compile(r"^-|[\s\x00-\x20\x7f~^:?*\[\\]|\.\.")


def trunk(settings: Table) -> str:
    """The trunk's name, as far as git could have such a branch."""
    name = settings.text("trunk", "main")
    if _NO_BRANCH.search(name):
        settings.problem("trunk", f"stack.trunk is {shown(name)}: that is no name of a branch")
    return name


def command(settings: Table, rungs: Sequence[Rung]) -> str:
    """The command, checked against every rung that it will be run at."""
    if not settings.require("command", 'write command = "python train.py {seed}"'):
        return ""
    line = settings.text("command", "")
    faults: dict[str, list[str]] = {}
    for rung in rungs if line else ():
        try:
            argv(line, seed=0, rung=rung)
        except PlaceholderError as error:
            faults.setdefault(str(error), []).append(rung.name)
    for fault, names in faults.items():
        at = "" if len(names) == len(rungs) else f" (at rung {', '.join(names)})"
        settings.problem("command", f"stack.{fault}{at}")
    return line


def _names(file: Table) -> list[str]:
    """The objectives' names, right or wrong as they may be otherwise."""
    found = file.data.get("objectives")
    items = found if isinstance(found, list) else []
    names = [item.get("name") for item in items if isinstance(item, dict)]
    return [name for name in names if isinstance(name, str) and name]


def _unique(tables: Sequence[Table], what: str) -> None:
    """Names every second entry of one name, and the line of the first."""
    first: dict[str, int] = {}
    for table in tables:
        name = table.data.get("name")
        if not isinstance(name, str):
            continue
        line = table.source.line((*table.place, "name"))
        if name in first:
            table.problem(
                "name", f"a second {what} {shown(name)}: the first is on line {first[name]}"
            )
        first.setdefault(name, line)


def objectives(file: Table) -> tuple[Objective, ...]:
    """The objectives: at least one, of different names, at least one of them to be improved."""
    tables = file.tables("objectives")
    if not file.data.get("objectives"):
        what = "no objective: add [[objectives]] with a name and a margin"
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
        number = table.number("margin", 0.0, above=0.0, other=' or a percentage such as "0.5%"')
        return number or None
    try:
        return Objective(name, margin=value).margin
    except ValueError as error:
        table.problem("margin", str(error))
        return None


def rungs(file: Table) -> tuple[Rung, ...]:
    """The rungs, in the order of the file; one of cost 1 if the file names none."""
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
        parameters[key] = fault = ""  # a wrong one too: no second problem by the command
        if not isinstance(value, str | int | float):
            fault = "a parameter is a string, a number or a boolean"
            fault += suggestion(key, KEYS["rungs"])
        elif isinstance(value, int) and abs(value) >= 2**63:
            fault = "whole numbers have 64 bits"
        else:
            parameters[key] = value
        if fault:
            table.problem(key, f"rungs.{key} is {shown(value)}: {fault}")
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


def metrics(file: Table) -> Metrics:
    """How metrics are read; patterns and objectives must fit each other."""
    table = file.table("metrics")
    table.only(KEYS["metrics"])
    names = _names(file)
    source = MetricsSource(table.choice("source", MetricsSource.JSON, MetricsSource))
    patterns = table.table("patterns")
    if patterns.data and source is MetricsSource.JSON:
        what = 'metrics.patterns is only read with source = "stdout"; write that, or leave it out'
        table.problem("patterns", what)
    for name, pattern in patterns.data.items():
        if name not in names and name != STEP:
            near = suggestion(name, names)
            patterns.problem(name, f"a pattern for {shown(name)}, which is no objective{near}")
        fault = _pattern_fault(pattern)
        if fault:
            patterns.problem(name, f"{patterns.name(name)} is {shown(pattern)}: {fault}")
    if source is MetricsSource.STDOUT:
        for name in dict.fromkeys(names):
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


def components(table: Table) -> tuple[Component, ...]:
    """The named parts of the stack; their names are the user's."""
    found = []
    for name in table.data:
        globs = table.texts(name, _glob_fault)
        if table.data[name] == []:
            table.problem(name, f"{table.name(name)} is empty: write at least one path glob")
        found.append(Component(name=name, globs=globs))
    return tuple(found)


def _glob_fault(glob: str) -> str | None:
    """What is wrong with a path glob, or None."""
    if glob.startswith("/") or glob.endswith(":") or ".." in glob.split("/"):
        return 'write a path from the root, such as "optim/**" or "train.py:Optimizer"'
    return None


def _variable_fault(name: str) -> str | None:
    """What is wrong with the name of an environment variable, or None."""
    if not _VARIABLE.fullmatch(name):
        return "write the name of a variable, never its value"
    return None


def decisions(table: Table, rungs: Sequence[Rung]) -> DecisionSettings:
    """How decisions are made; the rung of confirmation must exist."""
    table.only(KEYS["decisions"])
    confirm = table.text("confirm_rung", "") or None
    names = [rung.name for rung in rungs]
    if confirm is not None and names and confirm not in names:
        near = suggestion(confirm, names)
        known = ", ".join(shown(name) for name in names)
        what = f"decisions.confirm_rung is {shown(confirm)}: no such rung{near}; there is {known}"
        table.problem("confirm_rung", what)
    return DecisionSettings(
        alpha=table.number("alpha", 0.05, above=0.0, most=0.5),
        confirm_rung=confirm,
        search_rungs=_search_rungs(table, rungs, confirm),
    )


def _search_rungs(
    table: Table, rungs: Sequence[Rung], confirm: str | None
) -> tuple[str, ...] | None:
    """The rungs to search at, each cheaper than the one that confirms; None if none are named."""
    if "search_rungs" not in table.data:
        return None
    top = rungs[-1] if rungs else None
    confirms = top if confirm is None else next((r for r in rungs if r.name == confirm), None)
    known = {rung.name for rung in rungs}

    def fault(name: str) -> str | None:
        if confirms is None:
            return None  # it is not known, which is said at its own place
        found = search_fault(name, rungs, confirms)
        return found if found is None or name in known else f"{found}{suggestion(name, known)}"

    return table.texts("search_rungs", fault)


def run(table: Table) -> RunSettings:
    """What a trial may use."""
    table.only(KEYS["run"])
    return RunSettings(
        threads=table.whole("threads", 1, least=1),
        network=table.flag("network", default=False),
        env=table.texts("env", _variable_fault),
        private=table.texts("private", _glob_fault),
        early_stopping=table.flag("early_stopping", default=False),
    )


def store(table: Table) -> str:
    """Where the ledger lives."""
    table.only(KEYS["store"])
    url = table.text("url", "sqlite")
    if url != "sqlite" and not re.fullmatch(r"postgres(?:ql)?://\S+", url):
        # Never the whole value: it may hold a password.
        scheme = url.partition(":")[0]
        what = f'store.url begins with {shown(scheme)}: write "sqlite" or "postgresql://..."'
        table.problem("url", what)
    elif _PASSWORD.search(url):
        what = (
            "store.url holds a password, which would stand in the repository and in every trial's "
            "tree: leave it out, and set PGPASSFILE, PGPASSWORD or a service file"
        )
        table.problem("url", what)
    return url


def lease_s(table: Table) -> float:
    """For how long a silent worker keeps its trials."""
    found = table.quantity("lease", duration_s) or LEASE_S
    if found < LEAST_LEASE_S:
        table.problem("lease", f"store.lease is below {LEAST_LEASE_S:g} s: give workers more time")
    return found


def clusters(table: Table) -> ClusterSettings:
    """How clusters are used."""
    table.only(KEYS["executors"])
    slurm = table.table("slurm")
    slurm.only(KEYS["executors.slurm"])
    return ClusterSettings(
        slurm_options=slurm.texts("options", slurm_option_fault),
        slurm_python=slurm.text("python", "") or None,
    )


def slurm_option_fault(option: str) -> str | None:
    """What is wrong with an option for `sbatch`, or None.

    Some belong to whoever looks for the results; a job without them could not be found again.
    """
    name = option.partition("=")[0]
    if not re.fullmatch(r"--[a-z][a-z-]*", name):
        return 'write an option with two hyphens in one word, such as "--partition=long"'
    if name.removeprefix("--") in _OWN_OPTIONS:
        return "Mainstem sets this one itself: leave it out"
    return None


_OWN_OPTIONS = frozenset(
    {
        *("array", "batch", "chdir", "comment", "error", "export", "export-file", "get-user-env"),
        *("ignore-pbs", "input", "job-name", "kill-on-invalid-dep", "no-requeue", "nodes"),
        *("ntasks", "open-mode", "output", "parsable", "quiet", "requeue", "test-only", "wait"),
        *("wrap", "help", "usage", "version"),
    }
)
