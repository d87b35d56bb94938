"""Who wrote a proposal, as its commits say: authors and `Co-authored-by:` trailers, with shares.

Read for shares, credit and audits alone. Nothing that decides is handed any of this.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mainstem.domain.contributor import Authorship, equal_shares
from mainstem.gitrepo.git import decode

if TYPE_CHECKING:
    from mainstem.domain.proposal import CommitId
    from mainstem.gitrepo.repository import Repository

_FORMAT = "%aN%x00%aE%x00%(trailers:key=Co-authored-by,valueonly,unfold,separator=%x00)%x01"
_SIGNED = re.compile(r"\s*(?P<name>.*?)\s*<(?P<email>[^<>\s]+)>.*")
"""What stands behind an address, such as a share, is not read: authors of a commit are equal."""


def authors_of(repository: Repository, base: CommitId, commit: CommitId) -> tuple[Authorship, ...]:
    """Those who wrote what a commit has beyond its base, the largest part first.

    Every commit counts alike, and those who signed one share it equally. Merges are left out, as
    what they bring was written elsewhere, unless there is nothing else. Names and addresses go
    through the repository's `.mailmap`.

    Raises:
        GitError: A commit is gone.
    """
    commits = _commits(repository, "--no-merges", f"{base}..{commit}")
    commits = commits or _commits(repository, f"{base}..{commit}")
    names: dict[str, str] = {}
    shares: dict[str, float] = {}
    for signed in reversed(commits):
        for part in equal_shares(signed):
            names.setdefault(part.email, part.name)
            shares[part.email] = shares.get(part.email, 0.0) + part.share / len(commits)
    found = [Authorship(name=names[e], email=e, share=share) for e, share in shares.items()]
    return tuple(sorted(found, key=lambda part: -round(part.share, 12)))


def without_address(repository: Repository, base: CommitId, commit: CommitId) -> int:
    """How many `Co-authored-by:` lines name nobody that can be told from others.

    People are told apart by their addresses, so whoever such a line means has no part of what a
    commit has beyond its base.

    Raises:
        GitError: A commit is gone.
    """
    logged = _logged(repository, "--no-merges", f"{base}..{commit}")
    lines = [line for text in logged for line in text.split("\0")[2:]]
    return sum(bool(line.strip()) and not _SIGNED.fullmatch(line) for line in lines)


def _commits(repository: Repository, *words: str) -> list[list[tuple[str, str]]]:
    """Who signed each commit of a range, the newest first."""
    found = [_signed(text) for text in _logged(repository, *words)]
    return [signed for signed in found if signed]


def _logged(repository: Repository, *words: str) -> list[str]:
    """What `_FORMAT` says of each commit of a range, the newest first."""
    said = repository.git.run("log", f"--format={_FORMAT}", *words)
    return [text.strip("\n") for text in decode(said.out).split("\x01")]


def _signed(text: str) -> list[tuple[str, str]]:
    """Name and address of everybody who signed a commit, its author first."""
    fields = text.split("\0")
    if len(fields) < 2:
        return []
    found = [(fields[0], fields[1])]
    matches = (_SIGNED.fullmatch(trailer) for trailer in fields[2:])
    found += [(match["name"], match["email"]) for match in matches if match]
    return found
