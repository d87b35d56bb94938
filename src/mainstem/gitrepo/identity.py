"""Who runs `mainstem merge`, as their own git configuration says: the committer of the merge."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mainstem.domain.errors import UsageError
from mainstem.gitrepo.git import decode
from mainstem.gitrepo.merging import Signature

if TYPE_CHECKING:
    from mainstem.gitrepo.repository import Repository

_IDENT = re.compile(r"(?P<name>.+) <(?P<email>[^<>]+)> (?P<time>\d+) [+-]\d{4}")


def committer(repository: Repository) -> Signature:
    """The user's git identity, now.

    Raises:
        UsageError: git does not know it.
    """
    git = repository.git.but(folder=repository.top, own_config=True)
    said = git.run("var", "GIT_COMMITTER_IDENT", ok=None)
    found = _IDENT.fullmatch(decode(said.out).strip())
    if said.code != 0 or found is None:
        raise UsageError(
            "git does not know who merges: set `git config user.name` and `git config user.email`"
        )
    return Signature(name=found["name"], email=found["email"], time_s=int(found["time"]))
