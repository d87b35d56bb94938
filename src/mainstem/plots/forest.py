"""A forest: estimates with intervals, one below the other, on a logarithmic axis about 1."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.plots import axes, svg

if TYPE_CHECKING:
    from collections.abc import Sequence

_LABELS, _FRAME, _NUMBERS, _ROW = 250.0, 330.0, 190.0, 30.0  # pixels
_TALL, _EDGE = 44.0, 12.0  # of a row for a telephone, and beside it
_WIDEST = 1000.0  # nothing beyond is drawn, but by an arrow


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """One estimate of a ratio.

    Attributes:
        label: Of what.
        value: The estimate, above 0.
        low: Lower end of its interval; None where the data do not bound it.
        high: Upper end.
    """

    label: str
    value: float
    low: float | None
    high: float | None


def forest(
    ratios: Sequence[Ratio], *, title: str, description: str, axis: str, narrow: bool = False
) -> str:
    """Draws ratios.

    Args:
        ratios: From the top down.
        title: What the picture is.
        description: What can be read from it.
        axis: What the ratios are.
        narrow: Whether it is for a telephone: labels and numbers stand above their intervals.
    """
    if not ratios:
        return svg.nothing(title, description, "Nothing is measured yet.", narrow=narrow)
    ends = [end for r in ratios for end in (r.value, r.low, r.high) if end]
    low = max(min([*ends, 0.5]) / 1.15, 1.0 / _WIDEST)
    high = min(max([*ends, 2.0]) * 1.15, _WIDEST)
    row = _TALL if narrow else _ROW
    left = _EDGE if narrow else axes.margin((ratio.label for ratio in ratios), _LABELS)
    right = svg.PHONE - _EDGE if narrow else left + _FRAME
    frame = axes.Frame(left=left, top=12.0, right=right, bottom=20.0 + row * len(ratios))
    at = axes.bent(math.log, low, high, frame.left, frame.right)
    width = float(svg.PHONE) if narrow else frame.right + _NUMBERS
    named = width if narrow else None
    ticks = axes.decades(low, high, 5 if narrow else 9)
    parts = axes.across(frame, at, ticks, axis, width=named)
    parts.append(svg.line(at(1.0), frame.top, at(1.0), frame.bottom, dash="4 3"))
    for k, ratio in enumerate(ratios):
        y = frame.top + row * (k + 1) - 0.5 * _ROW
        parts += _words(ratio, y, frame, narrow=narrow)
        parts += _interval(ratio, at, y, low, high)
    height = round(frame.bottom - 20.0 + 22.0 + axes.foot(axis, width=named))
    return svg.picture(title, description, round(width), height, parts)


def _words(ratio: Ratio, y: float, frame: axes.Frame, *, narrow: bool) -> list[str]:
    """Label and number, to both sides of an interval or above it."""
    if narrow:
        room = frame.right - frame.left - svg.width_of(said(ratio)) - 12.0
        return [
            svg.text(frame.left, y - 14.0, svg.fit(ratio.label, room), halo=True),
            svg.text(frame.right, y - 14.0, said(ratio), anchor="end", halo=True),
        ]
    label = svg.fit(ratio.label, frame.left - 18.0)
    return [
        svg.text(frame.left - 14.0, y + 4.5, label, anchor="end"),
        svg.text(frame.right + 14.0, y + 4.5, said(ratio)),
    ]


def _interval(ratio: Ratio, at: axes.Along, y: float, low: float, high: float) -> list[str]:
    """A mark in a line; an arrow where the line goes on beyond the picture."""
    look = svg.style(0)
    beyond = (ratio.low is None or ratio.low < low, ratio.high is None or ratio.high > high)
    x1 = at(low) if ratio.low is None else at(max(ratio.low, low))
    x2 = at(high) if ratio.high is None else at(min(ratio.high, high))
    parts = [svg.line(x1, y, x2, y, colour=look.colour, width=2.0)]
    for x, is_beyond, way in ((x1, beyond[0], 1.0), (x2, beyond[1], -1.0)):
        tip = [(x + 7.0 * way, y - 5.0), (x, y), (x + 7.0 * way, y + 5.0)]
        end = [(x, y - 5.0), (x, y + 5.0)]
        parts.append(svg.path(tip if is_beyond else end, colour=look.colour))
    return [*parts, svg.mark(at(min(max(ratio.value, low), high)), y, look, size=5.0)]


def said(ratio: Ratio) -> str:
    """An estimate with its interval, as text."""
    low = "0" if ratio.low is None else f"{ratio.low:.2g}"
    high = "no bound" if ratio.high is None else f"{ratio.high:.2g}"
    return f"{ratio.value:.2g} [{low}, {high}]"
