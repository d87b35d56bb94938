"""Whether a branch may have moved, without asking git: a process takes milliseconds, a look none.

A board looks at its trunk twice a second for days. git writes a branch to a file of its own, packs
it into `packed-refs`, or keeps all of them in a reftable: where none of these files has changed, no
branch has moved.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mainstem.gitrepo.repository import Repository

Mark = tuple[tuple[int, int, int] | None, ...]
"""Inode, size and time of change of each file; None of one that is not there."""


class BranchFiles:
    """The files that say where a branch is.

    Args:
        repository: The repository.
        branch: The name of a local branch.

    Raises:
        GitError: The repository cannot be read.
    """

    def __init__(self, repository: Repository, branch: str) -> None:
        said = repository.git.text("rev-parse", "--path-format=absolute", "--git-common-dir")
        common = Path(said)
        self._files = (
            common / "refs" / "heads" / branch,
            common / "packed-refs",
            common / "reftable" / "tables.list",
        )

    def mark(self) -> Mark:
        """Another one than before if the branch may have moved since."""
        return tuple(mark_of(file) for file in self._files)


def mark_of(file: Path) -> tuple[int, int, int] | None:
    """Inode, size and time of change of a file; None if there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
