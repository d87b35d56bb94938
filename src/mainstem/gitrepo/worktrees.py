"""Work trees that have the trunk checked out, and how they follow when it advances.

The one place where files of the user's are written. It goes as `git merge --ff-only` does: refuse
whatever is in the way, then bring files and index from the old commit to the new one in a two-way
merge. The user's own configuration counts here, for its filters and line endings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mainstem.domain.errors import UsageError
from mainstem.gitrepo.git import borrowing, printable, refusal
from mainstem.gitrepo.repository import LOCAL, dirty

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mainstem.domain.proposal import CommitId
    from mainstem.gitrepo.git import Git
    from mainstem.gitrepo.repository import Repository

_UNDER_WAY = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD")
_NAMED_FILES = 5
# What git says when it has touched nothing: something is in the way, or another git is at work.
_REFUSED = re.compile(r"Cannot merge|would lose untracked|Untracked working tree|index\.lock")


@dataclass(frozen=True, kw_only=True)
class WorkTree:
    """A work tree in which the branch is checked out.

    Attributes:
        top: Its top folder.
        git: The door to git there, with the user's own configuration.
    """

    top: Path
    git: Git

    def check(self, old: CommitId, new: CommitId, objects: Path) -> None:
        """Sees to it that going from `old` to `new` will overwrite nothing; writes nothing.

        Args:
            old: The commit that is checked out.
            new: The commit to go to.
            objects: A folder of objects in which `new` is found, if the repository lacks it.

        Raises:
            UsageError: A merge is under way, tracked files are changed, or untracked files are in
                the way; names them.
        """
        for name in _UNDER_WAY:
            if self.git.run("rev-parse", "--quiet", "--verify", name, ok=(0, 1)).code == 0:
                raise UsageError(
                    f"{self.top} is in the middle of a merge ({name}): finish or abort it first"
                )
        changed = dirty(self.git)
        if changed:
            raise UsageError(
                f"{self.top} has changes that are not committed: {_named(changed)}; "
                "commit or stash them first"
            )
        # A file that was only touched is no change; git's two-way merge would take it for one.
        self.git.run("update-index", "-q", "--refresh", ok=None)
        git = self.git.but(env=borrowing(objects))
        lost = self._in_the_way(git, old, new)
        if lost:
            raise UsageError(
                f"{self.top} has untracked files that the merge would overwrite: {_named(lost)}; "
                "move them away first"
            )
        said = git.run(*_two_way(old, new, "--dry-run"), ok=None)
        if said.code != 0:
            raise UsageError(f"{self.top} cannot follow the trunk: {printable(said.err.strip())}")

    def switch(self, old: CommitId, new: CommitId) -> None:
        """Brings files and index from `old` to `new`, all or none.

        Raises:
            GitError: git refused, a filter failed, or the disk did not take it.
        """
        words = _two_way(old, new)
        said = self.git.run(*words, ok=None)
        if said.code == 0:
            return
        if not _REFUSED.search(said.err):
            # It stopped while writing. The check found nothing of the user's in its way.
            self.git.run("read-tree", "--reset", "-u", old)
            for path in _added(self.git, old, new):
                self._remove(path)
        raise refusal(self.top, words, said)

    def _in_the_way(self, git: Git, old: CommitId, new: CommitId) -> list[str]:
        """Untracked files where `new` has files that `old` has not."""
        tracked = set(git.records("ls-files", "-z"))
        found = {
            place
            for path in _added(git, old, new)
            for place in (path, *_folders(path))
            if place not in tracked and self._is_file(place)
        }
        return sorted(found)

    def _remove(self, path: str) -> None:
        """Removes a file that was written, and the folders that it leaves empty."""
        (self.top / path).unlink(missing_ok=True)
        for folder in sorted(_folders(path), key=len, reverse=True):
            try:
                (self.top / folder).rmdir()
            except OSError:
                return

    def _is_file(self, path: str) -> bool:
        place = self.top / path
        return place.is_symlink() or (place.exists() and not place.is_dir())


def holding(repository: Repository, branch: str) -> list[WorkTree]:
    """The work trees, this one or linked ones, in which the branch is checked out."""
    found: list[WorkTree] = []
    fields = repository.git.records("worktree", "list", "--porcelain", "-z")
    top: Path | None = None
    for field in fields:
        key, _, value = field.partition(" ")
        if key == "worktree":
            top = Path(value)
        elif key == "branch" and value == LOCAL + branch and top is not None and top.is_dir():
            git = repository.git.but(folder=top, own_config=True)
            found.append(WorkTree(top=top, git=git))
    return found


def every_folder(repository: Repository) -> list[Path]:
    """Every folder that holds versions of the repository's files: work trees, and git's own."""
    common = repository.git.text("rev-parse", "--path-format=absolute", "--git-common-dir")
    fields = repository.git.records("worktree", "list", "--porcelain", "-z")
    tops = [field.removeprefix("worktree ") for field in fields if field.startswith("worktree ")]
    return [repository.top, Path(common), *map(Path, tops)]


def _added(git: Git, old: CommitId, new: CommitId) -> list[str]:
    """The paths that only `new` has."""
    return git.records(
        "diff-tree", "-r", "-z", "--no-renames", "--diff-filter=A", "--name-only", old, new
    )


def _two_way(old: CommitId, new: CommitId, *flags: str) -> tuple[str, ...]:
    return ("read-tree", *flags, "-m", "-u", old, new)


def _folders(path: str) -> Iterable[str]:
    """The folders above a path: an untracked file may stand where a folder must come."""
    parts = path.split("/")
    return ("/".join(parts[:length]) for length in range(1, len(parts)))


def _named(paths: list[str]) -> str:
    """Some paths for one line."""
    shown = ", ".join(printable(path) for path in paths[:_NAMED_FILES])
    rest = len(paths) - _NAMED_FILES
    return shown if rest <= 0 else f"{shown} and {rest} more"
