"""A forest inside a table: an estimate drawn in the cell of its row, all on one axis.

A row of a table has its numbers already, so these pictures have no words of their own: they are
hidden from screen readers, and the axis stands once, in the head of the column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstem.plots import axes, colours, svg

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT = 180, 20
_HEAD = 30
_MIDDLE = 0.5 * HEIGHT
_SMALL, _GAP = 11.0, 10.0  # of numbers: their letters, and what stays empty beside them
_ROOM = 0.06  # of the range, on either side of what is drawn
_FEW = 20  # so many are drawn whole
_EDGE = 4.0  # pixels that stay empty at either side


@dataclass(frozen=True, kw_only=True)
class Strip:
    """One estimate.

    Attributes:
        value: Above 0 is better.
        low: Lower end of its interval; None where there is none.
        high: Upper end.
        group: Which group it is of: its look.
    """

    value: float
    low: float | None
    high: float | None
    group: int = 0


@dataclass(frozen=True, kw_only=True)
class Strips:
    """A column of pictures.

    Attributes:
        head: The axis, for the head of the column.
        cells: A picture a row; empty text where there is nothing to draw.
    """

    head: str
    cells: tuple[str, ...]


def strips(found: Sequence[Strip | None], *, lines: Sequence[float] = ()) -> Strips:
    """Draws estimates, each for a cell of its own.

    The axis reaches as far as nearly all of them do; what goes on beyond ends in an arrow.

    Args:
        found: From the top down; None draws nothing.
        lines: What they are held against, such as a margin: dashed lines.
    """
    drawn = [one for one in found if one is not None]
    low, high = _reach(drawn, lines)
    at = axes.linear(low, high, _EDGE, WIDTH - _EDGE)
    ground = [svg.line(at(value), 0.0, at(value), HEIGHT, dash="3 3") for value in lines]
    ground.append(svg.line(at(0.0), 0.0, at(0.0), HEIGHT, colour=colours.INK))
    cells = [
        "" if one is None else _cell(HEIGHT, [*ground, *_estimate(one, at, low, high)])
        for one in found
    ]
    return Strips(head=_axis(at, low, high), cells=tuple(cells))


def _cell(height: int, parts: Sequence[str]) -> str:
    """A picture without words."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="spark strip" width="{WIDTH}" '
        f'height="{height}" viewBox="0 0 {WIDTH} {height}" aria-hidden="true" '
        f'font-family="sans-serif" font-size="11">{"".join(parts)}</svg>'
    )


def _axis(at: axes.Along, low: float, high: float) -> str:
    """Round numbers with their ticks, kept inside the picture."""
    parts = [svg.line(at(low), _HEAD - 0.5, at(high), _HEAD - 0.5)]
    for value in _numbers(low, high):
        words, x = axes.short(value), at(value)
        half = 0.5 * svg.width_of(words, _SMALL)
        inside = min(max(x, half), WIDTH - half)
        parts.append(svg.line(x, _HEAD - 5.0, x, _HEAD))
        parts.append(
            svg.text(inside, _HEAD - 10.0, words, anchor="middle", colour=colours.PALE, size=_SMALL)
        )
    return _cell(_HEAD, parts)


def _numbers(low: float, high: float) -> list[float]:
    """As many round numbers as have room beside each other."""
    found: list[float] = []
    for most in (6, 5, 4, 3):
        found = axes.steps(low, high, most=most)
        room = sum(svg.width_of(axes.short(value), _SMALL) + _GAP for value in found)
        if room <= WIDTH:
            break
    return found


def _reach(found: Sequence[Strip], lines: Sequence[float]) -> tuple[float, float]:
    """Ends of the axis: 0, the lines and, of many, what the middle nine tenths reach."""
    ends = [e for one in found for e in (one.low, one.high, one.value) if e is not None]
    if len(found) > _FEW:
        ends = [float(end) for end in np.quantile(ends, [0.05, 0.95])]
    inside = [0.0, *lines, *ends]
    room = _ROOM * (max(inside) - min(inside)) or 1.0
    return min(inside) - room, max(inside) + room


def _estimate(one: Strip, at: axes.Along, low: float, high: float) -> list[str]:
    """A mark in its interval; arrows where either is beyond the axis."""
    look = svg.style(one.group)

    def place(value: float) -> float:
        return at(min(max(value, low), high))

    def arrow(value: float, way: float) -> str:
        x = place(value)
        tip = [(x - 5.0 * way, _MIDDLE - 4.0), (x, _MIDDLE), (x - 5.0 * way, _MIDDLE + 4.0)]
        return svg.path(tip, colour=look.colour, width=1.5)

    parts = []
    if one.low is not None and one.high is not None:
        ends = (place(one.low), place(one.high))
        parts.append(svg.line(ends[0], _MIDDLE, ends[1], _MIDDLE, colour=look.colour, width=2.0))
        parts += [arrow(one.low, -1.0)] if one.low < low else []
        parts += [arrow(one.high, 1.0)] if one.high > high else []
    if low <= one.value <= high:
        return [*parts, svg.mark(at(one.value), _MIDDLE, look, size=4.0)]
    return [*parts, arrow(one.value, 1.0 if one.value > high else -1.0)]
