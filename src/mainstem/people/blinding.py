"""Texts without the names of those who wrote them: what a blind reader is handed.

Handles, whole names, ORCID iDs, addresses and their parts before the `@` give way to neutral words,
the same one for one person throughout, numbered by where they first stand, so that the word says
nothing either. Any other address gives way too. A part of a longer name alone does not: `Adam` is
also an optimizer. What cannot be taken out is style, and what a reader may look up elsewhere.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mainstem.domain.contributor import Authorship, Contributor

SOMEBODY = "somebody"
"""Stands for an address that is nobody's who is known."""

_ROLES = frozenset({"admin", "dev", "git", "info", "mail", "main", "noreply", "root", "test"})
"""What stands before the `@` of many addresses, and in much code, and names nobody."""

_SHORTEST = 2
"""Letters of the shortest name that is looked for."""

_ADDRESS = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_BETWEEN = r"(?:[^\w\n]|_){0,3}"


@dataclass(frozen=True, kw_only=True)
class Blinded:
    """Texts without names.

    Attributes:
        texts: In the order in which they were given.
        replaced: How often each neutral word stands in them in the place of a name.
    """

    texts: tuple[str, ...]
    replaced: Mapping[str, int]


def names_of(
    contributors: Iterable[tuple[str, Contributor]], authors: Iterable[tuple[str, Authorship]]
) -> list[frozenset[str]]:
    """What each person may be called in a text, one set a person.

    Args:
        contributors: Whom the team's file names, each with the handle by which they are shown.
        authors: Who signed commits and reviews, each with the handle of whom that is.
    """
    found: dict[str, set[str]] = {}
    for handle, one in contributors:
        names = found.setdefault(handle, set())
        names.update((one.handle, one.name, one.orcid))
        for email in one.emails:
            names.update(_of_address(email))
    for handle, author in authors:
        found.setdefault(handle, set()).update((author.name, *_of_address(author.email)))
    kept = [frozenset(n for n in names if len(_key(n)) >= _SHORTEST) for names in found.values()]
    return [names for names in kept if names]


def blinded(texts: Sequence[str], people: Sequence[frozenset[str]]) -> Blinded:
    """Takes the names of people out of texts.

    Args:
        texts: Any texts, such as a diff and a claim.
        people: What each person may be called.
    """
    whose: dict[str, int] = {}
    for at, names in enumerate(people):
        for name in names:
            whose.setdefault(_key(name), at)
    # The longest first: an address before the handle in it.
    every = sorted({name for names in people for name in names}, key=lambda n: (-len(n), n))
    finds = re.compile("|".join([*map(_pattern, every), _ADDRESS]), flags=re.IGNORECASE)
    letters = _letters()
    words: dict[int, str] = {}
    replaced: dict[str, int] = {}

    def neutral(found: re.Match[str]) -> str:
        at = whose.get(_key(found[0]))
        if at is not None and at not in words:
            words[at] = f"contributor-{next(letters)}"
        word = SOMEBODY if at is None else words[at]
        replaced[word] = replaced.get(word, 0) + 1
        return word

    return Blinded(texts=tuple(finds.sub(neutral, text) for text in texts), replaced=replaced)


def _of_address(email: str) -> set[str]:
    """An address and the name in it: `7+ada@host` is ada's."""
    local = email.partition("@")[0]
    return {email} | ({local, local.rpartition("+")[2]} - _ROLES)


def _key(name: str) -> str:
    """A name as far as its writing counts: not by case, nor by what stands between its words."""
    return re.sub(r"[\W_]+", "", name.lower())


def _pattern(name: str) -> str:
    """Finds a name as whole words, with little or nothing between them.

    Underscores part words here: `ada_rope.py` names somebody.
    """
    words = _BETWEEN.join(re.escape(word) for word in re.split(r"[\W_]+", name) if word)
    return rf"(?<![^\W_]){words}(?![^\W_])"


def _letters() -> Iterator[str]:
    """A, B, ... Z, AA, AB, ..."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for length in itertools.count(1):
        for letters in itertools.product(alphabet, repeat=length):
            yield "".join(letters)
