"""The few elements of SVG that pictures are made of.

A picture stands by itself: every colour is an attribute, right on white. On a page of ours the same
colour is a class too, which the sheet's custom properties theme, light and dark; nothing is said by
a `style` attribute, which a strict content security policy would drop.
"""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from mainstem.plots import colours
from mainstem.plots.colours import GROUND, INK, PALE
from mainstem.plots.visible import in_a_line, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mainstem.plots.colours import Colour

FONT_PX = 13

PHONE = 326
"""Pixels that the narrow form of a picture is wide: a telephone of 360 has them."""

WIDEST, LEAST_STEP = 800, 40
"""Pictures up to so many pixels wide may shrink; how far is told in such steps."""
_EMPTY = 760  # pixels: the width of a picture without data
_SHRUNK = 0.92  # then letters of 12 pixels have 11
_SCHEME = re.compile(r"\s*[a-zA-Z][a-zA-Z0-9+.-]*:|\s*//")
_WIDE, _WIDEST, _AVERAGE = 0.66, 0.95, 0.55  # of the size of the font


@dataclass(frozen=True, kw_only=True)
class Style:
    """How one group is drawn: by colour, dash and mark, so that any one of them is enough."""

    colour: Colour
    dash: str
    mark: str


STYLES = (
    Style(colour=colours.KINDS[0], dash="", mark="circle"),
    Style(colour=colours.KINDS[1], dash="7 4", mark="square"),
    Style(colour=colours.KINDS[2], dash="2 3", mark="triangle"),
    Style(colour=colours.KINDS[3], dash="9 3 2 3", mark="diamond"),
    Style(colour=colours.KINDS[4], dash="1 2", mark="circle"),
)


def style(number: int) -> Style:
    """The style of a group; they come again after the last."""
    return STYLES[number % len(STYLES)]


def picture(title: str, description: str, width: int, height: int, parts: Iterable[str]) -> str:
    """A whole picture with its words for those who do not see it.

    Its class says how far a page may shrink it before it scrolls, so that its words stay readable.
    One with links is a group of them, else it is an image.

    Args:
        title: What it is, shown as its tooltip.
        description: What can be read from it, in a sentence or two.
        width: In pixels.
        height: In pixels.
        parts: Its elements.
    """
    # Two forms of a picture on one page have the same words and must not have the same ids.
    named = f"{width}\n{title}\n{description}"
    key = hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:10]
    drawn = list(parts)
    role = "group" if any("<a " in part for part in drawn) else "img"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="plot {least(width)}" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="{role}" aria-labelledby="t{key} d{key}" '
        f'font-family="sans-serif" font-size="{FONT_PX}">'
    )
    words = [
        f'<title id="t{key}">{said(title)}</title>',
        f'<desc id="d{key}">{said(description)}</desc>',
    ]
    ground = f'<rect width="{width}" height="{height}" {fill(GROUND)}/>'
    return "\n".join([head, *words, ground, *drawn, "</svg>"])


def least(width: int) -> str:
    """The class of a picture so wide: `least-` and the width below which it would be unreadable.

    One that is wider than any page does not shrink at all: `whole`.
    """
    steps = int(_SHRUNK * width / LEAST_STEP) * LEAST_STEP
    return f"least-{steps}" if width <= WIDEST else "whole"


def nothing(title: str, description: str, words: str, *, narrow: bool = False) -> str:
    """A picture of what has no data: it says so where they would be."""
    width = PHONE if narrow else _EMPTY
    frame = (
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="95" rx="6" fill="none" '
        f'stroke-dasharray="4 4" {stroke(PALE)}/>'
    )
    inside = text(0.5 * width, 52.0, fit(words, width - 24.0), anchor="middle", colour=PALE)
    return picture(title, f"{description} {words}".strip(), width, 96, [frame, inside])


def fill(colour: Colour) -> str:
    """The attributes that fill with a colour."""
    return f'fill="{colour.light}" class="f-{colour.name}"'


def stroke(colour: Colour, width: float = 1.0) -> str:
    """The attributes of an outline."""
    return f'stroke="{colour.light}" stroke-width="{width:g}" class="s-{colour.name}"'


def said(words: str) -> str:
    """Words as text of SVG or HTML on one line, whatever they hold (`mainstem.plots.visible`)."""
    return escape(in_a_line(words))


def width_of(words: str, size: float = FONT_PX) -> float:
    """About how wide words are, in pixels; rather more than less."""
    return size * sum(_room(character) for character in words)


