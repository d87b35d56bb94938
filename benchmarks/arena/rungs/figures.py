"""From episodes to figures: median costs with bootstrap intervals, and ratios in one run.

Gains are clipped to [-1, 1]. A rival is given its best setting and its best rule of recommending
per landscape: the lowest median cost, then the highest mean gain over the budget. That is chosen
after the fact and favours the rivals. Ratios are of medians over the repeats that both played;
their intervals draw repeats in pairs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from arena.figures import clipped
from arena.rungs.methods import OURS, TOP_ONLY
from arena.rungs.play import cost_to_keep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from arena.play import Episode
    from arena.rungs.bench import Plan
    from arena.rungs.catalogue import Spec
    from arena.rungs.methods import Entrant

    Floats = NDArray[np.float64]

LEVEL = 0.9
_DRAWS, _SEED = 2000, 29


@dataclass(frozen=True, kw_only=True)
class Middle:
    """A median, or a ratio of two, with its bootstrap interval; infinite is beyond the budget."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Score:
    """A method on a landscape.

    Attributes:
        method: Its name.
        family: Its row.
        setting: The setting that served it best.
        rule: The rule of recommending that served it best.
        costs: Cost to keep 95% of the best gain, in runs of the top rung, by repeat.
        median: Of the costs.
        share: Share of repeats that keep it within the budget.
        end: Mean gain at the end of the budget, as a share of the best.
        ratio: Median cost of Mainstem over both rungs as a multiple of this method's.
    """

    method: str
    family: str
    setting: str
    rule: str
    costs: Mapping[int, float]
    median: Middle
    share: float
    end: float
    ratio: Middle | None


@dataclass(frozen=True, kw_only=True)
class Board:
    """Everything that is known of a landscape."""

    spec: Spec
    scores: tuple[Score, ...]

    @property
    def top_only(self) -> Score | None:
        """Mainstem at the top rung alone."""
        return next((score for score in self.scores if score.method == TOP_ONLY), None)

    @property
    def best_rival(self) -> Score | None:
        """The rival with the lowest median, then the largest share."""
        rivals = [s for s in self.scores if s.method not in {OURS, TOP_ONLY}]
        return min(rivals, key=lambda s: (s.median.value, -s.share), default=None)


def boards(plan: Plan) -> list[Board]:
    """The figures of every landscape of a plan, of what the cache holds."""
    return [board(plan, spec) for spec in plan.specs()]


def board(plan: Plan, spec: Spec) -> Board:
    """The figures of a landscape: one score a family."""
    ours: Mapping[int, float] = {}
    best: dict[str, Score] = {}
    for entrant in plan.entrants(spec):
        episodes = plan.kept(spec, entrant)
        if not episodes:
            continue
        found = _score(spec, entrant, episodes, ours)
        if entrant.name == OURS:
            ours = found.costs
        kept = best.get(entrant.family)
        if kept is None or _order(found) < _order(kept):
            best[entrant.family] = found
    return Board(spec=spec, scores=tuple(best.values()))


def _order(score: Score) -> tuple[float, float]:
    return score.median.value, -score.share


def _score(
    spec: Spec, entrant: Entrant, episodes: Mapping[int, Episode], ours: Mapping[int, float]
) -> Score:
    rules = next(iter(episodes.values())).gains
    curves = {rule: clipped(episodes.values(), rule) for rule in rules}
    costs = {rule: np.array([cost_to_keep(c, spec.ticks) for c in curves[rule]]) for rule in rules}
    rule = min(rules, key=lambda r: (float(np.median(costs[r])), -float(curves[r].mean())))
    found = dict(zip(episodes, map(float, costs[rule]), strict=True))
    return Score(
        method=entrant.name,
        family=entrant.family,
        setting=entrant.setting,
        rule=rule,
        costs=found,
        median=median(costs[rule]),
        share=float(np.isfinite(costs[rule]).mean()),
        end=float(curves[rule][:, -1].mean()),
        ratio=None if entrant.name == OURS else ratio(ours, found),
    )


def median(costs: Floats) -> Middle:
    """The median of costs with an interval over which repeats were drawn."""
    rows = np.random.default_rng(_SEED).integers(len(costs), size=(_DRAWS, len(costs)))
    return _middle(float(np.median(costs)), np.median(costs[rows], axis=1))


def ratio(ours: Mapping[int, float], theirs: Mapping[int, float]) -> Middle | None:
    """The ratio of the median costs over the repeats that both have; None without any.

    Beyond the budget is infinite: a ratio to it is 0, of it to a finite one infinite, and of two
    such NaN.
    """
    both = sorted(ours.keys() & theirs.keys())
    if not both:
        return None
    pair = np.array([[ours[k] for k in both], [theirs[k] for k in both]])
    rows = np.random.default_rng(_SEED).integers(len(both), size=(_DRAWS, len(both)))
    drawn = np.median(pair[:, rows], axis=2)
    with np.errstate(invalid="ignore"):
        value = np.median(pair, axis=1)
        return _middle(float(value[0] / value[1]), drawn[0] / drawn[1])


def _middle(value: float, drawn: Floats) -> Middle:
    """Quantiles are drawn values themselves: nothing is interpolated with what is infinite."""
    known = np.sort(drawn[~np.isnan(drawn)])
    if not len(known):
        return Middle(value=value, low=math.nan, high=math.nan)
    low, high = (int(q * (len(known) - 1)) for q in ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return Middle(value=value, low=float(known[low]), high=float(known[high]))
