"""What a page is: a path, a template, and a function from a reader to what the template shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mainstem.board.chosen import chosen

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from mainstem.board.reader import Reader

    Content = Callable[[Reader, "Visit"], Mapping[str, Any]]

ROWS = 100
"""So many rows a table has on one page."""

_NAMED = 20
"""So many known values are named where another was asked for."""


class NotHereError(LookupError):
    """There is no such thing to show; its text says what there is instead."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What a visitor asks a page for.

    Attributes:
        place: Parts of the path by name, such as `id`.
        query: The query string; of a name that comes twice, the last.
    """

    place: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)

    def word(self, name: str, *, among: tuple[str, ...] = (), default: str = "") -> str:
        """A word that searches or arranges; the default where it is missing or makes no sense."""
        found = self.query.get(name, default)
        return default if among and found not in among else found

    def one_of(self, name: str, known: Collection[str], *, default: str) -> str:
        """A word that chooses what is shown; the default where it is missing or empty.

        Args:
            name: Its name in the address.
            known: What it can be.
            default: What is shown if nothing is asked for.

        Raises:
            NotHereError: It is none of those: what nobody asked for is not shown in its place.
        """
        found = self.query.get(name, "")
        if found and found not in known:
            raise NotHereError(unknown(name, found, known))
        return found or default

    def several_of(self, name: str, known: Collection[str]) -> tuple[str, ...]:
        """The same of a word that may name several, as `chosen` reads it; none are all.

        Raises:
            NotHereError: One of them is unknown.
        """
        found = chosen(self.query.get(name, ""))
        for one in found:
            if one not in known:
                raise NotHereError(unknown(name, one, known))
        return found

    def number(self, name: str, *, default: int, least: int = 0) -> int:
        """A whole number of the query; the default where it is missing, none, or too small."""
        found = self.query.get(name, "")
        value = int(found) if found.isascii() and found.isdecimal() and len(found) < 10 else default
        return max(least, value)


def unknown(name: str, value: str, known: Collection[str]) -> str:
    """That an address asks for what there is not: which value of which word, and what there is."""
    listed = ", ".join([*known][:_NAMED]) or "none yet"
    more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
    return f"there is no {name} {value!r}, for which this address asks; there are: {listed}{more}"


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of the board.

    Attributes:
        name: Its template is `<name>.html`.
        path: Its route, such as `/proposals/{id:path}`.
        title: What it is, for the browser's title; the template may say more.
        content: What the template shows. Raises `NotHereError` where there is nothing of that name.
        menu: What the menu calls it; "" keeps it out of the menu.
        beside: The name of the page of the menu that it belongs to; "" for itself.
    """

    name: str
    path: str
    title: str
    content: Content
    menu: str = ""
    beside: str = ""
