"""A scatter of recipes by two objectives: the Pareto front with its uncertainty, and the rest."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from mainstem.plots import axes, colours, svg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Box = tuple[float, float, float, float]
    """Left, top, right and bottom, in pixels."""

WIDTH, _HEIGHT = 760, 400.0
_LEFT, _RIGHT = 86.0, 28.0
_LOW, _EDGE = 300.0, 8.0  # a telephone's: the height, and what stays empty at the right
_KEY, _LINE, _RING = 20.0, 16.0, 3.5  # a name in the legend, a line more of it, a hollow mark
_NAMES = 16  # so many points of the front have their names beside them, where there is room
_LONGEST, _LEAST = 220.0, 60.0  # pixels of a name


class Kind(StrEnum):
    """What a point is."""

    FRONT = "front"
    DOMINATED = "dominated"
    RAN = "ran"  # and is not on the front, whatever it is on these two axes
    TRUNK = "trunk"
    BEST = "best"


_LOOKS = {
    Kind.DOMINATED: svg.Style(colour=colours.PALE, dash="", mark="circle"),
    Kind.RAN: svg.Style(colour=colours.PALE, dash="", mark="circle"),
    Kind.FRONT: svg.STYLES[0],
    Kind.TRUNK: svg.Style(colour=colours.INK, dash="", mark="square"),
    Kind.BEST: svg.Style(colour=colours.KINDS[1], dash="", mark="diamond"),
}
"""From the lowest layer up."""

_HOLLOW = {Kind.DOMINATED, Kind.RAN}
"""Drawn hollow and without intervals: they are many."""

_SAID = {
    Kind.FRONT: "on the front",
    Kind.BEST: "the best set",
    Kind.TRUNK: "the trunk",
    Kind.DOMINATED: "another is better in both",
    Kind.RAN: "ran, and is not on the front",
}


@dataclass(frozen=True, kw_only=True)
class Point:
    """A recipe.

    Attributes:
        label: Its name.
        x: Along the first objective.
        y: Along the second one.
        across: Interval of `x`; None where there is none.
        up: Interval of `y`.
        kind: What it is.
        href: Where more of it is; None for nowhere.
    """

    label: str
    x: float
    y: float
    across: tuple[float, float] | None = None
    up: tuple[float, float] | None = None
    kind: Kind = Kind.FRONT
    href: str | None = None


def scatter(
    points: Sequence[Point],
    *,
    title: str,
    description: str,
    x_axis: str,
    y_axis: str,
    zero: bool = True,
    narrow: bool = False,
) -> str:
    """Draws points; what is not finite is left out.

    Args:
        points: In any order.
        title: What the picture is.
        description: What can be read from it.
        x_axis: What lies to the right, with its unit.
        y_axis: What lies above, with its unit.
        zero: Whether 0 is on both axes, with lines: of gains over the trunk.
        narrow: Whether it is for a telephone: what is hollow is drawn at once, as no finger hits
            one of hundreds.
    """
    points = [p for p in points if math.isfinite(p.x) and math.isfinite(p.y)]
    if not points:
        return svg.nothing(title, description, "No recipe has a value yet.", narrow=narrow)
    wide = _reach([(p.x, p.across, p.kind) for p in points], zero=zero)
    high = _reach([(p.y, p.up, p.kind) for p in points], zero=zero)
    keys = _legend(points, Counter(p.kind for p in points if _beyond(p, wide, high)))
    ticks = axes.steps(*high)
    frame, width = _layout(keys, ticks, narrow=narrow)
    x = axes.held(axes.linear(*wide, frame.left, frame.right), frame.left, frame.right)
    y = axes.held(axes.linear(*high, frame.bottom, frame.top), frame.bottom, frame.top)
    parts = [
        *_keys(keys, _EDGE if narrow else frame.left, width or WIDTH - 10.0),
        *axes.across(frame, x, axes.spread(x, *wide, 8), x_axis, width=width),
        *(axes.over if narrow else axes.up)(frame, y, ticks, y_axis),
    ]
    if zero:
        parts.append(svg.line(frame.left, y(0.0), frame.right, y(0.0), dash="4 3"))
        parts.append(svg.line(x(0.0), frame.top, x(0.0), frame.bottom, dash="4 3"))
    named = _named(points, x, y, frame)
    for kind, look in _LOOKS.items():
        own = [k for k, point in enumerate(points) if point.kind is kind]
        if narrow and kind in _HOLLOW:
            parts += _at_once([points[k] for k in own], x, y, look)
        else:
            parts += [_point(points[k], x, y, named.get(k)) for k in own]
    height = frame.bottom + axes.foot(x_axis, width=width)
    return svg.picture(title, description, round(width or WIDTH), round(height), parts)


def _layout(
    keys: Sequence[tuple[Kind, str]], ticks: Sequence[float], *, narrow: bool
) -> tuple[axes.Frame, float | None]:
    """Where points lie, and the width that a telephone's picture keeps to."""
    if not narrow:
        top = 20.0 + _KEY * len(keys)
        return axes.Frame(left=_LEFT, top=top, right=WIDTH - _RIGHT, bottom=top + _HEIGHT), None
    width = float(svg.PHONE)
    rows = sum(len(_wrapped(words, _EDGE, width)) for _, words in keys)
    top = 20.0 + _KEY * len(keys) + _LINE * (rows - len(keys)) + axes.OVER
    left, right = axes.indent(ticks), svg.PHONE - _EDGE
    return axes.Frame(left=left, top=top, right=right, bottom=top + _LOW), width


