"""Yes or no against a number, by group: every case as a tick, and fitted curves between them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mainstem.plots import axes, svg

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WIDTH, _HEIGHT, _LOW, _BAND = 760, 260.0, 200.0, 14.0  # _LOW is a telephone's height
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


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
    groups: Sequence[Outcomes],
    *,
    title: str,
    description: str,
    axis: str,
    share: str,
    narrow: bool = False,
) -> str:
    """Draws groups; at least one, with at least one case.

    The axis is linear about 0 and logarithmic far from it (asinh): a few cases are far out.

    Args:
        groups: A style each.
        title: What the picture is.
        description: What can be read from it.
        axis: What the numbers are, with their unit.
        share: What the share of yes is.
        narrow: Whether it is for a telephone.
    """
    rows, names = _BAND * len(groups), [group.name for group in groups]
    width = float(svg.PHONE) if narrow else None
    frame = _layout(rows, axes.legend_height(names, width=width), narrow=narrow)
    low = min(float(group.at.min(initial=-1.0)) for group in groups)
    high = max(float(group.at.max(initial=1.0)) for group in groups)
    x = axes.bent(math.asinh, low, high, frame.left + 8.0, frame.right - 8.0)
    y = axes.linear(0.0, 1.0, frame.bottom, frame.top)
    below = replace(frame, bottom=frame.bottom + rows)
    above = axes.raised(replace(frame, top=frame.top - rows), narrow=narrow)
    parts = [
        *axes.legend(above, names, width=width),
        *axes.across(below, x, _numbers(low, high, 3 if narrow else 5), axis, width=width),
        *_shares(frame, y, share, rows, narrow=narrow),
    ]
    for k, group in enumerate(groups):
        parts += _drawn(k, group, x, y, frame)
    height = below.bottom + axes.foot(axis, width=width)
    return svg.picture(title, description, round(width or WIDTH), round(height), parts)


def _layout(rows: float, legend: float, *, narrow: bool) -> axes.Frame:
    """Where curves lie; ticks are above and below."""
    top = 24.0 + legend + rows + (axes.OVER if narrow else 0.0)
    left = axes.indent(_SHARES) if narrow else 74.0
    right = (svg.PHONE if narrow else WIDTH) - 24.0
    bottom = top + (_LOW if narrow else _HEIGHT)
    return axes.Frame(left=left, top=top, right=right, bottom=bottom)


def _shares(
    frame: axes.Frame, y: axes.Along, share: str, rows: float, *, narrow: bool
) -> list[str]:
    """The axis at the left; on a telephone its title is above the ticks."""
    if not narrow:
        return axes.up(frame, y, _SHARES, share)
    above = replace(frame, top=frame.top - rows)
    return axes.over(above, y, _SHARES, share)


def _drawn(k: int, group: Outcomes, x: axes.Along, y: axes.Along, frame: axes.Frame) -> list[str]:
    """A group's ticks in a row of its own, above and below, and its curve."""
    look, parts = svg.style(k), []
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
    return parts


def _numbers(low: float, high: float, most: int) -> list[float]:
    """Numbers at an axis that is bent: 0 and powers of ten with their thirds, both ways."""
    reach = max(-low, high)
    sizes = axes.decades(1.0, max(reach, 1.0), most=most)
    found = [-size for size in reversed(sizes)] + [0.0] + sizes
    return [value for value in found if low - 1e-9 <= value <= high + 1e-9]
