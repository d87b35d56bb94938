"""What one tree changes in another, for people to read: bounded in size and in time.

A recipe may add a file of a gigabyte, and a diff is asked for by whoever clicks. So git is stopped
as soon as there is enough to read, and what changed how much is said of every file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.gitrepo.git import encode, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mainstem.domain.proposal import TreeId
    from mainstem.gitrepo.git import Git

_DIFF = ("diff-tree", "-r", "--find-renames", "--no-ext-diff", "--no-textconv", "--no-color")
_MOST_STATS_BYTES = 4 * 2**20
"""Of the list of files: some fifty thousand of them."""


@dataclass(frozen=True, kw_only=True)
class FileChange:
    """A file that changes.

    Attributes:
        path: Its path, in the second tree if it moved.
        added: Lines that came; None of a binary file.
        removed: Lines that went; None of a binary file.
    """

    path: str
    added: int | None
    removed: int | None


@dataclass(frozen=True, kw_only=True)
class TreeDiff:
    """What changes from one tree to another.

    Attributes:
        text: As git writes it, whole lines, cut at the wanted size.
        files: Every file that changes; of very many the first ones.
        cut: Whether there is more of either.
    """

    text: str
    files: tuple[FileChange, ...]
    cut: bool


def tree_diff(git: Git, old: TreeId, new: TreeId, *, most: int, timeout_s: float) -> TreeDiff:
    """What changes from one tree to another.

    Args:
        git: A door that finds both trees.
        old: The first tree.
        new: The second.
        most: So many bytes of text at most.
        timeout_s: How long git may take for each of two looks.

    Raises:
        GitError: A tree is not known, or it takes too long.
    """
    stats, many = git.beginning(
        *_DIFF, "--numstat", "-z", old, new, most=_MOST_STATS_BYTES, timeout_s=timeout_s
    )
    raw, long = git.beginning(*_DIFF, "--patch", old, new, most=most, timeout_s=timeout_s)
    if long:
        raw = raw[: raw.rfind(b"\n") + 1] or raw
    text = raw.decode(errors="backslashreplace")
    files = tuple(_files(split(stats)))
    return TreeDiff(text=text, files=files, cut=long or many)


def _files(records: Sequence[str]) -> Iterator[FileChange]:
    """The files of `--numstat -z`: of one that moved both names follow as records of their own."""
    ahead = iter(records)
    for record in ahead:
        added, removed, path = record.split("\t", 2)
        if not path:
            next(ahead, "")
            path = next(ahead, "")
        yield FileChange(
            path=encode(path).decode("utf-8", "backslashreplace"),
            added=None if added == "-" else int(added),
            removed=None if removed == "-" else int(removed),
        )
