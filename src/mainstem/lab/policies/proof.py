"""Mainstem's own confirmation, for policies that decide by it one proposal at a time.

The k-th runs of both recipes are the k-th pair, as both arms of a pair share a seed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mainstem.decisions.belief import Scale
from mainstem.decisions.confirm import Outcome, Pair, judge
from mainstem.decisions.problem import Problem, Result
from mainstem.domain.trial import Purpose
from mainstem.stats import evidence

if TYPE_CHECKING:
    from mainstem.domain.recipe import Recipe
    from mainstem.lab.desk import Desk
    from mainstem.lab.landscapes.landscape import BoolArray, FloatArray

_CHECKED = 3
"""Runs of the trunk that must agree for an objective to count as deterministic, as in `check`."""


def proved(desk: Desk, new: BoolArray, old: BoolArray, *, number: int, alpha: float) -> bool:
    """Whether pairs prove a gain on an objective and that no margin is lost.

    Args:
        desk: The campaign.
        new: The candidate, shape (n,).
        old: What it is compared with, shape (n,).
        number: The candidate's number in the campaign, from 1.
        alpha: Chance of any false merge in the campaign.
    """
    ours, theirs = desk.runs_of(new), desk.runs_of(old)
    pairs = min(len(ours), len(theirs))
    if not pairs:
        return False
    exact = len(theirs) >= _CHECKED and (theirs == theirs[0]).all(axis=0)
    bar = np.log(evidence.spending(number) / alpha)
    if pairs * np.log(2.0) < bar and not np.all(exact):
        return False  # evidence at most doubles with a pair
    candidate, baseline = frozenset({"candidate"}), frozenset[str]()
    problem = Problem(proposals=("candidate",), objectives=desk.objectives, alpha=alpha)
    found = judge(
        problem,
        number=number,
        recipe=candidate,
        baseline=baseline,
        pairs=tuple(
            Pair(
                seed=k,
                trunk=_result(desk, baseline, k, theirs[k]),
                candidate=_result(desk, candidate, k, ours[k]),
            )
            for k in range(pairs)
        ),
        scale=Scale(trunk=np.zeros_like(desk.margins), margin=desk.margins, sign=_ones(desk)),
        exact=tuple(bool(one) for one in np.broadcast_to(exact, desk.margins.shape)),
    )
    return found.outcome is Outcome.CONFIRMED


def _ones(desk: Desk) -> FloatArray:
    """Signs: a desk's values are in gain units already."""
    return np.ones_like(desk.margins)


def _result(desk: Desk, recipe: Recipe, seed: int, gains: FloatArray) -> Result:
    names = [objective.name for objective in desk.objectives]
    values = dict(zip(names, map(float, gains), strict=True))
    return Result(trial=None, recipe=recipe, seed=seed, purpose=Purpose.CONFIRM, values=values)
