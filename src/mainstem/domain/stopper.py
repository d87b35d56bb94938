"""When a search trial may end early, and what it is then taken to have measured: a rule as data.

It is fixed when the trial is asked and goes wherever the trial runs. What it says is a function of
the trial's curve alone, of no clock and of no other trial: whether the trial was really ended in
time, or reported more, or ran to its end on a machine that does not watch, the result is the same.

Standard library only: keepers apply it while the trial runs.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from mainstem.domain.curve import CurveReader, last_before, level_along, level_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Points = Sequence[tuple[int, float]]
    Curves = Mapping[str, Points]


@dataclass(frozen=True, kw_only=True)
class Guess:
    """One objective's final value from what is known at a checkpoint: a line.

    Attributes:
        metric: The objective's name.
        intercept: In the metric's unit.
        slope: What multiplies the value that is known.
        windows: Where that value has to lie for the guess to be good enough, ends included.
        before: Whether the value is the last one of an earlier step, as of a metric that is
            reported once at the start; else it is the level at the checkpoint's very step.
        since: An earlier step; None where `trend` is 0.
        trend: How many times what the level has changed since then is added to it.
        course: The reports that the level is made of, by step, and how much runs change from each
            to the checkpoint; empty in rules of older records: the last three as they are.
        course_since: The same for the earlier step.
    """

    metric: str
    intercept: float
    slope: float
    windows: tuple[tuple[float, float], ...]
    before: bool = False
    since: int | None = None
    trend: float = 0.0
    course: tuple[tuple[int, float], ...] = ()
    course_since: tuple[tuple[int, float], ...] = ()

    def final(self, curves: Curves, step: int) -> float | None:
        """The final value that is guessed; None where it is not good enough."""
        value = self._value(curves.get(self.metric, ()), step)
        if value is None:
            return None
        if not any(low <= value <= high for low, high in self.windows):
            return None
        final = self.intercept + self.slope * value
        return final if math.isfinite(final) else None

    def _value(self, points: Sequence[tuple[int, float]], step: int) -> float | None:
        """The value that is known, carried on by its trend."""
        if self.before:
            return last_before(points, step)
        level = _level(points, step, self.course)
        if self.since is None or level is None:
            return level
        earlier = _level(points, self.since, self.course_since)
        return None if earlier is None else level + self.trend * (level - earlier)


def _level(points: Points, step: int, course: Points) -> float | None:
    """Where a metric stands at a step."""
    return level_along(points, course) if course else level_at(points, step)


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A step at which a trial may end.

    Attributes:
        step: The step.
        guesses: One for each objective; all have to be good enough.

    Raises:
        ValueError: None of them is of the checkpoint's own step, or a level is of another.
    """

    step: int
    guesses: tuple[Guess, ...]

    def __post_init__(self) -> None:
        if all(guess.before for guess in self.guesses):
            raise ValueError(f"checkpoint {self.step} looks at no metric of its own step")
        if any(guess.course and guess.course[-1][0] != self.step for guess in self.guesses):
            raise ValueError(f"checkpoint {self.step} has a level of another step")


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """A trial that ended early, or counts as such.

    Attributes:
        step: The checkpoint's step.
        values: The final value that is guessed, per objective.
    """

    step: int
    values: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Stopper:
    """The rule of one trial.

    Attributes:
        last_step: The step at which a whole run ends, for people.
        checkpoints: Where it may end, in order; the first that holds counts.
        patterns: How curves are read from what is printed; empty: JSON lines of metrics.
    """

    last_step: int
    checkpoints: tuple[Checkpoint, ...]
    patterns: Mapping[str, str] = field(default_factory=dict)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The objectives."""
        return tuple(guess.metric for guess in self.checkpoints[0].guesses)

    def reader(self) -> CurveReader:
        """A reader for the curves that it looks at."""
        return CurveReader(self.metrics, self.patterns)

    def look(self, curves: Curves) -> Stopped | None:
        """Where a trial with these curves ended or may end, and what it then counts for."""
        for checkpoint in self.checkpoints:
            values: dict[str, float] = {}
            for guess in checkpoint.guesses:
                final = guess.final(curves, checkpoint.step)
                if final is None:
                    break
                values[guess.metric] = final
            else:
                return Stopped(step=checkpoint.step, values=values)
        return None

    def outcome(self, text: str) -> Stopped | None:
        """The same from all that a trial wrote."""
        reader = self.reader()
        reader.feed(text.encode(errors="replace"), last=True)
        return self.look(reader.curves)

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)


def from_plain(said: Mapping[str, Any]) -> Stopper:
    """The rule that `plain` gave.

    Raises:
        KeyError: Something is missing.
        TypeError: Something is of another form, or unknown.
        ValueError: As for `TypeError`, or there is no checkpoint.
    """
    if not said["checkpoints"]:
        raise ValueError("a stopper needs a checkpoint")
    return Stopper(
        last_step=int(said["last_step"]),
        checkpoints=tuple(_checkpoint(each) for each in said["checkpoints"]),
        patterns={str(k): str(v) for k, v in dict(said["patterns"]).items()},
    )


def _checkpoint(said: Mapping[str, Any]) -> Checkpoint:
    return Checkpoint(
        step=int(said["step"]),
        guesses=tuple(
            Guess(
                metric=str(guess["metric"]),
                intercept=float(guess["intercept"]),
                slope=float(guess["slope"]),
                windows=tuple((float(low), float(high)) for low, high in guess["windows"]),
                before=bool(guess["before"]),
                since=None if guess.get("since") is None else int(guess["since"]),
                trend=float(guess.get("trend", 0.0)),  # rules of older records have none
                course=_course(guess.get("course", ())),  # nor these
                course_since=_course(guess.get("course_since", ())),
            )
            for guess in said["guesses"]
        ),
    )


def _course(said: Sequence[Sequence[float]]) -> tuple[tuple[int, float], ...]:
    return tuple((int(step), float(change)) for step, change in said)
