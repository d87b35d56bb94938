"""`mainstem.toml` becomes a `Stack`, or one error that names everything wrong with the file.

The file is the whole interface of a user's stack, written by hand and seldom: so nothing in it is
passed over silently, and every message has a line, the value found, and what to write instead.
The keys, with types and defaults, are in `docs/parts/tomlfiles.md`.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import ConfigurationError, Problem, UsageError
from mainstem.domain.stack import Stack
from mainstem.tomlfiles import sections
from mainstem.tomlfiles.locate import locate
from mainstem.tomlfiles.quantities import duration_s
from mainstem.tomlfiles.table import Source, Table

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "mainstem.toml"
"""The file at the root of a stack."""

TIMEOUT_S = 3600.0
"""A trial's time where the file does not say it."""

_SYNTAX_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


def find_stack_file(start: Path) -> Path:
    """The `mainstem.toml` of a folder or of the nearest one above it.

    Raises:
        UsageError: There is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).exists():
            return folder / FILE_NAME
    raise missing_stack_file(start)


def missing_stack_file(folder: Path, advice: str = "run `mainstem init`") -> UsageError:
    """The error for a folder that belongs to no stack.

    Args:
        folder: Where the search began.
        advice: What to do.
    """
    return UsageError(f"no {FILE_NAME} in {folder} or above; {advice}")


def read_stack(path: Path) -> Stack:
    """The stack that a file describes; its name defaults to the folder's.

    Raises:
        UsageError: There is no such file.
        ConfigurationError: The file is wrong; holds every problem, each with its line.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise missing_stack_file(path.absolute().parent) from None
    except IsADirectoryError:
        what = "it is a folder; move it away and run `mainstem init`"
        raise one_problem(path.name, what) from None
    except OSError as error:
        raise one_problem(path.name, f"it cannot be read: {error.strerror}") from None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise one_problem(f"{path.name}:{line}", what) from None
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
    data, source = load(text, where)
    stack = _stack(Table(data=data, place=(), source=source), folder or "stack")
    source.settle()
    return stack


def load(text: str, where: str) -> tuple[dict[str, Any], Source]:
    """What a TOML file of any kind holds, and the lines of its places.

    Raises:
        ConfigurationError: It is no TOML; with the line where that is known.
    """
    if text.startswith("\ufeff"):
        what = "the file begins with a byte order mark; save it as UTF-8 without one"
        raise one_problem(f"{where}:1", what)
    try:
        data, lines = tomllib.loads(text), locate(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_problem(text, where, str(error)) from None
    except RecursionError:
        raise one_problem(f"{where}:1", "tables or lists are nested too deeply") from None
    except ValueError as error:  # such as a whole number of thousands of digits
        raise one_problem(f"{where}:1", f"not valid TOML: {error}") from None
    return data, Source(where=where, lines=lines)


def one_problem(where: str, what: str) -> ConfigurationError:
    """The error of a file of which nothing else can be said."""
    return ConfigurationError((Problem(where=where, what=what),))


def _syntax_problem(text: str, where: str, message: str) -> ConfigurationError:
    """What `tomllib` said, with its line in front; without one it is the end of the text."""
    found = _SYNTAX_LINE.search(message)
    line = int(found[1]) if found else text.rstrip("\n").count("\n") + 1
    what = _SYNTAX_LINE.sub("", message)
    return one_problem(f"{where}:{line}", f"not valid TOML: {what}")


def _stack(file: Table, folder: str) -> Stack:
    """Reads the whole file; what is wrong is noted in its source."""
    file.only(name for name in sections.KEYS if "." not in name)
    table = file.table("stack")
    table.only(sections.KEYS["stack"])
    rungs = sections.rungs(file)
    store = file.table("store")
    return Stack(
        name=table.text("name", folder),
        trunk=sections.trunk(table),
        command=sections.command(table, rungs),
        timeout_s=table.quantity("timeout", duration_s) or TIMEOUT_S,
        objectives=sections.objectives(file),
        rungs=rungs,
        metrics=sections.metrics(file),
        components=sections.components(file.table("components")),
        decisions=sections.decisions(file.table("decisions"), rungs),
        run=sections.run(file.table("run")),
        store=sections.store(store),
        lease_s=sections.lease_s(store),
        clusters=sections.clusters(file.table("executors")),
    )
