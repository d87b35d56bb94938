"""What an override costs: the recipe that the evidence favours with it, against that without it.

Read from the landscape; nothing is decided by it. Both recipes are chosen by the rule that chooses
what is recommended, under the rule of the override and without it, and compared draw by draw.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mainstem.decisions import candidates, estimates
from mainstem.decisions.belief import rows
from mainstem.decisions.contribution import interval, width_of
from mainstem.domain.override import Price
from mainstem.domain.verdict import Estimate

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from mainstem.decisions.belief import Belief
    from mainstem.decisions.trials import Trials
    from mainstem.domain.recipe import Recipe

_TAG = 12


def veto(belief: Belief, trials: Trials, proposal: str) -> Price:
    """The price of keeping a proposal out, whether it is kept out already or not."""
    alone = frozenset({proposal})
    allowed = belief.problem.conflicts - {alone}
    without_it = with_it = _favoured(_under(belief, conflicts=allowed), trials)
    if proposal in without_it:  # else what is best of all sets is best of those without it
        with_it = _favoured(_under(belief, conflicts=allowed | {alone}), trials)
    return _price(belief, with_it, without_it)


def force(belief: Belief, trials: Trials, proposal: str) -> Price | None:
    """The price of a proposal that is merged whatever the evidence says.

    A confirmed recipe is merged first, and the proposal onto it. Where none is, or the two cannot
    stand together, it is the best recipe with the proposal. One that is in the trunk is priced by
    what it adds to the trunk, as seen from the trunk without it. None of one that cannot be merged
    with the trunk or is known to crash: what does not run has no gain.
    """
    alone, trunk = frozenset({proposal}), belief.problem.trunk
    if alone <= trunk:
        return _price(_under(belief, trunk=trunk - alone), trunk, trunk - alone)
    free = _under(belief, conflicts=belief.problem.conflicts - {alone})
    if not free.possible(rows([trunk | alone], free.problem.proposals))[0]:
        return None
    without_it = _favoured(free, trials)
    onto = without_it | alone
    proved = candidates.confirmed(free, candidates.judged(free, trials)) is not None
    if proved and free.possible(rows([onto], free.problem.proposals))[0]:
        return _price(free, onto, without_it)
    return _price(free, _favoured(_under(free, trunk=trunk | alone), trials), without_it)


def lifted(belief: Belief, trials: Trials, proposals: Collection[str]) -> tuple[Belief, Recipe]:
    """The same knowledge, and the recipe that it favours, as if nobody kept these proposals out."""
    barred = {frozenset({proposal}) for proposal in proposals}
    free = _under(belief, conflicts=belief.problem.conflicts - barred)
    return free, _favoured(free, trials)


def _under(
    belief: Belief,
    *,
    conflicts: frozenset[Recipe] | None = None,
    trunk: Recipe | None = None,
) -> Belief:
    """The same knowledge for another question: other conflicts, or another trunk."""
    problem = belief.problem
    other = replace(
        problem,
        conflicts=problem.conflicts if conflicts is None else conflicts,
        trunk=problem.trunk if trunk is None else trunk,
    )
    return belief if other == problem else replace(belief, problem=other)


def _favoured(belief: Belief, trials: Trials) -> Recipe:
    """The confirmed recipe if there is one, else the favourite."""
    return estimates.recommend(belief, candidates.judged(belief, trials)).recipe


def _price(belief: Belief, with_it: Recipe, without_it: Recipe) -> Price:
    """The two recipes compared, draw by draw; one and the same costs exactly nothing."""
    # Read once if it is one: at two places of a product its last digits may differ.
    x = rows(dict.fromkeys([with_it, without_it]), belief.problem.proposals)
    gains = belief.draw_gains(x, _TAG)[:, [0, -1]]
    value = belief.value(gains)
    changed = _in_margins(belief, value[:, 0] - value[:, 1])
    return Price(
        with_it=with_it,
        without_it=without_it,
        difference=_difference(belief, with_it, without_it, gains[:, 0] - gains[:, 1]),
        value=changed,
        runs=_runs(belief, changed, value[:, 1]),
        runs_so_far=belief.runs,
    )


def _difference(
    belief: Belief, with_it: Recipe, without_it: Recipe, draws: NDArray[np.float64]
) -> dict[str, Estimate]:
    """Per objective, in its unit; exact where both recipes are known exactly."""
    found = estimates.of_draws(belief, draws)
    known, before = estimates.exact(belief, with_it), estimates.exact(belief, without_it)
    for name in known.keys() & before.keys():
        mean = known[name].mean - before[name].mean
        found[name] = replace(known[name], mean=mean, low=mean, high=mean)
    return found


def _in_margins(belief: Belief, draws: NDArray[np.float64]) -> Estimate:
    level = belief.problem.level
    mean, low, high = interval(draws, level, width=width_of(belief))
    return Estimate(mean=mean, low=low, high=high, level=level, unit="margins")


def _runs(belief: Belief, changed: Estimate, reached: NDArray[np.float64]) -> Estimate | None:
    """Runs to win a loss back, at so many runs a margin as were needed so far."""
    value = float(np.median(reached))
    if value <= 0.0:
        return None
    pace = belief.runs / value
    mean, low, high = (
        max(0.0, -end) * pace for end in (changed.mean, changed.high or 0.0, changed.low or 0.0)
    )
    return Estimate(mean=mean, low=low, high=high, level=changed.level, unit="runs")
