"""Where a user's stack or its record is, when it is not where the user works.

`mainstem.toml` may stand on another branch than the one that is checked out; a linked work tree has
a state folder of its own, beside its own `mainstem.toml`. Both look like an empty project to a
user who does not know it, so both are said.
"""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from mainstem.domain.errors import ConfigurationError, MainstemError
from mainstem.gitrepo.git import decode, encode, printable
from mainstem.gitrepo.repository import LOCAL, REMOTE, open_repository
from mainstem.gitrepo.worktrees import holding
from mainstem.tomlfiles.stack import FILE_NAME, parse_stack

if TYPE_CHECKING:
    from mainstem.gitrepo.repository import Repository

_USUAL = ("main", "master")


def advice_for_a_missing_file(start: Path) -> str | None:
    """How to get at the `mainstem.toml` of another branch; None if no branch has one.

    Args:
        start: A folder that has none, nor has any above it.
    """
    try:
        repository = open_repository(start)
    except MainstemError:
        return None  # no repository: nothing better to say than that there is no file
    branch = _branch_with_the_file(repository)
    if branch is None:
        return None
    shown = printable(branch)
    if branch == repository.current_branch():
        place = quote(str(repository.top / FILE_NAME))
        return f"it is committed on {shown}, which is checked out: run `git restore {place}`"
    others = [tree.top for tree in holding(repository, branch)]
    if others:
        return f"it is on branch {shown}, checked out in {others[0]}: go there"
    return f"it is on branch {shown}: run `git switch {quote(shown)}`"


def _branch_with_the_file(repository: Repository) -> str | None:
    """The branch to go to: the trunk that the file itself names, if that has it."""
    found = _branches_with_the_file(repository)
    if not found:
        return None
    usual = next((name for name in _USUAL if name in found), min(found))
    trunk = _trunk_named_on(repository, found[usual])
    return trunk if trunk in found else usual


def _branches_with_the_file(repository: Repository) -> dict[str, str]:
    """The file's blob by the short name of each branch that has it; local ones win."""
    refs = repository.git.text("for-each-ref", "--format=%(refname)", REMOTE, LOCAL).splitlines()
    asked = "".join(f"{ref}:{FILE_NAME}\n" for ref in refs)
    said = repository.git.text("cat-file", "--batch-check", stdin=encode(asked)).splitlines()
    found = {}
    for ref, line in sorted(zip(refs, said, strict=True), key=lambda row: row[0].startswith(LOCAL)):
        blob, _, kind = line.partition(" ")
        if kind.startswith("blob "):
            found[_short(ref)] = blob
    return found


def _short(ref: str) -> str:
    """The name by which `git switch` finds a branch, `origin/main` as `main`."""
    if ref.startswith(LOCAL):
        return ref.removeprefix(LOCAL)
    return ref.removeprefix(REMOTE).partition("/")[2]


def _trunk_named_on(repository: Repository, blob: str) -> str | None:
    """The trunk that a version of the file names; None if that version is wrong."""
    text = decode(repository.git.run("cat-file", "blob", blob).out)
    try:
        return parse_stack(text, FILE_NAME).trunk
    except ConfigurationError:
        return None


def main_work_tree(repository: Repository) -> Path | None:
    """The main work tree of a repository seen from a linked one; None if it is this one or bare."""
    git = repository.git
    own, common = git.text(
        "rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir"
    ).split("\n")
    if own == common:
        return None
    fields = git.records("worktree", "list", "--porcelain", "-z")  # the main one stands first
    end = fields.index("") if "" in fields else len(fields)
    return None if "bare" in fields[:end] else Path(fields[0].removeprefix("worktree "))
