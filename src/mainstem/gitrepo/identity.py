"""Who acts, as their own git configuration says: the committer of a merge, the signer of a line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mainstem.domain.errors import UsageError
from mainstem.gitrepo.git import decode
from mainstem.gitrepo.merging import Signature

if TYPE_CHECKING:
    from mainstem.gitrepo.repository import Repository

_IDENT = re.compile(r"(?P<name>.+) <(?P<email>[^<>]+)> (?P<time>\d+) [+-]\d{4}")


def committer(repository: Repository, *, does: str = "merges") -> Signature:
    """The user's git identity, now.

    Args:
        repository: Where they work.
        does: What they do, for the message.

    Raises:
        UsageError: git does not know it.
    """
    git = repository.git.but(folder=repository.top, own_config=True)
    said = git.run("var", "GIT_COMMITTER_IDENT", ok=None)
    found = _IDENT.fullmatch(decode(said.out).strip())
    if said.code != 0 or found is None:
        raise UsageError(
            f"git does not know who {does}: set `git config user.name` and `git config user.email`"
        )
    return Signature(name=found["name"], email=found["email"], time_s=int(found["time"]))
