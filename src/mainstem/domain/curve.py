"""A learning curve: what a trial reports while it trains, by step.

A line of metrics that has a `step` says how things stood then; a line without one belongs to the
last step that was named. What counts is fixed as soon as it is said, because a trial may be ended
for it: steps only go up, a line of an earlier step is passed over, and of one metric the first
finite value at a step stands. So what was known at a step is the same whoever reads, and whenever.

Standard library only: keepers, which watch trials while they run, read curves too.
"""

from __future__ import annotations

import bisect
import json
import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Points = Sequence[tuple[int, float]]

STEP = "step"
"""The key, or the pattern, that names the step."""

READ_BYTES = 256 * 2**10
"""How much of what a trial reports is read for its curve; what comes later counts at the end."""

MOST_POINTS = 64
"""How many points of a metric's curve are kept."""

_MOST_STEP = 10**15
_MOST_DIGITS = 400  # the largest float has 309; Python refuses to read thousands


class CurveReader:
    """Reads the lines of one trial, in order, as they come.

    Attributes:
        curves: By metric its points, `(step, value)`, steps rising.
        step: The last step that was named; -1 before the first.
    """

    def __init__(self, metrics: Iterable[str], patterns: Mapping[str, str]) -> None:
        """Reads nothing yet.

        Args:
            metrics: The metrics of interest.
            patterns: Regular expressions with one group by metric, and one for the `step`, for
                what is printed; empty: JSON lines.
        """
        self._metrics = tuple(metrics)
        self._patterns = {k: re.compile(v, re.MULTILINE) for k, v in patterns.items()}
        self._broken = STEP in self._metrics or bool(patterns and STEP not in patterns)
        self._rest = b""
        self._read_bytes = 0
        self.curves: dict[str, list[tuple[int, float]]] = {}
        self.step = -1

    def feed(self, data: bytes, *, last: bool = False) -> None:
        """Takes the next piece of what was written; a line counts when it is whole.

        Args:
            data: The piece.
            last: Whether nothing follows, so that the last line is whole as it is.
        """
        room = READ_BYTES - self._read_bytes
        self._read_bytes += len(data)
        # What is cut at the limit is no whole line, also at the end.
        last = last and len(data) <= room
        *lines, self._rest = (self._rest + data[: max(room, 0)]).split(b"\n")
        if last:
            lines, self._rest = [*lines, self._rest], b""
        for line in lines:
            self._take(line.decode(errors="replace"))

    def _take(self, line: str) -> None:
        """Takes one line."""
        if self._broken or not line.strip():
            return
        found = self._printed(line) if self._patterns else self._reported(line)
        if STEP in found:
            step = whole(found[STEP])
            if step is None or step < self.step:
                return
            self.step = step
        for name in self._metrics:
            value = finite(found.get(name))
            points = self.curves.get(name, [])
            at = max(self.step, 0)
            if value is not None and (not points or points[-1][0] < at):
                self.curves.setdefault(name, []).append((at, value))

    def _reported(self, line: str) -> dict[str, Any]:
        """The metrics of a JSON line; nothing counts any more after one that is none."""
        try:
            record = json.loads(line, parse_int=_short_int)
        except (ValueError, RecursionError):
            record = None
        if isinstance(record, dict):
            return record
        self._broken = True
        return {}

    def _printed(self, line: str) -> dict[str, Any]:
        """The metrics of a printed line; the last match of a pattern wins."""
        found = {}
        for name, pattern in self._patterns.items():
            for match in pattern.finditer(line):
                found[name] = match.group(1)
        return found


def curves_of(
    text: str, metrics: Iterable[str], patterns: Mapping[str, str]
) -> dict[str, list[tuple[int, float]]]:
    """The curves in all that a trial wrote; {} where it never named a step.

    Args:
        text: What it wrote.
        metrics: The metrics of interest.
        patterns: As of `CurveReader`.
    """
    reader = CurveReader(metrics, patterns)
    reader.feed(text.encode(errors="replace"), last=True)
    return reader.curves if reader.step >= 0 else {}


def thinned(points: Points) -> list[tuple[int, float]]:
    """At most `MOST_POINTS` of the points, first and last among them; equal steps, equal choice."""
    last = len(points) - 1
    if last < MOST_POINTS:
        return list(points)
    return [points[round(i * last / (MOST_POINTS - 1))] for i in range(MOST_POINTS)]


def level_at(points: Points, step: int) -> float | None:
    """Where a metric stands at a step: the median of that report and the two before it.

    A single spike is no level. None where nothing was reported at that very step; of the first two
    reports it is the report itself.
    """
    place = _place(points, step)
    if place == len(points) or points[place][0] != step:
        return None
    if place < 2:
        return points[place][1]
    return sorted(value for _, value in points[place - 2 : place + 1])[1]


def level_along(points: Points, course: Points) -> float | None:
    """Where a metric stands at a step, by the reports that a course names.

    As `level_at`, but each report is first carried on to the step: else the median of three reports
    of a curve that falls is where it stood one report ago, and two ago if the last one is a spike.

    Args:
        points: The points, steps rising.
        course: Steps, and how much the metric is expected to change from each to the last of them.

    Returns:
        The median of the reports carried on; None where one of them is missing.
    """
    values = dict(points)
    if any(step not in values for step, _ in course):
        return None
    return sorted(values[step] + change for step, change in course)[len(course) // 2]


def last_before(points: Points, step: int) -> float | None:
    """The last value of an earlier step; None where there is none."""
    place = _place(points, step)
    return points[place - 1][1] if place else None


def _place(points: Points, step: int) -> int:
    """The first place whose step is not below."""
    return bisect.bisect_left([at for at, _ in points], step)


def finite(value: Any) -> float | None:
    """A finite number, or None; text counts where it reads as one, booleans do not."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def whole(value: Any) -> int | None:
    """A step: a whole number from 0, or None."""
    number = finite(value)
    if number is None or number != int(number) or not 0 <= number <= _MOST_STEP:
        return None
    return int(number)


def _short_int(digits: str) -> int | float:
    """A whole number; one of hundreds of digits is none that anybody measures."""
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)
