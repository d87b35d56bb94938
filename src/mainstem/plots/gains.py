"""Gains with intervals, one below the other, on a linear axis with 0 and what is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstem.plots import axes, colours, svg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTH = 760
_LABELS, _NUMBERS, _ROW, _LINE = 260.0, 120.0, 24.0, 18.0
_LONGEST = 30  # characters of a label
_FEW = 8  # so many are drawn whole
_CHARACTER = 7.0  # pixels, about


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
    """

    label: str
    value: float
    low: float | None
    high: float | None
    inner: tuple[float, float] | None = None
    group: int = 0


def gains(
    found: Sequence[Gain],
    *,
    groups: Sequence[str],
    lines: Mapping[str, float],
    title: str,
    description: str,
    axis: str,
) -> str:
    """Draws gains; at least one.

    The picture reaches as far as most of the gains do; what lies or goes on beyond ends in an
    arrow, and its number stands beside it.

    Args:
        found: From the top down.
        groups: What each group is, for the legend.
        lines: Gains that are asked for, by what they are: dashed lines.
        title: What the picture is.
        description: What can be read from it.
        axis: What the numbers are, with their unit.
    """
    low, high = _reach(found, lines)
    top = 24.0 + 20.0 * len(groups) + _LINE * len(lines)
    frame = axes.Frame(
        left=_LABELS, top=top, right=WIDTH - _NUMBERS, bottom=top + 8.0 + _ROW * len(found)
    )
    at = axes.linear(low, high, frame.left, frame.right)
    above = axes.Frame(
        left=frame.left, top=top - _LINE * len(lines), right=frame.right, bottom=frame.bottom
    )
    parts = [
        *axes.legend(above, groups),
        *axes.across(frame, at, axes.steps(low, high), axis),
        svg.line(at(0.0), frame.top, at(0.0), frame.bottom, colour=colours.INK),
        *_asked(frame, at, lines),
    ]
    for k, gain in enumerate(found):
        y = frame.top + 4.0 + _ROW * (k + 0.5)
        parts.append(svg.text(_LABELS - 14.0, y + 4.5, _short(gain.label), anchor="end"))
        parts += _drawn(gain, at, y, (low, high))
        parts.append(svg.text(WIDTH - _NUMBERS + 14.0, y + 4.5, said(gain.value)))
    return svg.picture(title, description, WIDTH, round(frame.bottom + 54.0), parts)


def said(value: float) -> str:
    """A gain as text: signed, in four digits at most."""
    return f"{value:+.3g}".replace("-", "\N{MINUS SIGN}")


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def _reach(found: Sequence[Gain], lines: Mapping[str, float]) -> tuple[float, float]:
    """Ends of the axis: beyond 0, the lines and all gains that are not far from the others.

    Far is three interquartile ranges beyond a quartile; of many intervals' ends a half may go on.
    """
    values = np.array([gain.value for gain in found])
    low, high = np.quantile(values, [0.25, 0.75])
    near = values[np.abs(values - 0.5 * (low + high)) <= 3.5 * (high - low) + 1e-12]
    ends = sorted(e for gain in found for e in (gain.low, gain.high) if e is not None)
    quarter = len(ends) // 4 if len(found) > _FEW else 0
    inside = [0.0, *lines.values(), *near.tolist(), *ends[quarter : len(ends) - quarter]]
    room = 0.08 * (max(inside) - min(inside)) or 1.0
    return min(inside) - room, max(inside) + room


def _asked(frame: axes.Frame, at: axes.Along, lines: Mapping[str, float]) -> list[str]:
    """A dashed line for each gain that is asked for, with its words above the frame.

    From the smallest down, so that no line crosses the words of another.
    """
    parts = []
    for k, (what, value) in enumerate(sorted(lines.items(), key=lambda line: line[1])):
        y = frame.top - _LINE * (len(lines) - k) + 8.0
        parts.append(svg.line(at(value), y, at(value), frame.bottom, dash="4 3"))
        room = at(value) + 6.0 + _CHARACTER * len(what) <= WIDTH
        side, anchor = (6.0, "start") if room else (-6.0, "end")
        parts.append(svg.text(at(value) + side, y + 4.5, what, anchor=anchor))
    return parts


def _drawn(gain: Gain, at: axes.Along, y: float, ends: tuple[float, float]) -> list[str]:
    """A mark in its intervals; an arrow where something goes on beyond the picture."""
    look, parts = svg.style(gain.group), []

    def place(value: float) -> float:
        return at(min(max(value, ends[0]), ends[1]))

    def arrow(x: float, way: float) -> str:
        tip = [(x + 6.0 * way, y - 4.0), (x, y), (x + 6.0 * way, y + 4.0)]
        return svg.path(tip, colour=look.colour, width=1.2)

    if gain.low is not None and gain.high is not None:
        x1, x2 = place(gain.low), place(gain.high)
        parts.append(svg.line(x1, y, x2, y, colour=look.colour, width=1.2))
        for x, beyond, way in ((x1, gain.low < ends[0], 1.0), (x2, gain.high > ends[1], -1.0)):
            stop = svg.path([(x, y - 4.0), (x, y + 4.0)], colour=look.colour, width=1.2)
            parts.append(arrow(x, way) if beyond else stop)
    if gain.inner is not None and place(gain.inner[0]) < place(gain.inner[1]):
        x1, x2 = (place(end) for end in gain.inner)
        parts.append(svg.line(x1, y, x2, y, colour=look.colour, width=4.0))
    if ends[0] <= gain.value <= ends[1]:
        return [*parts, svg.mark(at(gain.value), y, look, size=5.0)]
    return [*parts, arrow(place(gain.value), 1.0 if gain.value < ends[0] else -1.0)]
