"""Steps: a trunk's objective over time, merge by merge, beside what it is held against.

One picture answers where we stand: the value with its interval, what each merge did, the smallest
change that matters, the limits that must not be crossed, what others reached, and where a forecast
sees it.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mainstem.plots import axes, colours, svg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.plots.colours import Colour

WIDTH, _HEIGHT = 760, 260.0
_LEFT, _GUTTER, _LINE = 86.0, 200.0, 16.0
_LOW, _BELOW, _EDGE = 200.0, 20.0, 4.0  # a telephone's: the height, a line's row below, the edge
_LEAST_LABEL = 44.0  # pixels: a label with less room is in the tooltip only


@dataclass(frozen=True, kw_only=True)
class Step:
    """A value that holds from then on.

    Attributes:
        at: Since when.
        value: The value.
        low: Lower end of its interval; None where there is none.
        high: Upper end.
        label: What made it so, such as a merged proposal; "" for nothing.
        href: Where more of that is; None for nowhere.
    """

    at: float
    value: float
    low: float | None = None
    high: float | None = None
    label: str = ""
    href: str | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """A value that stands still.

    Attributes:
        name: What it is.
        value: The value.
        said: The value in words, in its precision; "" for an exact one.
        limit: Whether it must not be crossed; else it is what somebody reached.
        href: Where more of it is; None for nowhere.
    """

    name: str
    value: float
    said: str = ""
    limit: bool = False
    href: str | None = None


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """What is expected at a time to come.

    Attributes:
        at: When.
        middle: The median.
        low: Lower end of its interval.
        high: Upper end.
    """

    at: float
    middle: float
    low: float
    high: float


def steps(
    found: Sequence[Step],
    *,
    until: float,
    lines: Sequence[Line] = (),
    margin: float | None = None,
    forecast: Sequence[Ahead] = (),
    name: str = "trunk",
    title: str,
    description: str,
    axis: str,
    unit: str,
    narrow: bool = False,
) -> str:
    """Draws a value over time; steps and lines that are not finite are left out.

    Args:
        found: From the first on, times from 0; one before its forerunner, by a clock that was
            set back, is drawn at the forerunner's.
        until: The present.
        lines: Limits, and what others reached.
        margin: The smallest change that matters, drawn as a band about the last value.
        forecast: Times rising from the present.
        name: Whose value it is.
        title: What the picture is.
        description: What can be read from it.
        axis: What the times are, with their unit.
        unit: What the values are, with their unit.
        narrow: Whether it is for a telephone: what lines are stands below.
    """
    found = _rising([s for s in found if math.isfinite(s.at) and math.isfinite(s.value)])
    if not found:
        return svg.nothing(title, description, "Nothing is measured yet.", narrow=narrow)
    lines = [one for one in lines if math.isfinite(one.value)]
    ahead = [one for one in forecast if math.isfinite(one.middle) and math.isfinite(one.at)]
    until = max(until, found[-1].at) if math.isfinite(until) else found[-1].at
    last = max([until, *(one.at for one in ahead)])
    low, high = axes.span(_values(found, lines, ahead, margin))
    now = Ahead(at=until, middle=found[-1].value, low=found[-1].value, high=found[-1].value)
    own = Line(name=name, value=found[-1].value)
    legend = _legend(name, found, margin, ahead)
    ticks = axes.steps(low, high, 5 if narrow else 6)
    frame, width = _layout(legend, ticks, narrow=narrow)
    far = min(last, axes.FAR) if last > 1.0 / axes.FAR else 1.0
    x = axes.held(axes.linear(0.0, far, frame.left, frame.right), frame.left, frame.right)
    y = axes.held(axes.linear(low, high, frame.bottom, frame.top), frame.bottom, frame.top)
    below = frame.bottom + axes.foot(axis, width=width)
    said = _said(found[-1], margin)
    drawn = [
        *_keys(legend, _EDGE if narrow else _LEFT, width or WIDTH - 10.0),
        *([] if margin is None else _margin(found[-1], margin, x, y, frame)),
        *axes.across(frame, x, axes.spread(x, 0.0, far), axis, width=width),
        *(axes.over if narrow else axes.up)(frame, y, ticks, unit),
        *(_listed if narrow else _lines)([*lines, own], y, frame, said, below),
        *_ahead(now, ahead, x, y, frame),
        *_steps(found, until, x, y, _levels(found[-1], lines, margin, y)),
    ]
    height = below + (_BELOW * (len(lines) + 1) if narrow else 0.0)
    return svg.picture(title, description, round(width or WIDTH), round(height), drawn)


def _layout(
    legend: Sequence[tuple[str, str]], ticks: Sequence[float], *, narrow: bool
) -> tuple[axes.Frame, float | None]:
    """Where data lie, and the width that a telephone's picture keeps to."""
    if not narrow:
        top = 18.0 + 20.0 * len(legend)
        right = WIDTH - _GUTTER
        return axes.Frame(left=_LEFT, top=top, right=right, bottom=top + _HEIGHT), None
    width = float(svg.PHONE)
    rows = sum(len(_wrapped(words, _EDGE, width)) for _, words in legend)
    top = 18.0 + 20.0 * len(legend) + _LINE * (rows - len(legend)) + axes.OVER
    left, right = axes.indent(ticks), svg.PHONE - 8.0
    return axes.Frame(left=left, top=top, right=right, bottom=top + _LOW), width