def _at_once(points: Sequence[Point], x: axes.Along, y: axes.Along, look: svg.Style) -> list[str]:
    """Hollow marks as one group, without a word to each."""
    if not points:
        return []
    rings = (f'<circle cx="{x(p.x):.1f}" cy="{y(p.y):.1f}" r="{_RING}"/>' for p in points)
    return [f'<g fill="none" {svg.stroke(look.colour, 1.2)}>{"".join(rings)}</g>']


def _reach(
    places: Sequence[tuple[float, tuple[float, float] | None, Kind]], *, zero: bool
) -> tuple[float, float]:
    """Ends of an axis: what matters with its intervals, and of the rest what is not far from it.

    Far is three interquartile ranges of the rest beyond a quartile of it; what lies beyond is
    drawn at the edge.
    """
    rest = [value for value, _, kind in places if kind in _HOLLOW]
    inside = [0.0] if zero else []
    for value, ends, kind in places:
        inside += [] if kind in _HOLLOW else [value, *(ends or ())]
    if rest:
        values = np.clip(np.array(rest), -axes.FAR, axes.FAR)
        low, high = np.quantile(values, [0.25, 0.75])
        reach = 3.0 * (high - low)
        inside += values[(values >= low - reach) & (values <= high + reach)].tolist()
    return axes.span(inside)


def _beyond(point: Point, wide: tuple[float, float], high: tuple[float, float]) -> bool:
    return not (wide[0] <= point.x <= wide[1] and high[0] <= point.y <= high[1])


def _legend(points: Sequence[Point], beyond: Mapping[Kind, int]) -> list[tuple[Kind, str]]:
    """What marks mean, and how many of them lie at the edge because they are far beyond it."""
    keys = []
    for kind in (kind for kind in _SAID if any(p.kind is kind for p in points)):
        more = ", with intervals" if kind is Kind.FRONT else ""
        more = f"; at the edge: {beyond[kind]} far beyond it" if beyond.get(kind) else more
        keys.append((kind, f"{_SAID[kind]}{more}"))
    return keys


def _keys(keys: Sequence[tuple[Kind, str]], left: float, width: float) -> list[str]:
    """The legend from a place on, in a picture so wide."""
    parts, y = [], 16.0
    for kind, words in keys:
        parts.append(_mark(left + 12.0, y, _LOOKS[kind], hollow=kind in _HOLLOW))
        lines = _wrapped(words, left, width)
        parts += [svg.text(left + 28.0, y + 4.5 + _LINE * k, one) for k, one in enumerate(lines)]
        y += _KEY + _LINE * (len(lines) - 1)
    return parts


def _wrapped(words: str, left: float, width: float) -> list[str]:
    return svg.wrap(words, width - left - 32.0)


def _mark(x: float, y: float, look: svg.Style, *, hollow: bool) -> str:
    if not hollow:
        return svg.mark(x, y, look, size=5.0)
    drawn = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_RING}" fill="none" '
    return f"{drawn}{svg.stroke(look.colour, 1.2)}/>"


