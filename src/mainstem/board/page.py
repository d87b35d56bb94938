"""What a page is: a path, a template, and a function from a reader to what the template shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mainstem.board.reader import Reader

    Content = Callable[[Reader, "Visit"], Mapping[str, Any]]

ROWS = 100
"""So many rows a table has on one page."""


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
        """A word of the query; the default where it is missing or none of those that there are."""
        found = self.query.get(name, default)
        return default if among and found not in among else found

    def number(self, name: str, *, default: int, least: int = 0) -> int:
        """A whole number of the query; the default where it is missing, none, or too small."""
        found = self.query.get(name, "")
        value = int(found) if found.isascii() and found.isdecimal() and len(found) < 10 else default
        return max(least, value)


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
