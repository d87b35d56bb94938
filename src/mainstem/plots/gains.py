"""Gains with intervals, one below the other, on a linear axis with 0 and what is asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstem.plots import axes, colours, svg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTH = 760
_LABELS, _NUMBERS, _ROW, _LINE = 260.0, 140.0, 24.0, 18.0
_FEWEST = 90.0  # pixels of the numbers at the right, however short they are
_FRAME = 360.0  # pixels of the axis, or as many as the legend takes
_FEW = 8  # so many are drawn whole
_TALL = 40.0  # pixels of a row of the narrow form, which has two lines


@dataclass(frozen=True, kw_only=True)
class Gain:
    """One gain.

    Attributes:
        label: Of what.
        value: The gain, above 0 is better.
        low: Lower end of its interval; None where there is none.
        high: Upper end.
        inner: A second interval, drawn thick inside the other; None for none.
        group: Which group it is of: its look.
        href: Where more of it is; None for nowhere.
    """

    label: str
    value: float
    low: float | None
    high: float | None
    inner: tuple[float, float] | None = None
    group: int = 0
    href: str | None = None


def gains(
    found: Sequence[Gain],
    *,
    groups: Sequence[str],
    lines: Mapping[str, float],
    title: str,
    description: str,
    axis: str,
    narrow: bool = False,
) -> str:
    """Draws gains, from one row to a hundred.

    The picture reaches as far as most of the gains do; what lies or goes on beyond ends in an
    arrow, and its number stands beside it. A gain that is no number has a row with a dash.

    Args:
        found: From the top down.
        groups: What each group is, for the legend.
        lines: Gains that are asked for, by what they are: dashed lines.
        title: What the picture is.
        description: What can be read from it.
        axis: What the numbers are, with their unit.
        narrow: Whether it is for a phone: names and numbers stand above their intervals.
    """
    if not found:
        return svg.nothing(title, description, "Nothing is measured yet.", narrow=narrow)
    lines = {what: value for what, value in lines.items() if math.isfinite(value)}
    low, high = _reach(found, lines)
    values = [axes.precise(gain.value, gain.low, gain.high) for gain in found]
    width = float(svg.PHONE) if narrow else None
    top = (
        (24.0 if groups or lines or not narrow else 6.0)
        + axes.legend_height(groups, width=width)
        + _LINE * len(lines)
    )
    frame, numbers, row = _layout(found, values, groups, top, narrow=narrow)
    edge = frame.right + numbers
    at = axes.held(axes.linear(low, high, frame.left, frame.right), frame.left, frame.right)
    above = axes.Frame(
        left=frame.left, top=top - _LINE * len(lines), right=frame.right, bottom=frame.bottom
    )
    levels = [
        frame.top + 4.0 + row * (k + 0.5) + (9.0 if narrow else 0.0) for k in range(len(found))
    ]
    pieces = _pieces(levels, frame, narrow=narrow)
    parts = [
        *_legend(above, groups, edge, narrow=narrow),
        *axes.across(frame, at, axes.spread(at, low, high), axis, width=width),
        *(svg.line(at(0.0), up, at(0.0), down, colour=colours.INK) for up, down in pieces),
        *_asked(frame, at, lines, edge, pieces if narrow else ()),
    ]
    for k, gain in enumerate(found):
        y = levels[k]
        drawn = (_above if narrow else _beside)(gain.label, values[k], y, frame, numbers)
        drawn += _drawn(gain, at, y, (low, high))
        told = axes.interval(gain.value, gain.low, gain.high)
        parts.append(svg.shown(gain.href, f"{gain.label}: {told}", drawn))
    height = frame.bottom + axes.foot(axis, width=width)
    return svg.picture(title, description, round(edge), round(height), parts)


def _layout(
    found: Sequence[Gain],
    values: Sequence[str],
    groups: Sequence[str],
    top: float,
    *,
    narrow: bool,
) -> tuple[axes.Frame, float, float]:
    """Where intervals lie, the room for numbers at the right of that, and the height of a row."""
    if narrow:
        end = top + 8.0 + _TALL * len(found)
        return axes.Frame(left=10.0, top=top, right=svg.PHONE - 10.0, bottom=end), 10.0, _TALL
    left = axes.margin((gain.label for gain in found), _LABELS)
    numbers = max(axes.margin(values, _NUMBERS), _FEWEST)
    wide = axes.room(groups, _FRAME, WIDTH - left - numbers)
    end = top + 8.0 + _ROW * len(found)
    return axes.Frame(left=left, top=top, right=left + wide, bottom=end), numbers, _ROW


def _legend(above: axes.Frame, groups: Sequence[str], edge: float, *, narrow: bool) -> list[str]:
    if narrow:
        return axes.legend(above, groups, width=edge)
    return axes.legend(above, [svg.fit(name, edge - above.left - 50.0) for name in groups])


def _pieces(
    levels: Sequence[float], frame: axes.Frame, *, narrow: bool
) -> list[tuple[float, float]]:
    """From where to where lines go down: on a telephone not through the names above intervals."""
    if not narrow:
        return [(frame.top, frame.bottom)]
    return [(level - 7.0, level + 9.0) for level in levels]


def _beside(label: str, value: str, y: float, frame: axes.Frame, numbers: float) -> list[str]:
    """A name at the left of its interval, and the number at its right."""
    name = svg.fit(label, frame.left - 18.0)
    return [
        svg.text(frame.left - 14.0, y + 4.5, name, anchor="end"),
        svg.text(frame.right + 14.0, y + 4.5, svg.fit(value, numbers - 14.0)),
    ]


def _above(label: str, value: str, y: float, frame: axes.Frame, _: float) -> list[str]:
    """Both above it, clear of the lines that run there."""
    value = svg.fit(value, _NUMBERS)
    name = svg.fit(label, frame.right - frame.left - svg.width_of(value) - 12.0)
    return [
        svg.text(frame.left, y - 10.0, name, halo=True),
        svg.text(frame.right, y - 10.0, value, anchor="end", halo=True),
    ]


def _reach(found: Sequence[Gain], lines: Mapping[str, float]) -> tuple[float, float]:
    """Ends of the axis: beyond 0, the lines and all gains that are not far from the others.

    Far is three interquartile ranges beyond a quartile; of many intervals' ends a half may go on.
    """
    finite = [gain.value for gain in found if math.isfinite(gain.value)]
    values = np.clip(np.array(finite or [0.0]), -axes.FAR, axes.FAR)
    low, high = np.quantile(values, [0.25, 0.75])
    near = values[np.abs(values - 0.5 * (low + high)) <= 3.5 * (high - low) + 1e-12]
    ends = sorted(
        e for gain in found for e in (gain.low, gain.high) if e is not None and math.isfinite(e)
    )
    quarter = len(ends) // 4 if len(found) > _FEW else 0
    inside = [0.0, *lines.values(), *near.tolist(), *ends[quarter : len(ends) - quarter]]
    return axes.span(inside)


def _asked(
    frame: axes.Frame,
    at: axes.Along,
    lines: Mapping[str, float],
    width: float,
    pieces: Sequence[tuple[float, float]],
) -> list[str]:
    """A dashed line for each gain that is asked for, with its words above the frame.

    From the smallest down, so that no line crosses the words of another.
    """
    parts = []
    for k, (what, value) in enumerate(sorted(lines.items(), key=lambda line: line[1])):
        y = frame.top - _LINE * (len(lines) - k) + 8.0
        end = frame.top + 2.0 if pieces else frame.bottom
        parts.append(svg.line(at(value), y, at(value), end, dash="4 3"))
        parts += [svg.line(at(value), up, at(value), down, dash="4 3") for up, down in pieces]
        words = svg.fit(what, width)
        has_room = at(value) + 10.0 + svg.width_of(words) <= width
        side, anchor = (6.0, "start") if has_room else (-6.0, "end")
        words = words if has_room else svg.fit(words, at(value) - 10.0)
        parts.append(svg.text(at(value) + side, y + 4.5, words, anchor=anchor))
    return parts


def _drawn(gain: Gain, at: axes.Along, y: float, ends: tuple[float, float]) -> list[str]:
    """A mark in its intervals; an arrow where something goes on beyond the picture."""
    look, parts = svg.style(gain.group), []
    if not math.isfinite(gain.value):
        return []

    def place(value: float) -> float:
        return at(min(max(value, ends[0]), ends[1]))

    def arrow(x: float, way: float) -> str:
        tip = [(x + 6.0 * way, y - 4.0), (x, y), (x + 6.0 * way, y + 4.0)]
        return svg.path(tip, colour=look.colour, width=1.2)

    outer, inner = _interval(gain.low, gain.high), _interval(*(gain.inner or (None, None)))
    if outer is not None:
        x1, x2 = (place(end) for end in outer)
        parts.append(svg.line(x1, y, x2, y, colour=look.colour, width=1.2))
        for x, beyond, way in ((x1, outer[0] < ends[0], 1.0), (x2, outer[1] > ends[1], -1.0)):
            stop = svg.path([(x, y - 4.0), (x, y + 4.0)], colour=look.colour, width=1.2)
            parts.append(arrow(x, way) if beyond else stop)
    if inner is not None and place(inner[0]) < place(inner[1]):
        x1, x2 = (place(end) for end in inner)
        parts.append(svg.line(x1, y, x2, y, colour=look.colour, width=4.0))
    if ends[0] <= gain.value <= ends[1]:
        return [*parts, svg.mark(at(gain.value), y, look, size=5.0)]
    return [*parts, arrow(place(gain.value), 1.0 if gain.value < ends[0] else -1.0)]


def _interval(low: float | None, high: float | None) -> tuple[float, float] | None:
    """Both ends where both are numbers."""
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return None
    return low, high
