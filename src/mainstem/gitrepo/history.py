"""What a commit changed: reading history without authors and without dates.

Diffs come from plumbing without rename detection, external drivers or text conversion, so that they
do not depend on anybody's configuration.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.domain.proposal import CommitId
from mainstem.gitrepo.git import decode, encode

if TYPE_CHECKING:
    from mainstem.gitrepo.git import Git
    from mainstem.gitrepo.repository import Repository

_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", flags=re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class ChangedLines:
    """The lines of one file that differ between two commits, counted from 1.

    Attributes:
        old: Lines of the first commit's file that were removed or replaced.
        new: Lines of the second commit's file that were added or replace others.
    """

    old: frozenset[int]
    new: frozenset[int]


def merge_base(repository: Repository, one: CommitId, other: CommitId) -> CommitId | None:
    """The best common ancestor (git's first, if there are several); None without common history."""
    said = repository.git.run("merge-base", one, other, ok=(0, 1))
    return CommitId(decode(said.out).strip()) if said.code == 0 else None


def is_ancestor(repository: Repository, old: CommitId, new: CommitId) -> bool:
    """Whether `new` contains `old`; a commit contains itself."""
    return repository.git.run("merge-base", "--is-ancestor", old, new, ok=(0, 1)).code == 0


def changed_paths(repository: Repository, base: CommitId, commit: CommitId) -> list[str]:
    """The paths that differ, sorted as git sorts them; a rename is both of its paths."""
    return repository.git.records(
        "diff-tree", "-r", "-z", "--no-renames", "--name-only", base, commit
    )


def changed_lines(
    repository: Repository, base: CommitId, commit: CommitId, path: str
) -> ChangedLines:
    """The lines of one file that differ; both empty if only its mode or kind changed."""
    said = repository.git.run(
        "diff-tree",
        *("-r", "--patch", "--unified=0", "--inter-hunk-context=0", "--text"),
        *("--no-renames", "--no-ext-diff", "--no-textconv", "--no-color"),
        *(base, commit, "--", path),
    )
    old: set[int] = set()
    new: set[int] = set()
    for hunk in _HUNK.finditer(said.out):
        old |= _span(hunk[1], hunk[2])
        new |= _span(hunk[3], hunk[4])
    return ChangedLines(old=frozenset(old), new=frozenset(new))


def read_file(repository: Repository, commit: CommitId, path: str) -> bytes | None:
    """A file's content as git stores it; None if the commit has no such file.

    Raises:
        GitError: The object cannot be read.
    """
    said = repository.git.run("cat-file", "--batch", "-z", stdin=encode(f"{commit}:{path}\0"))
    head, _, rest = said.out.partition(b"\n")
    kind = re.fullmatch(rb"[0-9a-f]+ blob (\d+)", head)
    return rest[: int(kind[1])] if kind else None


def file_text(repository: Repository, commit: CommitId, path: str) -> str | None:
    """A file's content as text; bytes that are not UTF-8 become surrogates."""
    content = read_file(repository, commit, path)
    return None if content is None else decode(content)


def diff_text(git: Git, base: CommitId, commit: CommitId) -> str:
    """What a commit changes, as a patch for people; bytes that are not UTF-8 are marked.

    Commits are named nowhere in it, nor who made them and when.

    Args:
        git: A door that finds both commits.
        base: The older commit.
        commit: The newer one.

    Raises:
        GitError: A commit is gone.
    """
    said = git.run(
        "diff-tree",
        *("-r", "--patch", "--find-renames"),
        *("--no-ext-diff", "--no-textconv", "--no-color"),
        *(base, commit),
    )
    return said.out.decode("utf-8", "replace")


def _span(first: bytes, count: bytes | None) -> set[int]:
    """The lines of one side of a hunk header; a count of 0 is no line."""
    start = int(first)
    return set(range(start, start + (1 if count is None else int(count))))
