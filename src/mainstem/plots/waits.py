"""Survival curves: the share that still waits, by group, with bands."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.plots import axes, svg

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WIDTH, _HEIGHT, _LOW = 760, 300.0, 220.0  # the last is a telephone's
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, kw_only=True)
class Wait:
    """One group's curve.

    Attributes:
        name: The group.
        times: Where the curve steps or somebody was last seen, rising, shape (K,).
        waiting: The share that still waits just after each, shape (K,).
        low: Lower ends of a band, nan where there is none, shape (K,).
        high: Upper ends, shape (K,).
        left: Times at which somebody was last seen still waiting.
    """

    name: str
    times: Floats
    waiting: Floats
    low: Floats
    high: Floats
    left: Floats


def waits(
    curves: Sequence[Wait],
    *,
    until: float,
    title: str,
    description: str,
    axis: str,
    narrow: bool = False,
) -> str:
    """Draws the curves of groups; at least one, with at least one time.

    Args:
        curves: A group each.
        until: Where the axis ends, above 0; curves are cut there.
        title: What the picture is.
        description: What can be read from it.
        axis: What the times are, with their unit.
        narrow: Whether it is for a telephone.
    """
    names = [curve.name for curve in curves]
    frame, width = _layout(names, narrow=narrow)
    along = axes.linear(0.0, until, frame.left, frame.right)

    def x(time: float) -> float:
        return along(min(time, until))

    y = axes.linear(0.0, 1.0, frame.bottom, frame.top)
    parts = [
        *axes.legend(axes.raised(frame, narrow=narrow), names, width=width),
        *axes.across(frame, x, axes.spread(x, 0.0, until), axis, width=width),
        *(axes.over if narrow else axes.up)(frame, y, _SHARES, "share that still waits"),
        svg.line(frame.left, y(0.5), frame.right, y(0.5), dash="2 4"),
    ]
    for k, curve in enumerate(curves):
        parts += _drawn(curve, svg.style(k), x, y, until)
    height = frame.bottom + axes.foot(axis, width=width)
    return svg.picture(title, description, round(width or WIDTH), round(height), parts)


def _layout(names: Sequence[str], *, narrow: bool) -> tuple[axes.Frame, float | None]:
    """Where curves lie, and the width that a telephone's picture keeps to."""
    width = float(svg.PHONE) if narrow else None
    top = 20.0 + axes.legend_height(names, width=width) + (axes.OVER if narrow else 0.0)
    left = axes.indent(_SHARES) if narrow else 74.0
    right = svg.PHONE - 8.0 if narrow else WIDTH - 24.0
    bottom = top + (_LOW if narrow else _HEIGHT)
    return axes.Frame(left=left, top=top, right=right, bottom=bottom), width


def _drawn(curve: Wait, look: svg.Style, x: axes.Along, y: axes.Along, until: float) -> list[str]:
    """A group's band, its stairs, and a tick for each that still waits."""
    parts = []
    known = [
        (t, low, high)
        for t, low, high in zip(curve.times, curve.low, curve.high, strict=True)
        if math.isfinite(low) and math.isfinite(high)
    ]
    if len(known) > 1:
        upper = _stairs([(t, high) for t, _, high in known])
        lower = _stairs([(t, low) for t, low, _ in known])
        edge = [(x(t), y(share)) for t, share in [*upper, *reversed(lower)]]
        parts.append(svg.area(edge, colour=look.colour))
    steps = _stairs([(0.0, 1.0), *zip(curve.times, curve.waiting, strict=True)])
    way = [(x(t), y(share)) for t, share in steps]
    parts.append(svg.path(way, colour=look.colour, dash=look.dash))
    for t in curve.left[curve.left <= until]:
        share = float(curve.waiting[curve.times <= t][-1])
        tick = [(x(t), y(share) - 5.0), (x(t), y(share) + 5.0)]
        parts.append(svg.path(tick, colour=look.colour, width=1.0))
    return parts


def _stairs(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points of a curve that keeps each value until the next time."""
    found = [points[0]]
    for (_, before), (t, after) in itertools.pairwise(points):
        found += [(t, before), (t, after)]
    return found
