"""A tornado: how far each assumption moves a result, the one that moves it most on top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.plots import axes, colours, svg

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 760
_LABELS, _NUMBERS, _ROW, _BAR = 236.0, 150.0, 44.0, 20.0
_TALL, _EDGE = 66.0, 12.0  # pixels of a row for a telephone, and beside it


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One assumption.

    Attributes:
        label: Which.
        low: The result where the assumption is at the low end of its range.
        high: The result where it is at the high end.
        low_at: That low end, in words.
        high_at: That high end.
        said: What stands beside the bar, such as its share of the variance.
    """

    label: str
    low: float
    high: float
    low_at: str
    high_at: str
    said: str


def tornado(
    bars: Sequence[Bar],
    *,
    base: float,
    title: str,
    description: str,
    axis: str,
    beside: str,
    narrow: bool = False,
) -> str:
    """Draws bars; at least one.

    Args:
        bars: From the top down.
        base: The result over all: a dashed line.
        title: What the picture is.
        description: What can be read from it.
        axis: What the result is, with its unit.
        beside: What stands beside the bars.
        narrow: Whether it is for a telephone: words stand above their bars.
    """
    values = [base, *(v for bar in bars for v in (bar.low, bar.high))]
    spread = max(values) - min(values) or abs(base) or 1.0
    low, high = min(values) - 0.12 * spread, max(values) + 0.12 * spread
    row, width = (_TALL, float(svg.PHONE)) if narrow else (_ROW, None)
    left, right = (_EDGE, svg.PHONE - _EDGE) if narrow else (_LABELS, WIDTH - _NUMBERS)
    top = 84.0 if narrow else 66.0
    frame = axes.Frame(left=left, top=top, right=right, bottom=top + 6.0 + row * len(bars))
    at = axes.linear(low, high, frame.left, frame.right)
    parts = [
        *_legend(frame.left, top - (70.0 if narrow else 52.0)),
        *_beside(beside, frame, narrow=narrow),
        *axes.across(frame, at, axes.spread(at, low, high), axis, width=width),
        svg.line(at(base), frame.top, at(base), frame.bottom, dash="4 3"),
    ]
    for k, bar in enumerate(bars):
        y = frame.top + row * (k + 1) - (28.0 if narrow else 38.0)
        parts += _bar(bar, at, y, at(base))
        parts += (_above if narrow else _words)(bar, y, frame)
    height = frame.bottom + axes.foot(axis, width=width)
    return svg.picture(title, description, round(width or WIDTH), round(height), parts)


def _beside(words: str, frame: axes.Frame, *, narrow: bool) -> list[str]:
    """What the numbers are that stand beside bars, or above them at the right."""
    if narrow:
        said = svg.fit(words, frame.right - frame.left)
        return [svg.text(frame.right, frame.top - 12.0, said, anchor="end", colour=colours.PALE)]
    said = svg.fit(words, _NUMBERS - 18.0)
    return [svg.text(frame.right + 14.0, frame.top - 8.0, said)]


def _words(bar: Bar, y: float, frame: axes.Frame) -> list[str]:
    """An assumption and its range at the left of its bar, its number at the right."""
    room, left = frame.left - 18.0, frame.left - 14.0
    ends = svg.fit(_range(bar), room)
    return [
        svg.text(left, y + 15.0, svg.fit(bar.label, room), anchor="end"),
        svg.text(left, y + 31.0, ends, anchor="end", colour=colours.PALE),
        svg.text(frame.right + 14.0, y + 15.0, svg.fit(bar.said, _NUMBERS - 18.0)),
    ]


def _above(bar: Bar, y: float, frame: axes.Frame) -> list[str]:
    """The same in two lines above it."""
    room = frame.right - frame.left
    said = svg.fit(bar.said, 0.5 * room)
    label = svg.fit(bar.label, room - svg.width_of(said) - 12.0)
    ends = svg.fit(_range(bar), room)
    return [
        svg.text(frame.left, y - 24.0, label, halo=True),
        svg.text(frame.right, y - 24.0, said, anchor="end", halo=True),
        svg.text(frame.left, y - 8.0, ends, colour=colours.PALE, halo=True),
    ]


def _range(bar: Bar) -> str:
    return f"{bar.low_at} to {bar.high_at}"


def _legend(x: float, top: float) -> list[str]:
    """What the two ends of a bar are: told apart by filling as well as by colour."""
    parts = []
    for k, words in enumerate(("where it is low", "where it is high")):
        y, look = top + 20.0 * k, svg.style(k)
        parts.append(_box(x, y, x + 36.0, 13.0, look, filled=k == 1))
        parts.append(svg.text(x + 46.0, y + 11.0, words))
    return parts


def _bar(bar: Bar, at: axes.Along, y: float, base: float) -> list[str]:
    """From the middle to either end; the longer part lies below the shorter one."""
    ends = [(at(bar.low), svg.style(0), False), (at(bar.high), svg.style(1), True)]
    ends.sort(key=lambda end: -abs(end[0] - base))
    return [_box(base, y, x, _BAR, look, filled=filled) for x, look, filled in ends]


def _box(x1: float, y: float, x2: float, height: float, look: svg.Style, *, filled: bool) -> str:
    """A bar, filled or hollow."""
    left, width = min(x1, x2), max(abs(x2 - x1), 0.5)
    colour = look.colour if filled else colours.GROUND
    return svg.box(left, y, width, height, colour=colour, edge=look.colour, edge_width=1.5)
