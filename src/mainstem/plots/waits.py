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

WIDTH, _HEIGHT = 760, 300.0


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


def waits(curves: Sequence[Wait], *, until: float, title: str, description: str, axis: str) -> str:
    """Draws the curves of groups; at least one, with at least one time.

    Args:
        curves: A group each.
        until: Where the axis ends, above 0; curves are cut there.
        title: What the picture is.
        description: What can be read from it.
        axis: What the times are, with their unit.
    """
    top = 20.0 + 20.0 * len(curves)
    frame = axes.Frame(left=74.0, top=top, right=WIDTH - 24.0, bottom=top + _HEIGHT)
    along = axes.linear(0.0, until, frame.left, frame.right)

    def x(time: float) -> float:
        return along(min(time, until))

    y = axes.linear(0.0, 1.0, frame.bottom, frame.top)
    parts = [
        *axes.legend(frame, [curve.name for curve in curves]),
        *axes.across(frame, x, axes.steps(0.0, until), axis),
        *axes.up(frame, y, [0.0, 0.25, 0.5, 0.75, 1.0], "share that still waits"),
        svg.line(frame.left, y(0.5), frame.right, y(0.5), dash="2 4"),
    ]
    for k, curve in enumerate(curves):
        look = svg.style(k)
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
    return svg.picture(title, description, WIDTH, round(frame.bottom + 54.0), parts)


def _stairs(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points of a curve that keeps each value until the next time."""
    found = [points[0]]
    for (_, before), (t, after) in itertools.pairwise(points):
        found += [(t, before), (t, after)]
    return found
