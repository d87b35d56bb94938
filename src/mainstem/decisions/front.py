"""The Pareto front over the improve objectives, among recipes within their guards.

The best recipe adds up gains in margins; where objectives pull apart another weight would choose
another recipe. The front names the others: few recipes such that every recipe known of is better
than one of them by a margin on no improve objective. Guards are constraints with their own noise:
a recipe counts in the draws of the posterior in which it is within every guard, and is named only
if it runs and is within them with the probability that confirmation asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstem.decisions import ask as asking, budget as budgeting
from mainstem.decisions.belief import recipe_of, rows
from mainstem.decisions.contribution import interval
from mainstem.decisions.estimates import exact, of_draws
from mainstem.domain.verdict import Estimate
from mainstem.stats import pareto

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mainstem.decisions.belief import Belief
    from mainstem.domain.recipe import Recipe

_TAG = 5


@dataclass(frozen=True, kw_only=True)
class FrontPoint:
    """A recipe of the front.

    Attributes:
        recipe: Its proposals.
        gain: Gain over the trunk per objective, in its unit.
        probability: Posterior probability that it runs, is within every guard, and that no other
            likely recipe within them beats it by a margin: nowhere worse on what is to be
            improved, and somewhere better by more than one.
        runs: How many runs of it have succeeded; with none, the landscape alone speaks for it.
    """

    recipe: Recipe
    gain: Mapping[str, Estimate]
    probability: float
    runs: int


@dataclass(frozen=True, kw_only=True)
class Front:
    """The Pareto front.

    Attributes:
        points: The recommended recipe first, then those with the larger sums of gains in margins.
        hypervolume: What they add to the trunk's hypervolume, measured from one margin below the
            trunk, in margins to the power of the number of improve objectives; None before
            anything is known.
    """

    points: tuple[FrontPoint, ...] = ()
    hypervolume: Estimate | None = None


def front(belief: Belief, best: Recipe) -> Front:
    """The front, among the recipes that have run and those that are weighed for the next run.

    Args:
        belief: The state of knowledge.
        best: The recommended recipe: it comes first, so that a near equal does not stand for it.
    """
    x = _known(belief, best)
    draws = _draws(belief, x)
    improve = list(belief.problem.improve)
    within = np.all(np.delete(draws, improve, axis=2) >= -1.0, axis=2)  # (S, M)
    runs = belief.crashes.runs(x)
    first = np.all(x == rows([best], belief.problem.proposals)[0], axis=1)
    likely = within.mean(0) * runs >= budgeting.LEAST_PROBABILITY
    kept = np.flatnonzero(first | likely)
    gains, within = draws[:, kept][:, :, improve], within[:, kept]
    middle = np.median(gains, axis=0)
    order = np.lexsort((x[kept].sum(1), -np.round(middle.sum(1), 9), ~first[kept]))
    places = order[pareto.covering(middle[order])]
    share = pareto.front_probability(gains, within) * runs[kept]
    return Front(
        points=tuple(
            _point(belief, x[i], draws[:, i], float(p))
            for i, p in zip(kept[places], share[places], strict=True)
        ),
        hypervolume=_hypervolume(belief, gains[:, places], within[:, places]),
    )


def _known(belief: Belief, best: Recipe) -> NDArray[np.float64]:
    """The recommended recipe, the trunk, and the pool: recipes of which every member ran."""
    rng = np.random.default_rng([belief.problem.seed, belief.runs, _TAG])
    pool = asking.pool(belief, rng)
    ran = np.any(belief.anywhere > 0.5, axis=0) | ~belief.free
    pool = pool[np.all(pool <= ran, axis=1)]
    at_best = rows([best], belief.problem.proposals)
    return np.unique(np.concatenate([at_best, belief.trunk_row[None], pool]), axis=0)


def _draws(belief: Belief, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Draws of the gains in margins, shape (S, M, J); what is known exactly has no spread.

    It is rounded, so that a margin that is kept exactly is kept.
    """
    draws = belief.draw_gains(x, _TAG)
    certain = [j for j, known in enumerate(belief.noises) if known.deterministic]
    measured = {row.tobytes(): gains for row, gains in zip(belief.x, belief.gains, strict=True)}
    for i, row in enumerate(x):
        if row.tobytes() in measured:
            draws[:, i, certain] = np.round(measured[row.tobytes()][certain], 9)
    return draws


def _point(
    belief: Belief, row: NDArray[np.float64], draws: NDArray[np.float64], probability: float
) -> FrontPoint:
    """A recipe of the front from the draws of its gains, shape (S, J)."""
    recipe = recipe_of(row, belief.problem.proposals)
    return FrontPoint(
        recipe=recipe,
        gain=of_draws(belief, draws) | exact(belief, recipe),
        probability=probability,
        runs=int(np.all(belief.x == row, axis=1).sum()),
    )


def _hypervolume(belief: Belief, gains: NDArray[np.float64], within: NDArray[np.bool_]) -> Estimate:
    """Of the named recipes, over draws of their gains, shape (S, M, J): no maximum is taken anew.

    What is outside a guard in a draw, `within` (S, M), adds nothing there.
    """
    volumes = [pareto.hypervolume(each[keeps]) for each, keeps in zip(gains, within, strict=True)]
    level, power = belief.problem.level, len(belief.problem.improve)
    mean, low, high = interval(np.array(volumes), level)
    unit = "margins" if power == 1 else f"margins^{power}"
    return Estimate(mean=mean, low=low, high=high, level=level, unit=unit)
