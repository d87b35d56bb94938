"""The user's repository: where it is, what its branches point to, whether its work tree is clean.

Read only. Nothing here returns an author's name or a date: whoever decides must not see them, and
what cannot be asked for cannot leak.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mainstem.domain.errors import GitError, UsageError
from mainstem.domain.proposal import CommitId
from mainstem.gitrepo.git import Git, Said, decode, printable, refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

LOCAL = "refs/heads/"
REMOTE = "refs/remotes/"
_TOP = ("rev-parse", "--path-format=absolute", "--show-toplevel")


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A git repository with a work tree and at least one commit.

    Attributes:
        top: The work tree's top folder.
        git: The door to git there, isolated from the user's configuration.
        objects: The folder of its objects, shared by all its work trees.
        object_format: `sha1` or `sha256`.
    """

    top: Path
    git: Git
    objects: Path
    object_format: str

    def trunk(self, name: str) -> CommitId:
        """The commit of the trunk, which must be a local branch: it is to be advanced.

        Raises:
            UsageError: There is no such local branch.
        """
        commit = self._find(LOCAL + name)
        if commit is None:
            raise UsageError(
                f"mainstem.toml names the trunk {printable(name)!r}, but {self.top} has no such "
                f"branch{_meant(name, self.branches(LOCAL))}"
            )
        return commit

    def resolve_branch(self, name: str) -> CommitId:
        """The commit of a local branch, or of a remote-tracking one such as `origin/x`.

        Raises:
            UsageError: There is no such branch.
        """
        full = name.startswith((LOCAL, REMOTE))
        for ref in [name] if full else [LOCAL + name, REMOTE + name]:
            commit = self._find(ref)
            if commit is not None:
                return commit
        known = [*self.branches(LOCAL), *self.branches(REMOTE)]
        raise UsageError(f"no such branch: {printable(name)!r}{_meant(name, known)}")

    def branches(self, under: str = LOCAL) -> list[str]:
        """The short names of all branches under `refs/heads/` or `refs/remotes/`, sorted."""
        names = self.git.text("for-each-ref", "--format=%(refname)", under)
        return [name.removeprefix(under) for name in names.splitlines()]

    def current_branch(self) -> str | None:
        """The branch that is checked out; None if HEAD is detached."""
        said = self.git.run("symbolic-ref", "--quiet", "HEAD", ok=(0, 1))
        name = decode(said.out).removesuffix("\n")
        return name.removeprefix(LOCAL) if name else None

    def head(self) -> CommitId | None:
        """The commit that is checked out; None on a branch without a commit."""
        said = self.git.run("rev-parse", "--quiet", "--verify", "HEAD^{commit}", ok=(0, 1))
        return CommitId(decode(said.out).strip()) if said.code == 0 else None

    def dirty(self) -> list[str]:
        """Tracked files whose changes are not committed, staged or not; untracked ones are fine."""
        return dirty(self.git.but(folder=self.top, own_config=True))

    def _find(self, ref: str) -> CommitId | None:
        """The commit of exactly this ref; expressions such as `main~1` are no refs."""
        if "\0" in ref:
            return None
        said = self.git.run("show-ref", "--verify", "--hash", ref, ok=(0, 1, 128))
        return CommitId(decode(said.out).strip()) if said.code == 0 else None


def dirty(git: Git) -> list[str]:
    """The tracked files of a work tree that differ from its HEAD, sorted.

    Raises:
        GitError: The work tree cannot be read.
    """
    rows = git.records(
        "status",
        "--porcelain=v1",
        "-z",
        "--untracked-files=no",
        "--no-renames",
        "--ignore-submodules=dirty",
    )
    return sorted(row[3:] for row in rows)


def open_repository(start: Path) -> Repository:
    """The repository that a folder is in.

    Raises:
        UsageError: The folder is in no repository, in a bare one, or in one without a commit.
        GitError: git is missing or too old, or the repository belongs to another user.
    """
    if not start.is_dir():
        raise UsageError(f"{start} is not a folder")
    git = Git(start)
    said = git.run(*_TOP, ok=None)
    if "dubious ownership" in said.err:
        git = git.but(settings=_allowed(git))
        said = git.run(*_TOP, ok=None)
    if said.code != 0:
        raise _not_opened(start, said)
    top = Path(decode(said.out).removesuffix("\n"))
    git = git.but(folder=top)
    found = Repository(
        top=top,
        git=git,
        objects=Path(git.text("rev-parse", "--path-format=absolute", "--git-path", "objects")),
        object_format=git.text("rev-parse", "--show-object-format"),
    )
    if found.head() is None and not found.branches():
        raise UsageError(f"the repository {top} has no commit yet: commit the stack first")
    return found


def _allowed(git: Git) -> list[str]:
    """The user's own `safe.directory` settings, which isolation would otherwise hide."""
    own = git.but(folder=Path("/"), own_config=True)
    said = own.run("config", "--null", "--get-all", "safe.directory", ok=None)
    values = decode(said.out).split("\0")[:-1]
    return [f"safe.directory={value}" for value in values]


def _not_opened(start: Path, said: Said) -> UsageError | GitError:
    """Why git does not take the folder, and what to do."""
    if "dubious ownership" in said.err:
        return GitError(
            f"the repository at {start} belongs to another user, so git refuses it; if you trust "
            f"it, run: git config --global --add safe.directory {start.resolve()}"
        )
    if "not a git repository" in said.err:
        return UsageError(
            f"{start} is not in a git repository: go to the stack's repository, or make one with "
            "`git init` and a first commit"
        )
    if "must be run in a work tree" in said.err:
        return UsageError(
            f"{start} is in a bare repository or in a .git folder: go to a work tree of it "
            "(`git worktree add` makes one)"
        )
    return refusal(start, _TOP, said)


def _meant(name: str, known: Sequence[str]) -> str:
    """What else the user may have meant."""
    close = difflib.get_close_matches(name, known, n=3)
    if close:
        return f"; did you mean {' or '.join(repr(printable(one)) for one in close)}?"
    if not known:
        return "; it has no branch"
    return f"; there are {', '.join(printable(one) for one in known[:8])}" + (
        f" and {len(known) - 8} more" if len(known) > 8 else ""
    )
