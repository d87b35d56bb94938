"""Which components a proposal touches: path globs, or the lines of one class or function.

Globs match whole paths from the repository's top (`mainstem.domain.globs`).
`file.py:Name` stands for the lines of a class or function (`Name.method` for one inside), in the
base's text and in the new one; where either does not parse, the whole file counts.
"""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING

from mainstem.domain.globs import matches
from mainstem.gitrepo.history import changed_lines, changed_paths, read_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mainstem.domain.proposal import CommitId
    from mainstem.domain.stack import Component
    from mainstem.gitrepo.repository import Repository

_NAMED = re.compile(r"(?P<file>.+\.pyi?):(?P<name>[^/:]+)")

_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def components_of(
    components: Sequence[Component], repository: Repository, base: CommitId, commit: CommitId
) -> tuple[str, ...]:
    """The names of the components that differ between two commits, in the stack's order.

    Empty if no component does.
    """
    paths = changed_paths(repository, base, commit)
    return tuple(
        component.name
        for component in components
        if any(
            _touches(glob, path, repository, base, commit)
            for glob in component.globs
            for path in paths
        )
    )


def _touches(
    glob: str, path: str, repository: Repository, base: CommitId, commit: CommitId
) -> bool:
    """Whether a changed file falls under one entry of a component."""
    named = _NAMED.fullmatch(glob)
    if named is None:
        return matches(glob, path)
    if not matches(named["file"], path):
        return False
    changed = changed_lines(repository, base, commit, path)
    if not changed.old and not changed.new:
        return True  # its mode or kind: nothing tells which lines are meant
    sides = ((base, changed.old), (commit, changed.new))
    return any(
        _changes_name(read_file(repository, side, path), named["name"], lines)
        for side, lines in sides
        if lines
    )


def _changes_name(source: bytes | None, name: str, lines: frozenset[int]) -> bool:
    """Whether any of the lines belongs to a definition of that name."""
    if source is None:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # another's code may have odd escapes
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return any(not lines.isdisjoint(_span(node)) for node in _definitions(tree, name.split(".")))


def _definitions(tree: ast.AST, names: Sequence[str]) -> Iterator[_Definition]:
    """Every definition of a dotted name, inside `if` and `try` as well, however deep."""
    ahead = [(tree, 0)]
    while ahead:
        node, depth = ahead.pop()
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, _Definition):
                if not isinstance(child, ast.expr):  # which holds no definition
                    ahead.append((child, depth))
            elif child.name == names[depth]:
                if depth + 1 == len(names):
                    yield child
                else:
                    ahead.append((child, depth + 1))


def _span(node: _Definition) -> range:
    """The lines of a definition, decorators included, counted from 1."""
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return range(first, (node.end_lineno or node.lineno) + 1)
