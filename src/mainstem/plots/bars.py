"""Horizontal bars: shares, counts by cause, whatever begins at 0."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.plots import axes, colours, svg

if TYPE_CHECKING:
    from collections.abc import Sequence

_LABELS, _FRAME, _NUMBERS, _ROW, _BAR = 220.0, 400.0, 130.0, 26.0, 16.0  # pixels
_TALL, _EDGE = 42.0, 8.0  # pixels of a row for a telephone, which has two lines, and beside it


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar.

    Attributes:
        label: Of what.
        value: How long it is, 0 or above.
        said: What stands beside it, such as `12 of 40`; "" for the number.
        low: Lower end of an interval; None where there is none.
        high: Upper end.
        group: Which group it is of: its colour.
        href: Where more of it is; None for nowhere.
    """

    label: str
    value: float
    said: str = ""
    low: float | None = None
    high: float | None = None
    group: int = 0
    href: str | None = None


def bars(
    found: Sequence[Bar],
    *,
    title: str,
    description: str,
    axis: str = "",
    until: float | None = None,
    narrow: bool = False,
) -> str:
    """Draws bars.

    Args:
        found: From the top down.
        title: What the picture is.
        description: What can be read from it.
        axis: What the numbers are, with their unit; "" for no axis.
        until: Where the axis ends at least, such as 1 for shares; None: where the longest does.
        narrow: Whether it is for a telephone: labels and numbers stand above their bars.
    """
    if not found:
        return svg.nothing(title, description, "There is nothing to show yet.", narrow=narrow)
    ends = [v for b in found for v in (b.value, b.high) if v is not None and math.isfinite(v)]
    most = min(max([*ends, until or 0.0, 1e-150]), axes.FAR)
    frame, row = _layout(found, narrow=narrow)
    along = axes.linear(0.0, most, frame.left, frame.right)

    def at(value: float) -> float:
        return along(min(max(value, 0.0), most)) if not math.isnan(value) else frame.left

    width = float(svg.PHONE) if narrow else frame.right + _NUMBERS
    named = width if narrow else None
    ticks = axes.spread(at, 0.0, most)
    below = axes.across(frame, at, ticks, axis, width=named) if axis else []
    parts = [*below, svg.line(frame.left, frame.top, frame.left, frame.bottom)]
    for k, bar in enumerate(found):
        y = frame.top + row * (k + 1) - 0.5 * _ROW
        parts.append(_bar(bar, y, at, frame, narrow=narrow))
    height = frame.bottom + (axes.foot(axis, width=named) if axis else 8.0)
    return svg.picture(title, description, round(width), round(height), parts)


def _layout(found: Sequence[Bar], *, narrow: bool) -> tuple[axes.Frame, float]:
    """Where bars lie, and the height of a row."""
    row = _TALL if narrow else _ROW
    left = _EDGE if narrow else axes.margin((bar.label for bar in found), _LABELS)
    right = svg.PHONE - _EDGE if narrow else left + _FRAME
    return axes.Frame(left=left, top=8.0, right=right, bottom=14.0 + row * len(found)), row


def _bar(bar: Bar, middle: float, at: axes.Along, frame: axes.Frame, *, narrow: bool) -> str:
    """A bar with its interval, between its label and its number, or below both."""
    colour = svg.style(bar.group).colour
    number = axes.short(bar.value) if math.isfinite(bar.value) else "-"
    said, left = bar.said or number, frame.left
    drawn = [
        *(_above if narrow else _beside)(bar.label, said, middle, frame),
        svg.box(left, middle - 0.5 * _BAR, at(bar.value) - left, _BAR, colour=colour),
    ]
    if bar.low is not None and bar.high is not None:
        ends = [(at(bar.low), middle), (at(bar.high), middle)]
        drawn.append(svg.path(ends, colour=colours.INK, width=1.4))
        for x, _ in ends:
            drawn.append(svg.path([(x, middle - 4.0), (x, middle + 4.0)], colour=colours.INK))
    return svg.shown(bar.href, f"{bar.label}: {said}", drawn)


def _beside(label: str, said: str, middle: float, frame: axes.Frame) -> list[str]:
    label, said = svg.fit(label, frame.left - 18.0), svg.fit(said, _NUMBERS - 20.0)
    return [
        svg.text(frame.left - 14.0, middle + 4.5, label, anchor="end"),
        svg.text(frame.right + 14.0, middle + 4.5, said),
    ]


def _above(label: str, said: str, middle: float, frame: axes.Frame) -> list[str]:
    said = svg.fit(said, _NUMBERS)
    room = frame.right - frame.left - svg.width_of(said) - 16.0
    return [
        svg.text(frame.left + 4.0, middle - 14.0, svg.fit(label, room)),
        svg.text(frame.right, middle - 14.0, said, anchor="end"),
    ]
