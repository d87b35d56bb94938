"""Which sources decide what is asked, recommended and merged: results of others are not ours.

What a bench keeps is kept for the code that made it. A digest of whole packages would throw away
days of runs whenever something is added that no ask depends on; so it is taken over the modules
that the deciding ones import, one after another, and over the methods by which they are reached.
"""

from __future__ import annotations

import ast
import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

ROOTS = ("candidates", "confirm", "course", "estimates", "trials", "verdict")
"""The modules of `mainstem.decisions` that the integrator asks for trials, sets and verdicts."""

METHODS = {
    *("__init__", "add", "ask", "done", "forbid", "gain", "move_trunk", "observe", "recommend"),
    *("resume", "tell", "verdicts", "void", "_belief"),
}
"""The methods of `Integrator` on which trials, sets and verdicts depend."""

_PACKAGES = {"decisions", "stats"}


def home() -> Path | None:
    """Where Mainstem is; None where it is not installed."""
    spec = find_spec("mainstem")
    return None if spec is None or spec.origin is None else Path(spec.origin).parent


def deciding(package: Path) -> list[Path]:
    """The sources of the roots and of all that decides with them, in order of their names."""
    roots = [package / "decisions" / f"{name}.py" for name in ROOTS]
    return reached(roots, package, _PACKAGES)


def reached(roots: Iterable[Path], package: Path, within: Collection[str]) -> list[Path]:
    """These sources and all that they import, one after another, in order of their names.

    Args:
        roots: Sources to begin with.
        package: Where Mainstem is.
        within: Its packages that are followed.
    """
    found: set[Path] = set()
    ahead = list(roots)
    while ahead:
        file = ahead.pop()
        if file not in found:
            found.add(file)
            ahead.extend(_imported(file, package, within))
    return sorted(found)


def digest(*more: bytes, package: Path | None = None) -> str:
    """A digest of what decides and of whatever else counts; "" without Mainstem.

    Args:
        more: What else counts.
        package: Where Mainstem is; None: where it is installed.
    """
    package = package or home()
    if package is None:
        return ""
    content = [file.read_bytes() for file in deciding(package)]
    face = ast.parse((package / "integrator.py").read_bytes())
    content += [
        ast.unparse(node).encode()
        for node in ast.walk(face)
        if isinstance(node, ast.FunctionDef) and node.name in METHODS
    ]
    return hashlib.sha256(b"\0".join([*content, *more])).hexdigest()


def _imported(file: Path, package: Path, within: Collection[str]) -> Iterator[Path]:
    """The modules of Mainstem that a module imports when it runs: not for its types alone."""
    for node in _running(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            first, *path = name.split(".")
            if first == "mainstem" and path and path[0] in within:
                module = package.joinpath(*path)
                yield from filter(Path.is_file, (module.with_suffix(".py"), module / "__init__.py"))


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node that is not below `if TYPE_CHECKING`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from _running(node)