def _named(
    points: Sequence[Point], x: axes.Along, y: axes.Along, frame: axes.Frame
) -> dict[int, str]:
    """Names beside points, by their numbers, as far as none lies on another or on a mark.

    What is hollow is many: of the places that a name can have it takes the one over the fewest.
    """
    order = [k for kind in (Kind.BEST, Kind.TRUNK, Kind.FRONT) for k in _of(points, kind)]
    taken = [_about(x(points[k].x), y(points[k].y)) for k in order]
    rest = [_about(x(p.x), y(p.y)) for p in points if p.kind in _HOLLOW]
    found: dict[int, str] = {}
    for k in order[:_NAMES]:
        at = x(points[k].x), y(points[k].y)
        free = [
            place
            for place in _places(points[k], at, frame)
            if not any(_touch(place.box, other) for other in taken)
        ]
        if free:
            # The nearest of those over the fewest.
            best = min(free, key=lambda one: sum(_touch(one.box, other) for other in rest))
            found[k] = best.drawn(at)
            taken.append(best.box)
    return found


def _of(points: Sequence[Point], kind: Kind) -> list[int]:
    return [k for k, point in enumerate(points) if point.kind is kind]


def _about(x: float, y: float) -> Box:
    return x - 5.0, y - 5.0, x + 5.0, y + 5.0


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a name may stand, with what it covers; `far` from its mark it has a line to it."""

    name: str
    start: tuple[float, float]
    side: str
    box: Box
    far: bool

    def drawn(self, at: tuple[float, float]) -> str:
        """The name, with a line to its mark where it is far from it."""
        words = svg.text(*self.start, self.name, anchor=self.side, size=12, halo=True)
        if not self.far:
            return words
        below = self.start[1] > at[1]
        end = (self.start[0], self.box[1] if below else self.box[3])
        return svg.line(*at, *end, colour=colours.PALE) + words


def _places(point: Point, at: tuple[float, float], frame: axes.Frame) -> Iterator[_Place]:
    """Where a name may stand: above or below, at the side with room first.

    Those that everybody looks for may stand away from what lies about them.
    """
    label, found = point.label, point.kind in {Kind.BEST, Kind.TRUNK}
    whole = svg.width_of(svg.fit(label, _LONGEST, 12.0), 12.0)
    first = frame.right - at[0] - 12.0 >= min(whole, _LONGEST)
    for far in (0.0, 22.0, 44.0) if found else (0.0,):
        for right in (first, not first):
            room = frame.right - at[0] if right else at[0] - frame.left
            name = svg.fit(label, min(room - 12.0, _LONGEST), 12.0)
            wide = svg.width_of(name, 12.0)
            start = at[0] + 9.0 + 0.5 * far if right else at[0] - 9.0 - 0.5 * far
            left = start if right else start - wide
            inside = frame.left <= left and left + wide <= frame.right + _EDGE
            for up in (at[1] - 8.0 - far, at[1] + 17.0 + far):
                if room > _LEAST and inside and frame.top < up - 12.0 and up < frame.bottom:
                    yield _Place(
                        name=name,
                        start=(start, up),
                        side="start" if right else "end",
                        box=(left, up - 11.0, left + wide, up + 3.0),
                        far=far > 0.0,
                    )


def _point(point: Point, x: axes.Along, y: axes.Along, name: str | None) -> str:
    """A mark in the cross of its intervals, and its name where there is room for it."""
    look, at = _LOOKS[point.kind], (x(point.x), y(point.y))
    rest = point.kind in _HOLLOW
    parts = [] if rest else _cross(point, x, y)
    parts.append(_mark(*at, look, hollow=rest))
    parts += [] if name is None else [name]
    words = f"{point.label}: {_told(point.x, point.across)}, {_told(point.y, point.up)}"
    return svg.shown(point.href, f"{words} ({_SAID[point.kind]})", parts)


def _cross(point: Point, x: axes.Along, y: axes.Along) -> list[str]:
    look, at, parts = _LOOKS[point.kind], (x(point.x), y(point.y)), []
    if point.across is not None and all(map(math.isfinite, point.across)):
        left, right = (x(end) for end in point.across)
        parts.append(svg.line(left, at[1], right, at[1], colour=look.colour, width=1.0))
    if point.up is not None and all(map(math.isfinite, point.up)):
        low, high = (y(end) for end in point.up)
        parts.append(svg.line(at[0], low, at[0], high, colour=look.colour, width=1.0))
    return parts


def _told(value: float, ends: tuple[float, float] | None) -> str:
    return axes.interval(value, *(ends or (None, None)))
