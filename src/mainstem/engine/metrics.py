"""From what a process left behind to a measurement: values for every objective, or a cause.

A trial counts only if it ended well and reported a finite number for every objective; anything else
is a failed trial with its cause, never a number. The exception is a trial that was asked with a
`Stopper` which its curve makes content: it counts for what is predicted from there, however it
ended, so that it does not matter whether the machine that ran it ended it in time.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mainstem.domain.curve import curves_of, finite, thinned
from mainstem.domain.measurement import Cause, Failure, Measurement
from mainstem.domain.stack import MetricsSource
from mainstem.domain.trial import Ending

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mainstem.domain.curve import Points
    from mainstem.domain.stack import Stack
    from mainstem.domain.stopper import Stopper
    from mainstem.domain.trial import Run

# The largest float has 309; Python refuses to read or print thousands.
_MOST_DIGITS = 400

NOTES_LENGTH = 500
"""Longest note that is kept of what a trial reports besides its objectives."""


def measure(stack: Stack, run: Run, stopper: Stopper | None = None) -> Measurement:
    """What a finished run says.

    Args:
        stack: The stack's description.
        run: The run.
        stopper: The rule that the trial was asked with; None: none.
    """
    curves = _curves(stack, run)
    stopped = None if stopper is None else stopper.outcome(_text(stack, run))
    if stopped is not None:
        until = {k: [p for p in points if p[0] <= stopped.step] for k, points in curves.items()}
        return Measurement(values=stopped.values, curves=_thin(until), stopped_at=stopped.step)
    found = _measured(stack, run)
    return replace(found, curves=_thin(curves)) if found.succeeded and curves else found


def _text(stack: Stack, run: Run) -> str:
    """Where the metrics are."""
    return run.stdout if stack.metrics.source is MetricsSource.STDOUT else run.metrics


def _curves(stack: Stack, run: Run) -> dict[str, list[tuple[int, float]]]:
    """The objectives' curves; {} where nothing was reported by step."""
    names = [objective.name for objective in stack.objectives]
    return curves_of(_text(stack, run), names, stack.metrics.patterns)


def _thin(curves: Mapping[str, Points]) -> dict[str, list[tuple[int, float]]]:
    return {name: thinned(points) for name, points in curves.items() if points}


def _measured(stack: Stack, run: Run) -> Measurement:
    """What a run says that was not ended early."""
    failure = _ending(run)
    if failure is not None:
        return Measurement(failure=failure)
    if stack.metrics.source is MetricsSource.STDOUT:
        found, broken = _from_stdout(run.stdout, stack.metrics.patterns), None
    else:
        found, broken = _from_json(run.metrics)
    if broken is not None:
        return Measurement(failure=broken)
    values: dict[str, float] = {}
    for objective in stack.objectives:
        name = objective.name
        if name not in found:
            return Measurement(failure=_missing(stack, name, found))
        value = finite(found[name])
        if value is None:
            shown = f"{name} is {_short(repr, found[name])}, not a finite number"
            return Measurement(failure=Failure(cause=Cause.METRIC_INVALID, what=shown))
        values[name] = value
    rest = {k: _short(str, v) for k, v in found.items() if k not in values}
    return Measurement(values=values, notes=rest)


def _ending(run: Run) -> Failure | None:
    """The cause, where the process itself did not end well."""
    tail = run.stderr_tail.strip().splitlines()
    last = f": {tail[-1].strip()[:200]}" if tail else ""
    last = f": {run.detail}" if run.detail else last
    if run.ending is Ending.EXITED and run.exit_code == 0:
        return None
    if run.ending is Ending.EXITED:
        return Failure(cause=Cause.EXIT, what=f"exit code {run.exit_code}{last}")
    if run.ending is Ending.TIMEOUT:
        return Failure(cause=Cause.TIMEOUT, what=f"timeout after {run.wall_s:.0f} s")
    if run.ending is Ending.CANNOT_START:
        return Failure(cause=Cause.CANNOT_START, what=f"cannot start: {run.detail}")
    if run.ending is Ending.STOPPED:
        what = "ended early, but what it reported does not say why any more: it was changed"
        return Failure(cause=Cause.METRIC_INVALID, what=what)
    return Failure(cause=Cause.SIGNAL, what=f"ended by {run.signal or run.ending}{last}")


def _missing(stack: Stack, name: str, found: Mapping[str, Any]) -> Failure:
    """A metric that never arrived, with where it was looked for."""
    if stack.metrics.source is MetricsSource.STDOUT:
        pattern = stack.metrics.patterns.get(name, "")
        what = f"{name} never arrived: no line of standard output matches '{pattern}'"
    else:
        others = ", ".join(sorted(found)) or "nothing"
        what = f"{name} never arrived in $MAINSTEM_METRICS (which holds: {others})"
    return Failure(cause=Cause.METRIC_MISSING, what=what)


def _from_json(text: str) -> tuple[dict[str, Any], Failure | None]:
    """Metrics from JSON lines; the last value of a metric wins."""
    found: dict[str, Any] = {}
    # Not `splitlines`: JSON strings may hold what Unicode calls a line's end.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line, parse_int=_whole)
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict):
            what = f"line {number} of $MAINSTEM_METRICS is not a JSON object: {line[:80]!r}"
            return {}, Failure(cause=Cause.METRIC_INVALID, what=what)
        found.update(record)
    return found, None


def _short(say: Callable[[Any], str], value: Any) -> str:
    """A value in words, as far as they go into a note."""
    try:
        return say(value)[:NOTES_LENGTH]
    except RecursionError:
        return "nested too deeply to show"


def _whole(digits: str) -> int | float:
    """A whole number; one of hundreds of digits is no number that anybody measures."""
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


def _from_stdout(text: str, patterns: Mapping[str, str]) -> dict[str, Any]:
    """Metrics from what was printed; the last match of a pattern wins."""
    found: dict[str, Any] = {}
    for name, pattern in patterns.items():
        for match in re.finditer(pattern, text, flags=re.MULTILINE):
            found[name] = match.group(1)
    return found
