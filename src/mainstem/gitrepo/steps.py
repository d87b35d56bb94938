"""What is known of merges already made, in memory and in an append-only file beside the objects.

A step is the last merge of a recipe: root, then members in order. Its key is a hash over git's
version, the root and the members' commits, so a step is true for ever and never needs to be
changed; two processes may write the same line, and a line that a kill cut short is skipped.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mainstem.domain.errors import GitError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mainstem.domain.proposal import CommitId, TreeId

_KEY_CHARACTERS = 32


@dataclass(frozen=True, kw_only=True)
class Step:
    """The outcome of a recipe's last merge.

    Attributes:
        tree: The recipe's tree; None if the last member cannot be merged.
        commit: A commit of ours with that tree, where a further merge has needed one.
        paths: The files in conflict.
    """

    tree: TreeId | None
    commit: CommitId | None = None
    paths: tuple[str, ...] = ()


def step_key(version: str, root: CommitId, commits: Sequence[CommitId]) -> str:
    """The key of a recipe: any other git, root, member or order has another."""
    text = "\n".join(("merge-tree", version, root, *commits))
    return hashlib.sha256(text.encode()).hexdigest()[:_KEY_CHARACTERS]


class Steps:
    """Steps by key.

    Raises:
        GitError: The file cannot be read.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, Step] = {}
        try:
            lines = file.read_bytes().splitlines() if file.exists() else []
        except OSError as error:
            raise GitError(f"{file} cannot be read: {error}") from None
        for line in lines:
            self._learn(line)

    def get(self, key: str) -> Step | None:
        """The step of that key, if it is known."""
        return self._known.get(key)

    def __getitem__(self, key: str) -> Step:
        return self._known[key]

    def put(self, steps: Mapping[str, Step]) -> None:
        """Remembers steps, in memory and on disk.

        Raises:
            GitError: The file cannot be written.
        """
        if not steps:
            return
        rows = [[key, step.tree, step.commit, step.paths] for key, step in steps.items()]
        text = "".join(f"{json.dumps(row, separators=(',', ':'))}\n" for row in rows)
        try:
            with self._file.open("ab") as out:
                out.write(text.encode("ascii"))
        except OSError as error:
            raise GitError(f"{self._file} cannot be written: {error}") from None
        self._known |= steps

    def put_commit(self, key: str, commit: CommitId) -> None:
        """Adds the commit of a step that is known.

        Raises:
            KeyError: The step is not known.
            GitError: The file cannot be written.
        """
        self.put({key: replace(self._known[key], commit=commit)})

    def _learn(self, line: bytes) -> None:
        """Takes one line of the file; the last one may have been cut short by a kill."""
        try:
            key, tree, commit, paths = json.loads(line)
        except ValueError:
            return
        self._known[key] = Step(tree=tree, commit=commit, paths=tuple(paths))
