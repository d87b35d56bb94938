"""Templates: what comes from a ledger is text, whatever it holds.

Every value is escaped. `safe` is for pictures that `mainstem.plots` made and for bodies of pages
that our own modules made, and for nothing else.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from mainstem.board import words
from mainstem.plots import blocks, cards, numbers, visible as shown

if TYPE_CHECKING:
    from collections.abc import Mapping

_DOTS = re.compile(r"/(\.{1,2})(?=/|$)")

LONG = 400
"""Characters of a text that is shown whole; of a longer one the rest is a click away."""


@cache
def environment() -> Environment:
    """The templates of this package, with autoescape on and undefined names as errors."""
    found = Environment(
        loader=PackageLoader("mainstem.board"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["term"] = term
    found.filters |= {
        "amount": words.amount,
        "raw": words.raw,
        "visible": visible,
        "coded": coded,
        "brief": brief,
        "long": long,
        "estimate": numbers.estimate,
        "duration": numbers.duration,
        "percent": numbers.percent,
        "plural": numbers.plural,
        "size": numbers.size,
        "when": when,
        "place": place,
    }
    return found


def visible(text: object) -> str:
    """A text whose control characters are seen and do nothing (`mainstem.plots.visible`)."""
    return shown.visible(str(text))


def coded(text: object) -> Markup:
    """A text on one line in which what stands between backticks is code."""
    return Markup(blocks.coded(str(text)))  # noqa: S704  # escaped there


def term(word: str, said: str = "") -> Markup:
    """A word of ours with what it means; `said` is another form of it, such as a plural.

    Raises:
        KeyError: It is none of `words.TERMS`.
    """
    return Markup('<abbr title="{}">{}</abbr>').format(words.TERMS[word], said or word)


def brief(text: object, most: int = 80) -> str:
    """A text on one line of at most so many characters."""
    return numbers.brief(visible(str(text)[: 8 * most]), most)


def long(text: object, most: int = LONG) -> Markup:
    """A text of any length: its beginning, and the rest where somebody asks for it."""
    whole = str(text)
    if len(whole) <= most:
        return Markup('<bdi class="text">{}</bdi>').format(visible(whole))
    rest = visible(whole[most : 64 * LONG])
    cut = len(whole) - 64 * LONG
    more = f"\n\N{HORIZONTAL ELLIPSIS} and {cut:,} characters more" if cut > 0 else ""
    return Markup(
        '<bdi class="text">{}\N{HORIZONTAL ELLIPSIS}</bdi>'
        '<details class="rest"><summary>{:,} characters more</summary>'
        '<bdi class="text">{}{}</bdi></details>'
    ).format(visible(whole[:most]), len(whole) - most, rest, more)


def when(at: str | None) -> Markup:
    """A time: as UTC for those without scripts, which turn it into the reader's own."""
    if at is None:
        return Markup("-")
    text = numbers.instant(at)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(at, at, text)


def place(path: str, /, query: Mapping[str, str] | None = None, **changed: str | int | None) -> str:
    """An address on this board.

    Args:
        path: The path; every part of it is quoted.
        query: The present query, to be kept.
        changed: What is different from it; None takes a name out.
    """
    said = {**(query or {}), **changed}
    pairs = [
        f"{quote(name)}={quote(str(value), safe='')}"
        for name, value in said.items()
        if value not in {None, ""}
    ]
    # Browsers resolve `..` in a path, but do not see a quoted slash beside it as one.
    quoted = _DOTS.sub(r"%2F\1", quote(path))
    return quoted + (f"?{'&'.join(pairs)}" if pairs else "")


def compile_all() -> None:
    """Compiles every template, so that nobody waits for it at the first look at a page."""
    for name in environment().list_templates(extensions=["html"]):
        environment().get_template(name)


def render(template: str, values: Mapping[str, object]) -> str:
    """A whole page."""
    return cards.labelled(environment().get_template(template).render(**values))
