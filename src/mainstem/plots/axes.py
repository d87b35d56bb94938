"""Scales: where a number lies on a picture, and which numbers stand at an axis."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mainstem.plots import numbers, svg
from mainstem.plots.colours import PALE
from mainstem.plots.visible import in_a_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Along = Callable[[float], float]
    """From a number to a place on the axis, in pixels."""


FAR, _NEAR = 1e150, 1e-150  # beyond and below, arithmetic on an axis would fail
_LONG = 1e9  # from here on numbers are written with powers of ten
_LEGEND = 50.0  # pixels before a name in a legend
_BEYOND = 160.0  # pixels by which the words of an axis may be wider than it
_APART = 10.0  # pixels between neighbouring numbers at an axis
_FOOT, _LINE, _KEY = 54.0, 16.0, 20.0  # pixels below a frame, of a further line, of a name
_EDGE = 4.0  # pixels that stay empty at either side of a picture for a telephone


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The part of a picture in which data lie, in pixels; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float


def linear(low: float, high: float, start: float, end: float) -> Along:
    """Equal steps are equal distances. `low` and `high` must differ."""
    return lambda value: start + (value - low) / (high - low) * (end - start)


def bent(bend: Along, low: float, high: float, start: float, end: float) -> Along:
    """Equal steps of `bend`, such as a logarithm, are equal distances."""
    straight = linear(bend(low), bend(high), start, end)
    return lambda value: straight(bend(value))


def held(along: Along, start: float, end: float) -> Along:
    """Places between two ends, at the nearer one for what lies beyond; no number is at the start.

    Args:
        along: From a number to a place.
        start: One end, in pixels.
        end: The other.
    """
    low, high = min(start, end), max(start, end)

    def at(value: float) -> float:
        if math.isnan(value):
            return start
        return min(max(along(min(max(value, -FAR), FAR)), low), high)

    return at


def span(values: Iterable[float | None], *, room: float = 0.08) -> tuple[float, float]:
    """Ends of an axis on which values have room; they differ, whatever the values.

    Values that are missing or not finite take no part; of equal ones the axis reaches as far to
    both sides as they are large.

    Args:
        values: What has to lie on the axis.
        room: Of the range, that is left free beyond either end.
    """
    known = [min(max(v, -FAR), FAR) for v in values if v is not None and math.isfinite(v)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    size = max(abs(low), abs(high))
    if high - low <= 1e-9 * size or high - low < _NEAR:
        around = 0.5 * size if size >= _NEAR else 0.5
        return low - around, high + around
    return low - room * (high - low), high + room * (high - low)


def steps(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers from `low` to `high`: 1, 2 or 5 times a power of ten apart, `most` at most."""
    if not high > low:
        return [low]
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next(m * power for m in (1, 2, 5, 10, 20) if (high - low) / (m * power) <= most - 1)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1)]


def decades(low: float, high: float, most: int = 9) -> list[float]:
    """Round numbers for a logarithmic axis, `low` above 0: 1, 2, 5, or powers of ten only."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found: list[float] = []
    for digits in ((1, 2, 5), (1, 3), (1,)):
        every = [d * 10.0**e for e in exponents for d in digits]
        found = [value for value in every if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)]
        if len(found) <= most:
            break
    return found


def short(value: float) -> str:
    """A number at an axis: as few characters as it needs, a true minus sign."""
    return f"{value:,.6g}".replace("-", "\N{MINUS SIGN}")


def precise(value: float, low: float | None, high: float | None, *, at: float | None = None) -> str:
    """A signed number in the precision of an interval, else in three digits; `-` for no number.

    Args:
        value: The number.
        low: Lower end of the interval; None where there is none.
        high: Upper end.
        at: What the interval is of; None for the number itself, an end has the other's precision.
    """
    if not math.isfinite(value):
        return "-"
    text = f"{value:+.3g}" if value else "0"
    if low is not None and high is not None and math.isfinite(high - low) and abs(value) < _LONG:
        about = value if at is None or not math.isfinite(at) else at
        half = 0.5 * (high - low)
        places = numbers.decimals(about, about - half, about + half)
        found = numbers.number(value, places, signed=True)
        # What is exact and tiny is not 0; what is lost in its interval is.
        text = text if found == "0" and abs(value) > half else found
    return f"\N{MINUS SIGN}{text[1:]}" if text.startswith("-") else text


def interval(value: float, low: float | None, high: float | None) -> str:
    """A signed number with its interval where there is one, all in one precision."""
    if low is None or high is None:
        return precise(value, low, high)
    ends = (precise(end, low, high, at=value) for end in (low, high))
    return f"{precise(value, low, high)} [{', '.join(ends)}]"


def shorts(values: Sequence[float]) -> list[str]:
    """Numbers at one axis: as few characters as tell them from each other."""
    found = [short(value) for value in values]
    for digits in range(7, 16):
        if len(set(found)) == len(set(values)):
            break
        found = [f"{value:,.{digits}g}".replace("-", "\N{MINUS SIGN}") for value in values]
    return found


def margin(labels: Iterable[str], most: float) -> float:
    """How wide the column of labels is: as the longest needs, at most so many pixels."""
    widths = (svg.width_of(in_a_line(label[:200])) for label in labels)
    return min(most, 26.0 + max(widths, default=0.0))


def room(names: Iterable[str], least: float, most: float) -> float:
    """How wide a frame is: as the longest name of its legend needs, between two widths."""
    widths = (_LEGEND + svg.width_of(in_a_line(name[:200])) for name in names)
    return min(most, max([least, *widths]))


def spread(at: Along, low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers for an axis that lies: as many of `most` as have room beside each other."""
    found = [low]
    for number in range(most, 1, -1):
        found = steps(low, high, number)
        widest = max((svg.width_of(words) for words in shorts(found)), default=0.0)
        if len(found) < 2 or abs(at(found[1]) - at(found[0])) >= widest + _APART:
            break
    return found


