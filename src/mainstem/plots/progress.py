"""Progress: a value that moves in steps over time, beside the levels that it is held against."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.plots import axes, svg

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, _HEIGHT, _LOW = 760, 240.0, 200.0  # the last is a telephone's
_ROOM = 0.08  # of the range, above and below what is drawn


@dataclass(frozen=True, kw_only=True)
class Level:
    """A value that stands still.

    Attributes:
        name: Whose.
        value: The value.
    """

    name: str
    value: float


def progress(
    name: str,
    steps: Sequence[tuple[float, float]],
    levels: Sequence[Level],
    *,
    until: float,
    ends: tuple[float, float] | None,
    title: str,
    description: str,
    axis: str,
    unit: str,
    narrow: bool = False,
) -> str:
    """Draws a value and levels; at least one step.

    Args:
        name: Of the value.
        steps: Since when it had which value, times rising from 0.
        levels: From the first style after the value's on.
        until: The present, where the axis ends, above 0.
        ends: The interval of the value at the present; None where it is not known.
        title: What the picture is.
        description: What can be read from it.
        axis: What the times are, with their unit.
        unit: What the values are, with their unit.
        narrow: Whether it is for a telephone.
    """
    values = [v for _, v in steps] + [level.value for level in levels] + list(ends or ())
    spread = max(values) - min(values) or abs(values[0]) or 1.0
    low, high = min(values) - _ROOM * spread, max(values) + _ROOM * spread
    names = [name, *(level.name for level in levels)]
    width = float(svg.PHONE) if narrow else None
    ticks = axes.steps(low, high, 5 if narrow else 6)
    frame = _layout(axes.legend_height(names, width=width), ticks, narrow=narrow)
    x = axes.linear(0.0, until, frame.left, frame.right - 12.0)
    y = axes.linear(low, high, frame.bottom, frame.top)
    parts = [
        *axes.legend(axes.raised(frame, narrow=narrow), names, width=width),
        *axes.across(frame, x, axes.spread(x, 0.0, until), axis, width=width),
        *(axes.over if narrow else axes.up)(frame, y, ticks, unit),
        *_levels(levels, frame, y),
    ]
    look = svg.style(0)
    way = [(x(t), y(v)) for t, v in _stairs(steps, until)]
    parts.append(svg.path(way, colour=look.colour, dash=look.dash))
    parts += [svg.mark(x(t), y(v), look) for t, v in steps]
    if ends is not None:
        bar = [(x(until), y(end)) for end in ends]
        parts.append(svg.path(bar, colour=look.colour))
    height = frame.bottom + axes.foot(axis, width=width)
    return svg.picture(title, description, round(width or WIDTH), round(height), parts)


def _layout(legend: float, ticks: Sequence[float], *, narrow: bool) -> axes.Frame:
    """Where data lie."""
    top = 20.0 + legend + (axes.OVER if narrow else 0.0)
    left = axes.indent(ticks) if narrow else 96.0
    right = svg.PHONE - 10.0 if narrow else WIDTH - 24.0
    bottom = top + (_LOW if narrow else _HEIGHT)
    return axes.Frame(left=left, top=top, right=right, bottom=bottom)


def _levels(levels: Sequence[Level], frame: axes.Frame, y: axes.Along) -> list[str]:
    """Lines across the frame, each with its mark."""
    parts = []
    for k, level in enumerate(levels, start=1):
        look = svg.style(k)
        way = [(frame.left, y(level.value)), (frame.right, y(level.value))]
        parts.append(svg.path(way, colour=look.colour, dash=look.dash))
        parts.append(svg.mark(frame.right, y(level.value), look))
    return parts


def _stairs(steps: Sequence[tuple[float, float]], until: float) -> list[tuple[float, float]]:
    """Points of a line that keeps each value until the next time, and the last to the end."""
    found = [steps[0]]
    for (_, before), (t, after) in itertools.pairwise(steps):
        found += [(t, before), (t, after)]
    return [*found, (until, steps[-1][1])]
