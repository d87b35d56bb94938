"""Horizontal bars: shares, counts by cause, whatever begins at 0."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.plots import axes, colours, svg

if TYPE_CHECKING:
    from collections.abc import Sequence

_LABELS, _FRAME, _NUMBERS, _ROW, _BAR = 220.0, 400.0, 130.0, 26.0, 16.0  # pixels


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
) -> str:
    """Draws bars.

    Args:
        found: From the top down.
        title: What the picture is.
        description: What can be read from it.
        axis: What the numbers are, with their unit; "" for no axis.
        until: Where the axis ends at least, such as 1 for shares; None: where the longest does.
    """
    if not found:
        return svg.nothing(title, description, "There is nothing to show yet.")
    ends = [v for b in found for v in (b.value, b.high) if v is not None and math.isfinite(v)]
    most = min(max([*ends, until or 0.0, 1e-150]), axes.FAR)
    left = axes.margin((bar.label for bar in found), _LABELS)
    frame = axes.Frame(left=left, top=8.0, right=left + _FRAME, bottom=14.0 + _ROW * len(found))
    along = axes.linear(0.0, most, frame.left, frame.right)

    def at(value: float) -> float:
        return along(min(max(value, 0.0), most)) if not math.isnan(value) else frame.left

    below = axes.across(frame, at, axes.steps(0.0, most), axis) if axis else []
    parts = [*below, svg.line(frame.left, frame.top, frame.left, frame.bottom)]
    for k, bar in enumerate(found):
        parts.append(_bar(bar, frame.top + 3.0 + _ROW * k, at, frame.right))
    width, height = frame.right + _NUMBERS, frame.bottom + (54.0 if axis else 8.0)
    return svg.picture(title, description, round(width), round(height), parts)


def _bar(bar: Bar, y: float, at: axes.Along, right: float) -> str:
    """A bar with its interval, between its label and its number."""
    colour, middle = svg.style(bar.group).colour, y + 0.5 * _ROW - 3.0
    number = axes.short(bar.value) if math.isfinite(bar.value) else "-"
    said, left = bar.said or number, at(0.0)
    drawn = [
        svg.text(left - 14.0, middle + 4.5, svg.fit(bar.label, left - 18.0), anchor="end"),
        svg.box(left, middle - 0.5 * _BAR, at(bar.value) - left, _BAR, colour=colour),
        svg.text(right + 14.0, middle + 4.5, svg.fit(said, _NUMBERS - 20.0)),
    ]
    if bar.low is not None and bar.high is not None:
        ends = [(at(bar.low), middle), (at(bar.high), middle)]
        drawn.append(svg.path(ends, colour=colours.INK, width=1.4))
        for x, _ in ends:
            drawn.append(svg.path([(x, middle - 4.0), (x, middle + 4.0)], colour=colours.INK))
    return svg.shown(bar.href, f"{bar.label}: {said}", drawn)
