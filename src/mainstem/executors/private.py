"""What the stack declares private is not in a trial's tree at all.

Taken out after the tree is laid out and before anything runs, so that it holds at every level of
confinement; that the trial cannot read them from the repository instead is the sandbox's part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.domain.globs import matches
from mainstem.executors.folders import remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def take_out(tree: Path, globs: Sequence[str]) -> int:
    """Removes what matches a glob, a folder with all below it; returns how many were removed.

    Raises:
        OSError: Something cannot be removed.
    """
    found = list(_matching(tree, "", globs)) if globs else []
    for path in found:
        remove_tree(path)
    return len(found)


def may_hold(globs: Sequence[str], folder: str) -> bool:
    """Whether a folder, named from the tree's root, may hold a match or lies within one."""
    parts = [part for part in folder.split("/") if part]
    for glob in globs:
        fixed: list[str] = []
        for part in glob.split("/"):
            if any(mark in part for mark in "*?["):
                break
            fixed.append(part)
        if all(a == b for a, b in zip(fixed, parts, strict=False)):
            return True
    return False


def _matching(tree: Path, folder: str, globs: Sequence[str]) -> Iterator[Path]:
    for entry in sorted((tree / folder).iterdir()):
        name = f"{folder}{entry.name}"
        if any(matches(glob, name) for glob in globs):
            yield entry
        elif entry.is_dir() and not entry.is_symlink():
            yield from _matching(tree, f"{name}/", globs)
