"""A tornado: how far each assumption moves a result, the one that moves it most on top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.plots import axes, colours, svg

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 760
_LABELS, _NUMBERS, _ROW, _BAR = 236.0, 150.0, 44.0, 20.0


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
    bars: Sequence[Bar], *, base: float, title: str, description: str, axis: str, beside: str
) -> str:
    """Draws bars; at least one.

    Args:
        bars: From the top down.
        base: The result over all: a dashed line.
        title: What the picture is.
        description: What can be read from it.
        axis: What the result is, with its unit.
        beside: What stands beside the bars.
    """
    values = [base, *(v for bar in bars for v in (bar.low, bar.high))]
    spread = max(values) - min(values) or abs(base) or 1.0
    low, high = min(values) - 0.12 * spread, max(values) + 0.12 * spread
    top = 66.0
    frame = axes.Frame(
        left=_LABELS, top=top, right=WIDTH - _NUMBERS, bottom=top + 6.0 + _ROW * len(bars)
    )
    at = axes.linear(low, high, frame.left, frame.right)
    parts = [
        *_legend(frame),
        svg.text(WIDTH - _NUMBERS + 14.0, top - 8.0, svg.fit(beside, _NUMBERS - 18.0)),
        *axes.across(frame, at, axes.steps(low, high), axis),
        svg.line(at(base), frame.top, at(base), frame.bottom, dash="4 3"),
    ]
    room = _LABELS - 18.0
    for k, bar in enumerate(bars):
        y = frame.top + 6.0 + _ROW * k
        parts += _bar(bar, at, y, at(base))
        parts.append(svg.text(_LABELS - 14.0, y + 15.0, svg.fit(bar.label, room), anchor="end"))
        ends = svg.fit(f"{bar.low_at} to {bar.high_at}", room)
        parts.append(svg.text(_LABELS - 14.0, y + 31.0, ends, anchor="end", colour=colours.PALE))
        said = svg.fit(bar.said, _NUMBERS - 18.0)
        parts.append(svg.text(WIDTH - _NUMBERS + 14.0, y + 15.0, said))
    return svg.picture(title, description, WIDTH, round(frame.bottom + 54.0), parts)


def _legend(frame: axes.Frame) -> list[str]:
    """What the two ends of a bar are: told apart by filling as well as by colour."""
    parts = []
    for k, words in enumerate(("where it is low", "where it is high")):
        y, look = frame.top - 52.0 + 20.0 * k, svg.style(k)
        parts.append(_box(frame.left, y, frame.left + 36.0, 13.0, look, filled=k == 1))
        parts.append(svg.text(frame.left + 46.0, y + 11.0, words))
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
