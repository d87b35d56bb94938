"""Keeping proposals from being lost: their commits are copied into Mainstem's own repository.

The bare repository of ours borrows the user's objects, and git prunes there what no branch holds:
a contributor who deletes a branch would take a proposal away in the middle of a campaign. So what a
proposal reaches and the trunk does not is packed into our own objects when it is taken in. A ref
under `refs/mainstem/` says what is pinned, and a `.keep` file beside the pack keeps it from git's
clean-up, which drops what can be borrowed at that moment. Nothing is written into the user's
repository until a merge needs what was pruned there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.domain.errors import GitError
from mainstem.gitrepo.git import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mainstem.domain.proposal import CommitId, Proposal
    from mainstem.gitrepo.git import Git
    from mainstem.gitrepo.merger import Merger

PINS = "refs/mainstem/pins/"
"""Where the pins lie in our own repository: a ref per commit, named by it."""


def pin(merger: Merger, root: CommitId, members: Sequence[Proposal]) -> None:
    """Copies what the members reach and `root` does not into our own objects.

    Raises:
        GitError: A member's commit is gone already, or the disk does not take the copy.
    """
    if not members:
        return
    commits = list(dict.fromkeys(member.commit for member in members))
    gone = set(_missing(merger.git, commits))
    for member in members:
        if member.commit in gone:
            raise GitError(
                f"proposal {printable(member.id)!r}: its commit {member.commit[:12]} is gone from "
                f"the repository (branch {printable(member.branch)} was deleted, and git pruned "
                "it): bring the commit back under any branch"
            )
    pack = _carry(merger.git, merger.ours(), merger.objects, root, commits)
    if pack is not None:
        _keep(pack)
    rows = "".join(f"update {PINS}{commit}\0{commit}\0\0" for commit in commits)
    merger.git.run("update-ref", "-z", "--stdin", stdin=rows.encode("ascii"))


def give_back(merger: Merger, root: CommitId, commits: Sequence[CommitId]) -> None:
    """Copies what git has pruned of these commits back into the user's objects.

    Nothing points to the copies: that is for whoever merges them.

    Raises:
        GitError: The disk does not take the copy.
    """
    user = merger.in_repository()
    _carry(merger.borrowing_ours(), user.git, user.objects, root, commits)


def _keep(pack: Path) -> None:
    """Marks a pack as one that git never cleans up.

    Raises:
        GitError: The mark cannot be written.
    """
    try:
        pack.with_suffix(".keep").touch()
    except OSError as error:
        raise GitError(f"{pack} cannot be kept: {error.strerror}") from None


def _carry(
    writer: Git, target: Git, objects: Path, root: CommitId, commits: Sequence[CommitId]
) -> Path | None:
    """Packs what the commits reach, `root` does not and the target lacks.

    Args:
        writer: A door that finds the objects of both repositories and writes into the target's.
        target: A door that finds the target's own objects only.
        objects: The folder of the target's objects.
        root: What it reaches is not copied.
        commits: What to copy.

    Returns:
        The pack; None if the target lacks nothing.
    """
    found = writer.text(
        # A partial clone lacks files that no recipe may ever need; what is missing is not copied.
        *("rev-list", "--objects", "--no-object-names", "--missing=allow-any", "--stdin"),
        stdin="\n".join([*commits, f"^{root}", ""]).encode("ascii"),
    ).split()
    lacking = _missing(target, found)
    if not lacking:
        return None
    ids = "".join(f"{each}\n" for each in lacking)
    base = objects / "pack" / "pack"
    digest = writer.text("pack-objects", "--quiet", str(base), stdin=ids.encode("ascii"))
    return base.with_name(f"pack-{digest}.pack")


def _missing(git: Git, ids: Sequence[str]) -> list[str]:
    """Those of these objects that a door does not find."""
    rows = git.text(
        "cat-file", "--batch-check", stdin="".join(f"{each}\n" for each in ids).encode("ascii")
    )
    return [row.split()[0] for row in rows.splitlines() if row.endswith(" missing")]
