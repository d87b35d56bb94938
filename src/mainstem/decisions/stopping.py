"""When a search trial may end early: the rule for it, from whole runs with curves.

A search trial tells what its recipe is worth. Where its final values can be predicted at a
checkpoint well enough that what stays unknown is small beside the noise that a whole run has
anyway, or beside how bad it is, the rest of the run buys nothing. Only then the trial may end, and
it counts for what is predicted. The runs of the trunk, the runs that confirm and every sixth
search trial are always whole: they are what error rates hang on and what predictions learn from.

The rule is fixed when a trial is asked and depends on results that act then, so asks depend on what
was measured, in the order of trials, and on nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from mainstem.decisions.belief import rows
from mainstem.domain.curve import last_before, level_along
from mainstem.domain.stopper import Checkpoint, Guess, Stopper
from mainstem.domain.trial import Purpose
from mainstem.stats import curves

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mainstem.domain.recipe import Recipe
    from mainstem.domain.stack import Objective
    from mainstem.domain.trial import Trial

    Floats = NDArray[np.float64]
    Points = Sequence[tuple[int, float]]
    Course = tuple[tuple[int, float], ...]

WHOLE_EVERY = 6
"""Every so many trials one is whole, whatever is known."""

LEAST_RUNS = 8
"""Whole runs before anything is predicted; two of the trunk among them."""

MOST_RUNS = 96
"""The last so many whole runs are learnt from: the work grows with their third power."""

SHARES = tuple(k / 16 for k in range(3, 13))
"""Checkpoints, as shares of a whole run."""

CLOSE = 1.75
"""A prediction is close if its sd is at most this multiple of the noise of a whole run."""

CLOSE_MARGINS = 0.25
"""Or at most so many margins."""

FAR = 0.15
"""Of what is worse than the trunk: or at most this share of the loss."""

LEAST_SLOPE = 0.5
"""What a trial's own value has to count for, at least.

Else it would be told what other recipes make of its own: no news, and taken for some.
"""

SINCE = 0.25
"""Where a level's trend is counted from, as a share of the checkpoint's step."""

_REACH = 0.25  # of the range that was seen, to both sides
_REPORTS = 3  # that a level is made of: a single spike is none
_PLACES = 401  # where the windows are looked for


@dataclass(frozen=True, kw_only=True)
class Traced:
    """A run that has ended by itself, with its curve.

    Attributes:
        recipe: The recipe, without what the trunk holds.
        values: Final value per objective.
        curves: Points per metric; empty where it reported no steps.
    """

    recipe: Recipe
    values: Mapping[str, float]
    curves: Mapping[str, Points] = field(default_factory=dict)


def may_stop(trial: Trial, trunk: Recipe = frozenset()) -> bool:
    """Whether a trial is one that may end early at all."""
    searches = trial.purpose is Purpose.SEARCH and trial.recipe != trunk
    return searches and trial.id % WHOLE_EVERY != 0


def stoppers(
    objectives: Sequence[Objective],
    runs: Sequence[Traced],
    recipes: Sequence[Recipe],
    noise_sds: Mapping[str, float],
    patterns: Mapping[str, str],
) -> list[Stopper | None]:
    """The rule for a run of each recipe; None where it has to be whole.

    Args:
        objectives: What is measured.
        runs: Whole runs that act, in the order of their trials.
        recipes: The recipes that are asked, without what the trunk holds.
        noise_sds: Run-to-run sd per objective in its unit.
        patterns: How curves are read from what is printed; empty: JSON lines.
    """
    traced = [run for run in runs if run.curves][-MOST_RUNS:]
    trunk = [run for run in traced if not run.recipe]
    if len(traced) < LEAST_RUNS or len(trunk) < 2 or not recipes:
        return [None] * len(recipes)
    names = sorted(frozenset().union(*(run.recipe for run in traced), *recipes))
    x = rows((run.recipe for run in traced), names)
    seen = _Seen(runs=traced, x=x, asked=rows(recipes, names))
    found: list[list[Checkpoint]] = [[] for _ in recipes]
    last_step = min(_last_step(run) for run in traced)
    for step in _steps(traced, last_step):
        each = [_guesses(seen, o, step, noise_sds[o.name]) for o in objectives]
        if any(guesses is None for guesses in each):
            continue
        for row, checkpoints in enumerate(found):
            guesses = tuple(guess[row] for guess in each if guess is not None)
            if all(g.windows for g in guesses) and not all(g.before for g in guesses):
                checkpoints.append(Checkpoint(step=step, guesses=guesses))
    return [
        Stopper(last_step=last_step, checkpoints=tuple(checkpoints), patterns=dict(patterns))
        if checkpoints
        else None
        for checkpoints in found
    ]


def _last_step(run: Traced) -> int:
    return max(points[-1][0] for points in run.curves.values())


def _steps(runs: Sequence[Traced], last_step: int) -> list[int]:
    """Steps that every run has named, the nearest at or after each share of a run."""
    named = set.intersection(
        *({step for points in run.curves.values() for step, _ in points} for run in runs)
    )
    steps = sorted(step for step in named if step < last_step)
    found = (next((s for s in steps if s >= share * last_step), None) for share in SHARES)
    most = (SHARES[-1] + 0.5 * (1.0 - SHARES[-1])) * last_step
    return sorted({step for step in found if step is not None and step <= most})


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What there is of whole runs.

    Attributes:
        runs: The whole runs, T of them.
        x: Their recipes, shape (T, n).
        asked: The recipes to give rules for, shape (A, n).
    """

    runs: Sequence[Traced]
    x: Floats
    asked: Floats


