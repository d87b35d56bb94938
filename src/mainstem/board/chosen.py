"""Proposals that were chosen, as one word of an address: `recipe=muon,rope`.

An id is a branch's name, and those may hold a comma; so each is quoted before they are joined, and
the common ones are read as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Iterable


def joined(ids: Iterable[str]) -> str:
    """Ids as one word."""
    return ",".join(quote(one, safe="/ :@+") for one in ids)


def chosen(word: str) -> tuple[str, ...]:
    """The ids of a word, each once, in its order."""
    return tuple(dict.fromkeys(unquote(part) for part in word.split(",") if part))
