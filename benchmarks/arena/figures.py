"""From episodes to figures: medians, shares, mean gains with standard errors, paired differences.

Gains are clipped to [-1, 1] first: where the best gain is tiny, raw shares explode. A method that
is scored with several rules of recommending is given its best one per landscape: the lowest median,
then the highest mean gain at 4n. That favours the rivals, by choosing after the fact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from arena import cache, methods
from arena.catalogue import MARKS
from arena.play import OWN, runs_to_keep

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from arena.catalogue import Spec
    from arena.landscapes import Floats
    from arena.play import Episode
    from arena.runner import Plan

    Played = Mapping[str, tuple[str, Mapping[int, Episode]]]
    """Label and episodes by repeat, per method."""

FEWEST = 8
"""Repeats of a rival that can be the best one, unless none has so many."""

_MIDDLE = 1


@dataclass(frozen=True, kw_only=True)
class Mean:
    """A mean and its standard error; the error is NaN for a single value."""

    mean: float
    error: float

    @classmethod
    def of(cls, values: Floats) -> Mean:
        """Of independent values."""
        few = len(values) < 2
        error = math.nan if few else float(values.std(ddof=1)) / len(values) ** 0.5
        return cls(mean=float(values.mean()), error=error)


@dataclass(frozen=True, kw_only=True)
class Score:
    """A method on a landscape.

    Attributes:
        method: Its name.
        label: Its row.
        rule: The rule of recommending that served it best.
        repeats: How many were played.
        median: Runs to keep 95% of the best gain; infinite if half of the repeats do not.
        ratio: The median over that of BOCS on the same repeats; NaN where either is unknown.
        share: Share of repeats that keep it within the budget.
        below: How many repeats end with a recipe that is truly worse than the trunk.
        worst: The lowest true gain that a repeat ends with, as a share of the best.
        gains: At 2n, 4n, 8n runs.
        ask_s: Processor seconds of the method's own work per four runs.
        curves: Clipped gains, shape (repeats, budget).
    """

    method: str
    label: str
    rule: str
    repeats: int
    median: float
    ratio: float
    share: float
    below: int
    worst: float
    gains: tuple[Mean, ...]
    ask_s: float
    curves: Floats


@dataclass(frozen=True, kw_only=True)
class Against:
    """Mainstem less the best rival after so many runs, over the repeats that both have.

    Attributes:
        mark: Runs per proposal.
        rival: The rival's label.
        level: The rival's mean gain on these repeats.
        difference: Ours less theirs.
    """

    mark: int
    rival: str
    level: float
    difference: Mean


@dataclass(frozen=True, kw_only=True)
class Board:
    """Everything that is known of a landscape."""

    spec: Spec
    scores: tuple[Score, ...]
    against: tuple[Against, ...]


def boards(plan: Plan) -> list[Board]:
    """The figures of every landscape of a plan, of what the cache holds."""
    found = []
    for spec in plan.specs():
        played = {}
        for entrant in plan.entrants(spec):
            kept = [cache.read(plan.folder, key) for key in plan.keys(spec, entrant)]
            episodes = {k: episode for k, episode in enumerate(kept) if episode is not None}
            if episodes:
                played[entrant.name] = (entrant.label, episodes)
        scores = _scores(spec, played)
        found.append(Board(spec=spec, scores=scores, against=_against(spec, scores, played)))
    return found


def _scores(spec: Spec, played: Played) -> tuple[Score, ...]:
    base = played.get(methods.BASE, ("", {}))[1]
    return tuple(
        _score(spec, name, label, episodes, base) for name, (label, episodes) in played.items()
    )


def _score(
    spec: Spec,
    name: str,
    label: str,
    episodes: Mapping[int, Episode],
    base: Mapping[int, Episode],
) -> Score:
    rules = next(iter(episodes.values())).gains
    curves = {rule: clipped(episodes.values(), rule) for rule in rules}
    at = MARKS[_MIDDLE] * spec.n - 1
    rule = min(rules, key=lambda r: (_median(curves[r]), -curves[r][:, at].mean()))
    own = curves[rule]
    both = [repeat for repeat in episodes if repeat in base]
    ratio = math.nan
    if both:
        mine = clipped([episodes[repeat] for repeat in both], rule)
        ratio = _ratio(mine, clipped([base[repeat] for repeat in both], OWN))
    runs = sum(episode.runs for episode in episodes.values())
    hits = np.array([runs_to_keep(curve) for curve in own])
    ends = np.array([episode.gains[rule][-1] for episode in episodes.values()])
    return Score(
        method=name,
        label=label,
        rule=rule,
        repeats=len(own),
        median=_median(own),
        ratio=ratio,
        share=float(np.isfinite(hits).mean()),
        below=int(np.sum(ends < 0.0)),
        worst=float(ends.min()),
        gains=tuple(Mean.of(own[:, mark * spec.n - 1]) for mark in MARKS),
        ask_s=4.0 * sum(episode.seconds for episode in episodes.values()) / runs,
        curves=own,
    )


def clipped(episodes: Iterable[Episode], rule: str) -> Floats:
    """Gains of a rule within [-1, 1], shape (episodes, budget)."""
    gains = np.array([episode.gains[rule] for episode in episodes])
    return np.asarray(np.clip(gains, -1.0, 1.0))


def _median(curves: Floats) -> float:
    return float(np.median([runs_to_keep(curve) for curve in curves]))


def _ratio(curves: Floats, base: Floats) -> float:
    """The ratio of two medians; NaN unless both are finite."""
    top, bottom = _median(curves), _median(base)
    return top / bottom if math.isfinite(top) and math.isfinite(bottom) else math.nan


def _against(spec: Spec, scores: Sequence[Score], played: Played) -> tuple[Against, ...]:
    """Ours against the best rival at each mark: the one with the lowest paired difference.

    Paired, because a slow rival's few repeats may be easy ones; a rival that has played less than
    the others, and less than a slow one should, is left out.
    """
    ours = next((score for score in scores if score.method == methods.OURS), None)
    rivals = [score for score in scores if score.method in methods.RIVALS]
    enough = min(FEWEST, max((score.repeats for score in rivals), default=0))
    rivals = [score for score in rivals if score.repeats >= enough]
    if ours is None:
        return ()
    mine = played[ours.method][1]
    rivals = [score for score in rivals if mine.keys() & played[score.method][1].keys()]
    if not rivals:
        return ()
    found = []
    for mark in MARKS:
        pairs = [_pair(ours, rival, played, mark, mark * spec.n - 1) for rival in rivals]
        found.append(min(pairs, key=lambda one: one.difference.mean))
    return tuple(found)


def _pair(ours: Score, rival: Score, played: Played, mark: int, at: int) -> Against:
    """Ours against one rival after `at` + 1 runs, over the repeats that both have."""
    mine, theirs = played[ours.method][1], played[rival.method][1]
    both = sorted(mine.keys() & theirs.keys())
    left = clipped([mine[repeat] for repeat in both], ours.rule)[:, at]
    right = clipped([theirs[repeat] for repeat in both], rival.rule)[:, at]
    return Against(
        mark=mark,
        rival=rival.label,
        level=float(right.mean()),
        difference=Mean.of(left - right),
    )
