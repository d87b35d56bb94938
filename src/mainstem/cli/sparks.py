"""Small pictures in a line of text: bars, courses and intervals, also where there is only ASCII."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

if TYPE_CHECKING:
    from collections.abc import Sequence

_BLOCKS, _ASCII = "▁▂▃▄▅▆▇█", "_.-~=+*#"
_FULL, _EMPTY, _PARTS = "█", "░", " ▏▎▍▌▋▊▉"


def fit(text: str, width: int, *, unicode: bool = True) -> str:
    """A text of at most so many cells; what is cut ends in an ellipsis."""
    if cell_len(text) <= width:
        return text
    end = "\N{HORIZONTAL ELLIPSIS}" if unicode else "..."
    if width <= len(end):
        return end[: max(0, width)]
    return set_cell_size(text, width - len(end)).rstrip() + end


def padded(text: str, width: int, *, right: bool = False, unicode: bool = True) -> str:
    """A text of exactly so many cells."""
    shown = fit(text, width, unicode=unicode)
    room = " " * (width - cell_len(shown))
    return room + shown if right else shown + room


def spark(values: Sequence[float], width: int, *, unicode: bool = True) -> str:
    """A course as a row of columns, from the lowest of the values and 0 to the highest.

    Args:
        values: In order; of more than fit, evenly spread ones, the last among them.
        width: Cells.
        unicode: Whether blocks can be drawn.
    """
    levels = _BLOCKS if unicode else _ASCII
    known = [value for value in values if math.isfinite(value)]
    if not known or width < 1:
        return ""
    if len(known) > width:
        last = len(known) - 1
        known = [known[round(k * last / max(1, width - 1))] for k in range(width)]
    low, high = min(0.0, *known), max(0.0, *known)
    top, span = len(levels) - 1, 0.5 * high - 0.5 * low  # halves: a double's range has an end
    if span <= 0.0:
        return levels[0] * len(known)
    return "".join(levels[round(top * ((0.5 * value - 0.5 * low) / span))] for value in known)


def bar(part: float, width: int, *, unicode: bool = True) -> str:
    """How much of something is done, from 0 to 1."""
    part = min(1.0, max(0.0, part)) if math.isfinite(part) else 0.0
    if not unicode:
        inside = max(0, width - 2)
        done = round(part * inside)
        return f"[{'#' * done}{'-' * (inside - done)}]"
    eighths = round(part * width * 8)
    whole, rest = divmod(eighths, 8)
    drawn = _FULL * whole + (_PARTS[rest] if rest else "")
    return drawn + _EMPTY * (width - len(drawn))


def interval(low: float, mean: float, high: float, width: int, *, unicode: bool = True) -> str:
    """An interval within [-1, 1], its mean marked, 0 in the middle; an arrow where it goes on.

    Args:
        low: Its lower end.
        mean: What is in it.
        high: Its upper end.
        width: Cells; odd, so that there is a middle.
        unicode: Whether lines can be drawn.
    """
    middle = width // 2
    dash, dot, zero = ("─", "●", "│") if unicode else ("-", "o", "|")

    def place(at: float) -> int:
        return middle + round(max(-1.0, min(1.0, at)) * middle)

    cells = [" "] * (2 * middle + 1)
    cells[middle] = zero
    for at in range(place(low), place(high) + 1):
        cells[at] = dash if at != middle else ("┼" if unicode else "+")
    if low < -1.0:
        cells[0] = "<"
    if high > 1.0:
        cells[-1] = ">"
    if -1.0 <= mean <= 1.0:
        cells[place(mean)] = dot
    return "".join(cells)