def _levels(last: Step, lines: Sequence[Line], margin: float | None, y: axes.Along) -> list[float]:
    """Where lines run across, which the names of merges keep clear of."""
    edges = () if margin is None or not math.isfinite(margin) else (margin, -margin)
    return [y(one.value) for one in lines] + [y(last.value + edge) for edge in edges]


def _rising(found: Sequence[Step]) -> list[Step]:
    times = itertools.accumulate((step.at for step in found), max)
    return [replace(step, at=at) for step, at in zip(found, times, strict=True)]


def _values(
    found: Sequence[Step], lines: Sequence[Line], ahead: Sequence[Ahead], margin: float | None
) -> list[float | None]:
    values = [v for one in found for v in (one.value, one.low, one.high)]
    values += [one.value for one in lines]
    values += [v for one in ahead for v in (one.middle, one.low, one.high)]
    about = 0.0 if margin is None or not math.isfinite(margin) else margin
    return [*values, found[-1].value - about, found[-1].value + about]


def _legend(
    name: str, found: Sequence[Step], margin: float | None, ahead: Sequence[Ahead]
) -> list[tuple[str, str]]:
    """What is drawn, by how it is drawn."""
    has_band = any(one.low is not None for one in found)
    words = [("line", f"{name}{' with its interval' if has_band else ''}; marks are merges")]
    words += [] if margin is None else [("margin", "changes within the margin of the last value")]
    return words + ([("ahead", "forecast")] if ahead else [])


def _keys(legend: Sequence[tuple[str, str]], x: float, width: float) -> list[str]:
    """The legend from a place on, in a picture so wide."""
    parts, y = [], 16.0
    for kind, words in legend:
        if kind == "margin":
            parts.append(svg.box(x, y - 6.0, 36.0, 12.0, colour=colours.SOFT))
            parts.append(svg.line(x, y - 6.0, x + 36.0, y - 6.0, colour=colours.LINE))
            parts.append(svg.line(x, y + 6.0, x + 36.0, y + 6.0, colour=colours.LINE))
        else:
            look = svg.style(3 if kind == "ahead" else 0)
            parts.append(svg.path([(x, y), (x + 36.0, y)], colour=look.colour, dash=look.dash))
            parts += [svg.mark(x + 18.0, y, look)] if kind == "line" else []
        lines = _wrapped(words, x, width)
        parts += [svg.text(x + 46.0, y + 4.5 + _LINE * k, one) for k, one in enumerate(lines)]
        y += 20.0 + _LINE * (len(lines) - 1)
    return parts


def _wrapped(words: str, x: float, width: float) -> list[str]:
    return svg.wrap(words, width - x - 50.0)


