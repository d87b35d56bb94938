"""Courses: what was gained against what was spent, with bands, a few ways beside one another.

A panel is small, so that many of them stand beside each other on a page and below each other on a
telephone; all of one page have the same axes.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstem.plots import axes, svg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WIDTH, _HEIGHT = 360, 170.0
_ROOM = 0.06  # of the range, above and below what is drawn
_MARKS = 5  # along a line


@dataclass(frozen=True, kw_only=True)
class Line:
    """One way's course.

    Attributes:
        name: Of the way.
        spent: What was spent, rising from 0, shape (K,).
        middle: What was gained by then, shape (K,).
        low: Lower end of a band, shape (K,); nan where there is none.
        high: Upper end, shape (K,).
    """

    name: str
    spent: Floats
    middle: Floats
    low: Floats
    high: Floats


def reach(lines: Sequence[Line]) -> tuple[float, float]:
    """Ends of the axis of gains on which lines and 0 have room."""
    ends = [0.0]
    for line in lines:
        for values in (line.middle, line.low, line.high):
            finite = values[np.isfinite(values)]
            ends += [float(finite.min()), float(finite.max())] if len(finite) else []
    room = _ROOM * (max(ends) - min(ends)) or 1.0
    return min(ends) - room, max(ends) + room


def courses(
    lines: Sequence[Line],
    *,
    until: float,
    ends: tuple[float, float],
    title: str,
    description: str,
    axis: str,
    unit: str,
) -> str:
    """Draws a panel; at least one line.

    Args:
        lines: The first on top.
        until: Where the axis of what is spent ends, above 0; lines are cut there.
        ends: Where the axis of gains begins and ends; what is beyond is cut.
        title: What the picture is.
        description: What can be read from it.
        axis: What is spent, with its unit.
        unit: What is gained, with its unit.
    """
    top = 20.0 + 20.0 * len(lines)
    frame = axes.Frame(left=62.0, top=top, right=WIDTH - 14.0, bottom=top + _HEIGHT)
    along = axes.linear(0.0, until, frame.left, frame.right)
    scale = axes.linear(*ends, frame.bottom, frame.top)

    def x(spent: float) -> float:
        return min(along(spent), frame.right)

    def y(gain: float) -> float:
        return min(max(scale(gain), frame.top), frame.bottom)

    parts = [
        *axes.legend(frame, [line.name for line in lines]),
        *axes.across(frame, x, axes.steps(0.0, until, 5), axis),
        *axes.up(frame, y, axes.steps(*ends, 5), unit),
        svg.line(frame.left, y(0.0), frame.right, y(0.0), dash="4 3"),
    ]
    for k, line in reversed(list(enumerate(lines))):
        parts += _drawn(line, svg.style(k), x, y)
    return svg.picture(title, description, WIDTH, round(frame.bottom + 54.0), parts)


def _drawn(line: Line, look: svg.Style, x: axes.Along, y: axes.Along) -> list[str]:
    """A band, a line of stairs, and a few marks along it."""
    parts = []
    known = np.isfinite(line.low) & np.isfinite(line.high)
    if known.sum() > 1:
        spent = line.spent[known]
        upper, lower = (_stairs(spent, ends[known]) for ends in (line.high, line.low))
        edge = [(x(s), y(g)) for s, g in [*upper, *reversed(lower)]]
        parts.append(svg.area(edge, colour=look.colour))
    way = [(x(s), y(g)) for s, g in _stairs(line.spent, line.middle)]
    parts.append(svg.path(way, colour=look.colour, dash=look.dash))
    every = max(1, len(line.spent) // _MARKS)
    for s, g in list(zip(line.spent, line.middle, strict=True))[every - 1 :: every]:
        parts.append(svg.mark(x(float(s)), y(float(g)), look, size=3.5))
    return parts


def _stairs(spent: Floats, values: Floats) -> list[tuple[float, float]]:
    """Points of a line that keeps each value until the next one."""
    points = list(zip(spent.tolist(), values.tolist(), strict=True))
    found = [points[0]]
    for (_, before), (s, after) in itertools.pairwise(points):
        found += [(s, before), (s, after)]
    return found
