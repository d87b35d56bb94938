"""The few elements of SVG that pictures are made of."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

INK, PALE = "#222222", "#767676"
"""For what must be read, and for axes; both are dark enough on white (WCAG 2, AA)."""

FONT_PX = 13


@dataclass(frozen=True, kw_only=True)
class Style:
    """How one group is drawn: by colour, dash and mark, so that any one of them is enough."""

    colour: str
    dash: str
    mark: str


STYLES = (
    Style(colour="#0072b2", dash="", mark="circle"),
    Style(colour="#b34700", dash="7 4", mark="square"),
    Style(colour="#00785a", dash="2 3", mark="triangle"),
    Style(colour="#8f4a78", dash="9 3 2 3", mark="diamond"),
    Style(colour="#222222", dash="1 2", mark="circle"),
)
"""After Okabe and Ito (2008), darkened until lines of them are plain on white."""


def style(number: int) -> Style:
    """The style of a group; they come again after the last."""
    return STYLES[number % len(STYLES)]


def picture(title: str, description: str, width: int, height: int, parts: Iterable[str]) -> str:
    """A whole picture with its words for those who do not see it.

    Args:
        title: What it is, shown as its tooltip.
        description: What can be read from it, in a sentence or two.
        width: In pixels; it shrinks with the page.
        height: In pixels.
        parts: Its elements.
    """
    key = hashlib.sha256(f"{title}\n{description}".encode()).hexdigest()[:10]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'role="img" aria-labelledby="t{key} d{key}" '
        f'font-family="sans-serif" font-size="{FONT_PX}" '
        f'style="width:100%;max-width:{width}px;height:auto">'
    )
    words = [
        f'<title id="t{key}">{escape(title)}</title>',
        f'<desc id="d{key}">{escape(description)}</desc>',
    ]
    ground = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    return "\n".join([head, *words, ground, *parts, "</svg>"])


def text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    colour: str = INK,
    turned: bool = False,
) -> str:
    """Words; `anchor` is `start`, `middle` or `end`, and `turned` reads upwards."""
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{turn}'
    return f"<text {where}>{escape(words)}</text>"


def line(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    *,
    colour: str = PALE,
    width: float = 1.0,
    dash: str = "",
) -> str:
    """A straight line."""
    return path([(x1, y1), (x2, y2)], colour=colour, width=width, dash=dash)


def path(
    points: Sequence[tuple[float, float]], *, colour: str, width: float = 2.0, dash: str = ""
) -> str:
    """A line through points."""
    way = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="M{way}" fill="none" stroke="{colour}" stroke-width="{width}"{dashes}/>'


def area(points: Sequence[tuple[float, float]], *, colour: str) -> str:
    """A pale area inside points."""
    way = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path d="M{way} Z" fill="{colour}" fill-opacity="0.13" stroke="none"/>'


def mark(x: float, y: float, look: Style, *, size: float = 4.0) -> str:
    """A group's mark."""
    if look.mark == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" fill="{look.colour}"/>'
    corners = {
        "square": [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)],
        "triangle": [(0.0, -1.2), (1.2, 1.0), (-1.2, 1.0)],
        "diamond": [(0.0, -1.4), (1.4, 0.0), (0.0, 1.4), (-1.4, 0.0)],
    }[look.mark]
    way = " L".join(f"{x + size * dx:.1f} {y + size * dy:.1f}" for dx, dy in corners)
    return f'<path d="M{way} Z" fill="{look.colour}"/>'