def _margin(
    last: Step, margin: float, x: axes.Along, y: axes.Along, frame: axes.Frame
) -> list[str]:
    """A soft band about the last value, from when it holds."""
    if not math.isfinite(margin):
        return []
    upper, lower = y(last.value + margin), y(last.value - margin)
    left = x(last.at)
    band = svg.box(left, upper, frame.right - left, lower - upper, colour=colours.SOFT)
    edges = [svg.line(left, e, frame.right, e, colour=colours.LINE) for e in (upper, lower)]
    return [svg.tip(f"margin {axes.short(margin)}", [band, *edges])]


def _lines(
    lines: Sequence[Line], y: axes.Along, frame: axes.Frame, last: str, _: float
) -> list[str]:
    """Levels across the frame, with their names beside it, none upon another."""
    rows = sorted(lines, key=lambda one: y(one.value))
    places = apart([y(one.value) for one in rows], _LINE, frame.top - 4.0, frame.bottom + 4.0)
    parts = []
    for one, place in zip(rows, places, strict=True):
        own = one is lines[-1]
        look = svg.style(0 if own else 1 if one.limit else 2)
        at = y(one.value)
        drawn = [] if own else [_level(frame, at, look.colour, look.dash)]
        drawn.append(
            svg.path(
                [(frame.right + 2.0, at), (frame.right + 10.0, place)],
                colour=look.colour,
                width=1.0,
            )
        )
        label, what = _words(one, last if own else _number(one), _GUTTER - 20.0)
        drawn.append(svg.text(frame.right + 14.0, place + 4.5, label, colour=look.colour, bold=own))
        parts.append(svg.shown(one.href, what, drawn))
    return parts


def _listed(
    lines: Sequence[Line], y: axes.Along, frame: axes.Frame, last: str, below: float
) -> list[str]:
    """Levels across the frame, with their names below it, each beside a piece of its line."""
    parts, place = [], below + 2.0
    for one in sorted(lines, key=lambda one: y(one.value)):
        own = one is lines[-1]
        look = svg.style(0 if own else 1 if one.limit else 2)
        drawn = [] if own else [_level(frame, y(one.value), look.colour, look.dash)]
        piece = [(_EDGE, place), (_EDGE + 36.0, place)]
        drawn.append(svg.path(piece, colour=look.colour, dash=look.dash))
        room = svg.PHONE - _EDGE - 50.0
        label, what = _words(one, last if own else _number(one), room)
        drawn.append(svg.text(_EDGE + 46.0, place + 4.5, label, colour=look.colour, bold=own))
        parts.append(svg.shown(one.href, what, drawn))
        place += _BELOW
    return parts


def _number(one: Line) -> str:
    return one.said or axes.short(one.value)


def _words(one: Line, value: str, room: float) -> tuple[str, str]:
    """What a line is called where there is so much room, and its tooltip."""
    words = f"{one.name} {value}"
    name = svg.fit(one.name, max(room - svg.width_of(f" {value}"), 30.0))
    return svg.fit(f"{name} {value}", room), f"limit: {words}" if one.limit else words


def _level(frame: axes.Frame, y: float, colour: Colour, dash: str) -> str:
    return svg.line(frame.left, y, frame.right, y, colour=colour, width=1.5, dash=dash)