def _guesses(seen: _Seen, objective: Objective, step: int, run_sd: float) -> list[Guess] | None:
    """The guess of one objective at one step for each recipe; None where there can be none."""
    final = np.array([run.values[objective.name] for run in seen.runs])
    points = [run.curves.get(objective.name, ()) for run in seen.runs]
    if [last_before(each, step) for each in points] == final.tolist():
        known = Guess(metric=objective.name, intercept=0.0, slope=1.0, windows=(_ANY,), before=True)
        return [known] * len(seen.asked)
    course = _course(points, step)
    if not course or run_sd <= 0.0:
        return None
    stood = _Stood(levels=_levels(points, course), course=course)
    since = _since(points, step)
    if since is not None:
        earlier = _course(points, since)
        change = stood.levels - _levels(points, earlier)
        stood = replace(stood, since=since, course_since=earlier, change=change)
    return _learnt(seen, objective, run_sd, stood)


def _course(points: Sequence[Points], step: int) -> Course:
    """The reports that make up the level at a step; none where not every run has reported then.

    The step's own and the two before it that every run has made, with the median of what runs
    change from each to the step; of the first two reports it is the step's own alone.
    """
    named = set.intersection(*({at for at, _ in each} for each in points))
    if step not in named:
        return ()
    at = sorted(each for each in named if each <= step)[-_REPORTS:]
    values = [dict(each) for each in points]
    return tuple(
        (earlier, float(np.median([each[step] - each[earlier] for each in values])))
        for earlier in (at if len(at) == _REPORTS else [step])
    )


def _levels(points: Sequence[Points], course: Course) -> Floats:
    """The level of each run, shape (T,); every run has all reports of the course."""
    return np.array([level_along(each, course) for each in points], np.float64)


@dataclass(frozen=True, kw_only=True)
class _Stood:
    """Where whole runs stood at a checkpoint.

    Attributes:
        levels: Their levels, shape (T,).
        course: What the levels are made of.
        since: An earlier step; None where there is none.
        course_since: What the levels at the earlier step are made of.
        change: Their levels less those at the earlier step, shape (T,).
    """

    levels: Floats
    course: Course
    since: int | None = None
    course_since: Course = ()
    change: Floats | None = None


def _since(points: Sequence[Points], step: int) -> int | None:
    """The step that a trend is counted from.

    The first at or after a quarter of the checkpoint's at which every run has reported for the
    third time or later, as the median of fewer may be a spike.
    """
    named = set.intersection(*({at for at, _ in each[2:]} for each in points))
    return min((at for at in named if SINCE * step <= at < step), default=None)


_ANY = (-1.7e308, 1.7e308)


def _learnt(seen: _Seen, objective: Objective, run_sd: float, stood: _Stood) -> list[Guess]:
    """The guesses of an objective with a curve, from where whole runs stood."""
    final = np.array([run.values[objective.name] for run in seen.runs])
    trunk = ~np.any(seen.x > 0.5, axis=1)
    final_0 = float(final[trunk].mean())
    margin = objective.margin_at(final_0)
    unit = max(run_sd, 0.1 * margin)
    law = curves.fit(
        seen.x,
        (stood.levels - stood.levels[trunk].mean()) / unit,
        (final - final_0) / unit,
        None if stood.change is None else (stood.change - stood.change[trunk].mean()) / unit,
    )
    value_0 = float(stood.levels[trunk].mean())
    if stood.change is not None:
        value_0 += law.trend * float(stood.change[trunk].mean())
    close = max(CLOSE * run_sd, CLOSE_MARGINS * margin) / unit
    pad = _REACH * (law.u.max() - law.u.min())
    places = np.linspace(law.u.min() - pad, law.u.max() + pad, _PLACES)
    out = []
    for row in seen.asked:
        line = curves.predict(law, row)
        loss = np.maximum(-objective.sign * line.mean(places), 0.0)
        good = line.sd(places) <= np.maximum(close, FAR * loss)
        at = value_0 + unit * places
        stretches = _stretches(good) if line.slope >= LEAST_SLOPE else []
        out.append(
            Guess(
                metric=objective.name,
                intercept=final_0 + unit * line.intercept - line.slope * value_0,
                slope=line.slope,
                windows=tuple((float(at[a]), float(at[b])) for a, b in stretches),
                since=stood.since if law.trend else None,
                trend=law.trend,
                course=stood.course,
                course_since=stood.course_since if law.trend else (),
            )
        )
    return out


def _stretches(good: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last place of each stretch of true ones."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(np.int8)))
    return [(int(a), int(b) - 1) for a, b in edges.reshape(-1, 2)]