@functools.lru_cache(4096)
def _room(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF" or character in "MW@%\N{EM DASH}":
        return 1.0 if ord(character) > 0x2FF else _WIDEST
    if character.isascii() and (character.islower() or character in " .,:;|!'()[]/"):
        return _AVERAGE
    return _WIDE if character.isascii() else 0.8


def fit(words: str, room: float, size: float = FONT_PX) -> str:
    """Words, cut with an ellipsis where they are wider than the room, in pixels."""
    # A name of a megabyte is cut before it is measured.
    words = in_a_line(words[: 4 * int(room) + 1])
    if width_of(words, size) <= room:
        return words
    left = room - size
    for k, character in enumerate(words):
        left -= size * _room(character)
        if left < 0.0:
            return f"{words[:k].rstrip()}\N{HORIZONTAL ELLIPSIS}"
    return words


def wrap(words: str, room: float, size: float = FONT_PX, *, most: int = 3) -> list[str]:
    """Words on as many lines as they need, at blanks; the last of `most` lines is cut."""
    said = in_a_line(words[: 4 * most * int(room) + 1]).split(" ")
    lines = [said[0]]
    for k, word in enumerate(said[1:], start=1):
        longer = f"{lines[-1]} {word}"
        if width_of(longer, size) <= room:
            lines[-1] = longer
        elif len(lines) < most:
            lines.append(word)
        else:
            lines[-1] = " ".join([lines[-1], *said[k:]])
            break
    return [fit(one, room, size) for one in lines]


def text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    colour: Colour = INK,
    turned: bool = False,
    size: float | None = None,
    bold: bool = False,
    halo: bool = False,
) -> str:
    """Words; `anchor` is `start`, `middle` or `end`, and `turned` reads upwards.

    A halo of the ground's colour keeps them readable upon lines and marks.
    """
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
    sized = "" if size is None else f' font-size="{size:g}"'
    weight = ' font-weight="600"' if bold else ""
    around, names = "", f"f-{colour.name}"
    if halo:
        around = f' stroke="{GROUND.light}" stroke-width="3" paint-order="stroke"'
        names += f" s-{GROUND.name}"
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{turn}{sized}{weight}{around}'
    return f'<text {where} fill="{colour.light}" class="{names}">{said(words)}</text>'


def link(href: str, label: str, parts: Iterable[str], *, tabbed: bool = True) -> str:
    """Elements that lead somewhere.

    Args:
        href: Where to: a place on the same site, or an address of the web.
        label: Where to, in words: its tooltip and what a screen reader says.
        parts: The elements.
        tabbed: Whether the keyboard stops here; of hundreds of links it should stop at a few,
            with all of them in a table beside the picture.

    Raises:
        ValueError: The address is of another kind, such as `javascript:`.
    """
    if _SCHEME.match(href) and not href.startswith(("https://", "http://")):
        raise ValueError(f"no link of a picture: {href[:60]!r} is neither a path nor a web address")
    stop = "" if tabbed else ' tabindex="-1"'
    inside, words = "".join(parts), said(label)
    where = f'href="{escape(visible(href))}" aria-label="{words}"{stop}'
    return f"<a {where}><title>{words}</title>{inside}</a>"


def tip(label: str, parts: Iterable[str]) -> str:
    """Elements with a tooltip."""
    return f"<g><title>{said(label)}</title>{''.join(parts)}</g>"


def shown(href: str | None, label: str, parts: Iterable[str], *, tabbed: bool = True) -> str:
    """Elements with a tooltip, and a link where there is one."""
    return tip(label, parts) if href is None else link(href, label, parts, tabbed=tabbed)


def line(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    *,
    colour: Colour = PALE,
    width: float = 1.0,
    dash: str = "",
) -> str:
    """A straight line."""
    return path([(x1, y1), (x2, y2)], colour=colour, width=width, dash=dash)


def path(
    points: Sequence[tuple[float, float]], *, colour: Colour, width: float = 2.0, dash: str = ""
) -> str:
    """A line through points."""
    way = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="M{way}" fill="none" {stroke(colour, width)}{dashes}/>'


def area(points: Sequence[tuple[float, float]], *, colour: Colour, opacity: float = 0.13) -> str:
    """A pale area inside points."""
    way = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return (
        f'<path d="M{way} Z" fill="{colour.light}" fill-opacity="{opacity:g}" stroke="none" '
        f'class="f-{colour.name}"/>'
    )


def box(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    colour: Colour,
    edge: Colour | None = None,
    edge_width: float = 1.0,
) -> str:
    """A filled rectangle, with an edge where one is given."""
    where = f'x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.0):.1f}" height="{max(height, 0.0):.1f}"'
    names, edged = f"f-{colour.name}", ""
    if edge is not None:
        names += f" s-{edge.name}"
        edged = f' stroke="{edge.light}" stroke-width="{edge_width:g}"'
    return f'<rect {where} fill="{colour.light}"{edged} class="{names}"/>'


def mark(
    x: float, y: float, look: Style, *, size: float = 4.0, colour: Colour | None = None
) -> str:
    """A group's mark, in its colour or another."""
    filled = fill(colour or look.colour)
    if look.mark == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" {filled}/>'
    corners = {
        "square": [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)],
        "triangle": [(0.0, -1.2), (1.2, 1.0), (-1.2, 1.0)],
        "diamond": [(0.0, -1.4), (1.4, 0.0), (0.0, 1.4), (-1.4, 0.0)],
    }[look.mark]
    way = " L".join(f"{x + size * dx:.1f} {y + size * dy:.1f}" for dx, dy in corners)
    return f'<path d="M{way} Z" {filled}/>'