def apart(places: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """Places moved as little as is simple so that they are `least` apart where they have room.

    Args:
        places: Rising.
        least: The distance between neighbours.
        low: None lies below.
        high: None lies beyond.
    """
    if len(places) > 1:
        least = min(least, (high - low) / (len(places) - 1))
    found: list[float] = []
    for place in places:
        found.append(max(place, low, found[-1] + least if found else low))
    for k in range(len(found) - 1, -1, -1):
        most = found[k + 1] - least if k + 1 < len(found) else high
        found[k] = min(found[k], most)
    return found


def _ahead(
    now: Ahead, ahead: Sequence[Ahead], x: axes.Along, y: axes.Along, frame: axes.Frame
) -> list[str]:
    """A fan from the present on."""
    if not ahead:
        return []
    look = svg.style(3)
    points = [now, *ahead]
    upper = [(x(one.at), y(one.high)) for one in points]
    lower = [(x(one.at), y(one.low)) for one in points]
    way = [(x(one.at), y(one.middle)) for one in points]
    said = f"forecast {axes.short(ahead[-1].middle)}"
    return [
        svg.line(x(now.at), frame.top, x(now.at), frame.bottom, dash="2 4"),
        svg.tip(
            f"{said} [{axes.short(ahead[-1].low)}, {axes.short(ahead[-1].high)}]",
            [
                svg.area([*upper, *reversed(lower)], colour=look.colour),
                svg.path(way, colour=look.colour, dash=look.dash),
            ],
        ),
    ]


def _steps(
    found: Sequence[Step], until: float, x: axes.Along, y: axes.Along, levels: Sequence[float]
) -> list[str]:
    """The stairs, their band, and a mark with its words at each, beside what lines lie there."""
    look = svg.style(0)
    ends = [*(one.at for one in found[1:]), until]
    upper, lower, way = [], [], []
    for one, end in zip(found, ends, strict=True):
        way += [(x(one.at), y(one.value)), (x(end), y(one.value))]
        if one.low is not None and one.high is not None:
            upper += [(x(one.at), y(one.high)), (x(end), y(one.high))]
            lower += [(x(one.at), y(one.low)), (x(end), y(one.low))]
    parts = [svg.area([*upper, *reversed(lower)], colour=look.colour)] if upper else []
    parts.append(svg.path(way, colour=look.colour))
    places = [x(one.at) for one in found]
    heights = [y(one.value) for one in found]
    edges = y(math.inf), y(-math.inf)
    for k, one in enumerate(found):
        before, after = places[k - 1] if k else x(0.0), x(ends[k])
        own = [*levels, heights[k], heights[max(k - 1, 0)]]
        room = (places[k] - before, after - places[k])
        parts.append(_mark(one, (places[k], heights[k]), room, own, edges))
    return parts


def _mark(
    one: Step,
    at: tuple[float, float],
    room: tuple[float, float],
    levels: Sequence[float],
    ends: tuple[float, float],
) -> str:
    """A merge, with its name at the side where there is room for one, to the right if there is."""
    look, (x, y) = svg.style(0), at
    drawn = [svg.mark(x, y, look, size=5.0 if one.label else 3.5)]
    if one.label and max(room) >= _LEAST_LABEL:
        right = room[1] >= min(_LEAST_LABEL * 2.0, max(room))
        words = svg.fit(one.label, room[1 if right else 0] - 10.0, 12.0)
        side, anchor = (6.0, "start") if right else (-8.0, "end")
        base = _free(y, levels, ends)
        drawn.append(svg.text(x + side, base, words, anchor=anchor, size=12, halo=True))
    told = _said(one, None)
    if one.low is not None and one.high is not None:
        interval = (replace(one, value=end) for end in (one.low, one.high))
        told += f" [{', '.join(_said(end, None) for end in interval)}]"
    return svg.shown(one.href, f"{one.label}: {told}" if one.label else told, drawn)


def _free(y: float, levels: Sequence[float], ends: tuple[float, float]) -> float:
    """Where a name at a mark stands: as near as it can be where the fewest lines cross it."""
    near, far = (y - 7.0, y + 17.0), (y - 22.0, y + 32.0)
    inside = [base for base in far if ends[0] + 12.0 < base < ends[1] - 4.0]
    return min(
        (*near, *inside), key=lambda base: sum(base - 12.0 < at < base + 4.0 for at in levels)
    )


def _said(one: Step, margin: float | None) -> str:
    """A value in the precision of its interval, else of the margin."""
    low, high = one.low, one.high
    if low is None or high is None:
        low, high = (None, None) if margin is None else (-margin, margin)
    if one.low == one.high == one.value == round(one.value):  # whole, and the same in every run
        return axes.short(one.value)
    return axes.precise(one.value, low, high).removeprefix("+")
