"""Every address that a board leads to, by its links alone."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

if TYPE_CHECKING:
    from tests.acceptance.board.running import Board

MOST_BYTES = 300_000
"""A page may weigh so much, compressed."""

ALIKE = 3
"""So many pages of a kind are looked at: runs, proposals, the same filter with other values."""


class Parsed(HTMLParser):
    """Links, ids, forms and elements of a page.

    Attributes:
        links: What `href` and `src` say.
        text: What is shown.
        ids: Of its elements.
        elements: Names of elements with their attributes.
    """

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_data(self, data: str) -> None:
        """Notes a text."""
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element."""
        said = {name: value or "" for name, value in attrs}
        self.elements.append((tag, said))
        self.links += [
            said[name] for name in ("href", "src", "action", "xlink:href") if said.get(name)
        ]
        if "id" in said:
            self.ids.append(said["id"])


@dataclass(kw_only=True)
class Crawl:
    """What was found.

    Attributes:
        pages: Each address (path and query) that was answered as HTML, in the order of finding.
        wrong: What is wrong, a line each.
        outside: Addresses outside the board that are linked to.
    """

    pages: dict[str, Parsed] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    outside: set[str] = field(default_factory=set)

    def of(self, route: str) -> list[str]:
        """The addresses of a route such as `/runs/{id}`, the shortest first."""
        pattern = re.sub(r"\\{\w+(:path)?\\}", ".+", re.escape(route))
        return sorted((a for a in self.pages if re.fullmatch(pattern, urlsplit(a).path)), key=len)


def crawl(board: Board, start: str = "/") -> Crawl:
    """Follows every link from `start` on, `ALIKE` of those that differ in a name or value only."""
    found, waiting, seen = Crawl(), [start], {start}
    kinds: Counter[tuple[str, ...]] = Counter()
    fragments: list[tuple[str, str, str]] = []
    while waiting:
        place = waiting.pop(0)
        for target in _targets(board, place, found):
            whole, fragment = urldefrag(urljoin(board.url + place.lstrip("/"), target))
            if not whole.startswith(board.url):
                found.outside.add(whole)
                continue
            there = "/" + whole.removeprefix(board.url)
            fragments.append((place, there, fragment))
            if there in seen or kinds[_kind(there)] >= ALIKE:
                continue
            kinds[_kind(there)] += 1
            seen.add(there)
            waiting.append(there)
    for place, there, fragment in fragments:
        if fragment and there in found.pages and fragment not in found.pages[there].ids:
            found.wrong.append(f"{place}: nothing at {there}#{fragment}")
    return found


def _kind(place: str) -> tuple[str, ...]:
    """What addresses have in common that differ in a name or value only."""
    there = urlsplit(place)
    head, _, rest = there.path.strip("/").partition("/")
    return (head, "*" if rest else "", *sorted(name for name, _ in parse_qsl(there.query)))


def _targets(board: Board, place: str, found: Crawl) -> list[str]:
    """Where a page leads to; what is wrong with it is noted."""
    got = board.get(place, **{"accept-encoding": "gzip"})
    if got.status == 303:
        return [got.headers["location"]]
    if got.status != 200 and not place.startswith("/api/"):
        found.wrong.append(f"{place}: {got.status}")
        return []
    if not got.headers["content-type"].startswith("text/html"):
        return []
    if len(got.body) > MOST_BYTES:
        found.wrong.append(f"{place}: {len(got.body):,} bytes compressed")
    found.pages[place] = parsed = Parsed(gzip.decompress(got.body).decode())
    twice = {one for one in parsed.ids if parsed.ids.count(one) > 1}
    found.wrong += [f"{place}: id {one!r} stands twice" for one in sorted(twice)]
    return [link for link in parsed.links if not link.startswith("data:")]
