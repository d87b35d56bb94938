"""Proposals that were chosen, as one word of an address: `recipe=muon,rope`.

An id is a branch's name, and those may hold a comma; so each is quoted before they are joined, and
the common ones are read as they are.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Iterable


def joined(ids: Iterable[str]) -> str:
    """Ids as one word."""
    return ",".join(map(_quoted, ids))


@lru_cache(maxsize=4096)  # a page of recipes has each id of a thousand dozens of times
def _quoted(one: str) -> str:
    return quote(one, safe="/ :@+")


def chosen(word: str) -> tuple[str, ...]:
    """The ids of a word, each once, in its order."""
    return tuple(dict.fromkeys(unquote(part) for part in word.split(",") if part))