def across(
    frame: Frame, at: Along, values: Sequence[float], title: str, *, width: float | None = None
) -> list[str]:
    """The axis below a frame, with its numbers and what they are.

    Args:
        frame: Where data lie.
        at: From a number to its place.
        values: The numbers.
        title: What they are; `foot` has the height that it takes.
        width: Of a picture for a telephone, in which numbers are kept inside and the title is on
            as many lines as it needs; None for others.
    """
    parts = [svg.line(frame.left, frame.bottom, frame.right, frame.bottom)]
    for value, words in zip(values, shorts(values), strict=True):
        x = at(value)
        half = 0.0 if width is None else 0.5 * svg.width_of(words)
        inside = x if width is None else min(max(x, half), width - half)
        parts.append(svg.line(x, frame.bottom, x, frame.bottom + 5.0))
        parts.append(svg.text(inside, frame.bottom + 19.0, words, anchor="middle"))
    middle = 0.5 * (frame.left + frame.right if width is None else width)
    room = min(2.0 * middle, frame.right - frame.left + _BEYOND)
    lines = [svg.fit(title, room)] if width is None else _lines(title, width)
    for k, line in enumerate(lines):
        parts.append(svg.text(middle, frame.bottom + 40.0 + _LINE * k, line, anchor="middle"))
    return parts


def foot(title: str, *, width: float | None = None) -> float:
    """Pixels below a frame that an axis with this title takes."""
    return _FOOT if width is None else _FOOT + _LINE * (len(_lines(title, width)) - 1)


def _lines(title: str, width: float) -> list[str]:
    return svg.wrap(title, width - 2.0 * _EDGE)


def up(frame: Frame, at: Along, values: Sequence[float], title: str) -> list[str]:
    """The axis at the left of a frame, with its numbers and what they are."""
    middle = 0.5 * (frame.top + frame.bottom)
    title = svg.fit(title, frame.bottom - frame.top + 24.0)
    words = svg.text(16.0, middle, title, anchor="middle", turned=True)
    return [*_left(frame, at, values, frame.left - 34.0), words]


def over(frame: Frame, at: Along, values: Sequence[float], title: str) -> list[str]:
    """The same for a telephone: the title lies above the frame, which `indent` moves to the right.

    It takes `OVER` pixels.
    """
    words = svg.text(_EDGE, frame.top - 12.0, svg.fit(title, frame.right - _EDGE), colour=PALE)
    return [*_left(frame, at, values, frame.left - 9.0), words]


OVER = 26.0
"""Pixels above a frame that the title of an axis takes on a telephone."""


def raised(frame: Frame, *, narrow: bool) -> Frame:
    """What a legend stands above: the frame, on a telephone with the title over it."""
    return replace(frame, top=frame.top - OVER) if narrow else frame


def indent(values: Sequence[float], most: float = 80.0) -> float:
    """Where a frame begins at the left on a telephone: as the longest number needs."""
    return min(most, 13.0 + max((svg.width_of(words) for words in shorts(values)), default=0.0))


def _left(frame: Frame, at: Along, values: Sequence[float], room: float) -> list[str]:
    """A line with numbers at its left."""
    parts = [svg.line(frame.left, frame.top, frame.left, frame.bottom)]
    for value, words in zip(values, shorts(values), strict=True):
        y = at(value)
        parts.append(svg.line(frame.left - 5.0, y, frame.left, y))
        number = svg.fit(words, room)
        parts.append(svg.text(frame.left - 9.0, y + 4.5, number, anchor="end"))
    return parts


def legend(frame: Frame, names: Sequence[str], *, width: float | None = None) -> list[str]:
    """Above a frame, each group's line and mark with its name; below one another.

    Args:
        frame: What it stands above.
        names: Of groups.
        width: Of a picture for a telephone, from whose edge names begin, on as many lines as they
            need; None for others.
    """
    x = frame.left if width is None else _EDGE
    y = frame.top - 2.0 - legend_height(names, width=width)
    parts: list[str] = []
    for k, name in enumerate(names):
        look = svg.style(k)
        parts.append(svg.path([(x, y), (x + 36.0, y)], colour=look.colour, dash=look.dash))
        parts.append(svg.mark(x + 18.0, y, look))
        lines = _named(name, frame.right, x, width)
        for j, words in enumerate(lines):
            parts.append(svg.text(x + 46.0, y + 4.5 + _LINE * j, words))
        y += _KEY + _LINE * (len(lines) - 1)
    return parts


def legend_height(names: Sequence[str], *, width: float | None = None) -> float:
    """Pixels above a frame that a legend takes."""
    further = [] if width is None else [len(_named(name, 0.0, _EDGE, width)) - 1 for name in names]
    return _KEY * len(names) + _LINE * sum(further)


def _named(name: str, right: float, x: float, width: float | None) -> list[str]:
    """A name in a legend, on one line where the picture is not for a telephone."""
    if width is None:
        return [svg.fit(name, right - x - 46.0 + 0.5 * _BEYOND)]
    return svg.wrap(name, width - x - 46.0 - _EDGE)
