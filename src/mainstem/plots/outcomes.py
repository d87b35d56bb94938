"""Yes or no against a number, by group: every case as a tick, and fitted curves between them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.plots import axes, svg

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WIDTH, _HEIGHT, _BAND = 760, 260.0, 14.0


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """One group's cases, and a curve.

    Attributes:
        name: The group.
        at: The number of each case, shape (n,).
        yes: What came of each, shape (n,).
        curve_at: Numbers at which the curve is known, rising, shape (K,); K = 0 for none.
        curve: The fitted share of yes at each, shape (K,).
    """

    name: str
    at: Floats
    yes: NDArray[np.bool_]
    curve_at: Floats
    curve: Floats


def outcomes(
    groups: Sequence[Outcomes], *, title: str, description: str, axis: str, share: str
) -> str:
    """Draws groups; at least one, with at least one case.

    The axis is linear about 0 and logarithmic far from it (asinh): a few cases are far out.

    Args:
        groups: A style each.
        title: What the picture is.
        description: What can be read from it.
        axis: What the numbers are, with their unit.
        share: What the share of yes is.
    """
    rows = _BAND * len(groups)
    top = 24.0 + 20.0 * len(groups) + rows
    frame = axes.Frame(left=74.0, top=top, right=WIDTH - 24.0, bottom=top + _HEIGHT)
    low = min(float(group.at.min(initial=-1.0)) for group in groups)
    high = max(float(group.at.max(initial=1.0)) for group in groups)
    x = axes.bent(math.asinh, low, high, frame.left + 8.0, frame.right - 8.0)
    y = axes.linear(0.0, 1.0, frame.bottom, frame.top)
    below = axes.Frame(
        left=frame.left, top=frame.top, right=frame.right, bottom=frame.bottom + rows
    )
    above = axes.Frame(left=frame.left, top=top - rows, right=frame.right, bottom=frame.bottom)
    parts = [
        *axes.legend(above, [group.name for group in groups]),
        *axes.across(below, x, _numbers(low, high), axis),
        *axes.up(frame, y, [0.0, 0.25, 0.5, 0.75, 1.0], share),
    ]
    for k, group in enumerate(groups):
        look = svg.style(k)
        for yes, edge, way in ((True, frame.top, -1.0), (False, frame.bottom, 1.0)):
            near, far = edge + way * _BAND * (k + 0.15), edge + way * _BAND * (k + 0.85)
            for value in group.at[group.yes == yes]:
                tick = [(x(float(value)), near), (x(float(value)), far)]
                parts.append(svg.path(tick, colour=look.colour, width=1.2))
            parts.append(svg.mark(frame.right + 12.0, 0.5 * (near + far), look))
        if len(group.curve_at):
            points = zip(group.curve_at, group.curve, strict=True)
            way_of = [(x(float(at)), y(float(p))) for at, p in points]
            parts.append(svg.path(way_of, colour=look.colour, dash=look.dash))
            for at, p in way_of[:: max(1, len(way_of) // 6)]:
                parts.append(svg.mark(at, p, look))
    return svg.picture(title, description, WIDTH, round(below.bottom + 54.0), parts)


def _numbers(low: float, high: float) -> list[float]:
    """Numbers at an axis that is bent: 0 and powers of ten with their thirds, both ways."""
    reach = max(-low, high)
    sizes = axes.decades(1.0, max(reach, 1.0), most=5)
    found = [-size for size in reversed(sizes)] + [0.0] + sizes
    return [value for value in found if low - 1e-9 <= value <= high + 1e-9]
