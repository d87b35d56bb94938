"""What every part of a recipe would gain over the root: joint draws, in units, for credit.

The trunk of a campaign is any recipe; credit counts from the root, the recipe with nothing, because
a merge that is forgotten would earn nothing. This reads the landscape; nothing is decided by it.

Half of the draws are of the landscape that decides and half of the same model without a warp: parts
of a recipe may be bad ones, of which the two say very different things (`stats.unwarped`).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from mainstem.decisions.belief import DRAWS, rows
from mainstem.decisions.contribution import contributions
from mainstem.decisions.members import WORTH
from mainstem.stats import landscape, sampled_shapley, shapley, unwarped

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from mainstem.decisions.belief import Belief
    from mainstem.domain.recipe import Recipe

_TAG, _FIT_TAG = 11, 12


def recipes(members: Sequence[str], held: NDArray[np.bool_]) -> list[Recipe]:
    """Coalitions, shape (A, n), as recipes of the members."""
    return [frozenset(m for m, i in zip(members, row, strict=True) if i) for row in held]


def every(members: Sequence[str]) -> list[Recipe]:
    """Every coalition of the members, in the order of `stats.shapley`."""
    return recipes(members, shapley.coalitions(len(members)))


def gains(
    belief: Belief, wanted: Sequence[Recipe], impossible: Collection[Recipe] = ()
) -> NDArray[np.float64]:
    """Joint draws of the gain over the root, in the objectives' units, shape (S, A, J).

    A recipe that cannot be merged, or that holds a set that is known to crash, is worth nothing
    beyond the root. What a deterministic objective measured is taken as it is.

    Args:
        belief: The state of knowledge.
        wanted: The recipes, A of them.
        impossible: Recipes that cannot be merged, whatever holds of larger ones.
    """
    x = rows([frozenset(), *wanted], belief.problem.proposals)
    half = DRAWS // 2
    each = [belief.draw_gains(x, _TAG)]
    if not belief.lower:  # what small runs say is known on the warped scale only
        each = [each[0][:half], _unwarped(belief).draw_gains(x, _TAG)[:half]]
    draws = np.concatenate(each)
    known = {row.tobytes(): t for t, row in enumerate(belief.x)}
    for a, row in enumerate(x):
        t = known.get(row.tobytes())
        for j, noise in enumerate(belief.noises):
            if t is not None and noise.deterministic:
                draws[:, a, j] = belief.gains[t, j]
    out = (draws[:, 1:] - draws[:, :1]) * belief.scale.margin
    out[:, ~_stands(belief, x[1:], wanted, impossible)] = 0.0
    return np.asarray(out)


def _unwarped(belief: Belief) -> Belief:
    """The same knowledge, by landscapes of the gains as they are."""

    def work_out() -> Belief:
        seed = [belief.problem.seed, belief.runs, _FIT_TAG]
        landscapes = tuple(
            unwarped.fit(
                belief.x,
                belief.gains[:, j],
                np.random.default_rng([*seed, j]),
                exact=known.deterministic,
                noise=_noise(belief, j),
            )
            for j, known in enumerate(belief.noises)
        )
        return replace(belief, landscapes=landscapes)

    return belief.once(("unwarped",), work_out)


def _noise(belief: Belief, j: int) -> NDArray[np.float64] | None:
    """Noise variances of the runs in objective j without its warp; None where there is no noise."""
    model = belief.landscapes[j]
    if belief.noises[j].deterministic or not isinstance(model, landscape.Landscape):
        return None
    return unwarped.noise_beside(model, belief.x, belief.gains[:, j])


def splits(
    belief: Belief, members: Sequence[str], impossible: Collection[Recipe] = ()
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Draws of how the gain of a recipe splits over its members, per objective.

    Args:
        belief: The state of knowledge.
        members: The members, n of them, in the order of the axes.
        impossible: Recipes that cannot be merged.

    Returns:
        `stats.shapley.split` of each draw, in the objective's unit, shape (S, n, n), and standard
        errors of sampling coalitions, shape (n,), which are 0 up to `shapley.MOST` members.

    Raises:
        ModuleNotFoundError: More members than that, and shapiq is not installed.
    """
    key = ("splits", tuple(members), frozenset(impossible))
    return belief.once(key, lambda: _splits(belief, members, impossible))


def split_in_all(
    belief: Belief, members: Sequence[str], impossible: Collection[Recipe] = ()
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """As `splits`, of the sum of the gains on all objectives to improve, in margins.

    A sum of games is divided as its parts are. The errors, of the same coalitions, are added up as
    if they were of one sign.
    """
    found = splits(belief, members, impossible)
    parts = [(*found[j], belief.scale.margin[j]) for j in belief.problem.improve]
    split = np.sum([split / margin for split, _, margin in parts], axis=0)
    return split, np.sum([error / margin for _, error, margin in parts], axis=0)


def _splits(
    belief: Belief, members: Sequence[str], impossible: Collection[Recipe]
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """What `splits` gives, worked out."""
    n, objectives = len(members), range(len(belief.problem.objectives))
    if n <= shapley.MOST:
        draws = gains(belief, every(members), impossible)
        return [(shapley.split(draws[:, :, j]), np.zeros(n)) for j in objectives]
    plan = sampled_shapley.plan(n, belief.problem.seed)
    draws = gains(belief, recipes(members, plan.coalitions), impossible)
    found = [sampled_shapley.split(draws[:, :, j], plan) for j in objectives]
    return [(one.split, one.error) for one in found]


def turned(
    belief: Belief, members: Sequence[str], impossible: Collection[Recipe] = ()
) -> NDArray[np.float64]:
    """Probability that each member turned each other one from a loss to a gain, (n, n, J).

    At [a, b]: that b gains nothing on the root, f(b) - f(root) <= 0, and gains beside a,
    f(a b) - f(a) > 0; of S draws k say so, and the probability is (k + 1/2)/(S + 1). On the
    diagonal stands 0. What cannot be merged without another gains nothing on the root.

    Args:
        belief: The state of knowledge.
        members: The members, n of them.
        impossible: Recipes that cannot be merged.
    """
    n = len(members)
    places = list(combinations(range(n), 2))
    pairs = [frozenset((members[a], members[b])) for a, b in places]
    draws = gains(belief, [*(frozenset((m,)) for m in members), *pairs], impossible)
    alone, together = draws[:, :n], draws[:, n:]
    out = np.zeros((n, n, draws.shape[2]))
    for at, pair in enumerate(places):
        for a, b in (pair, pair[::-1]):
            says = (alone[:, b] <= 0.0) & (together[:, at] - alone[:, a] > 0.0)
            out[a, b] = (says.sum(0) + 0.5) / (len(draws) + 1.0)
    return out


def _stands(
    belief: Belief,
    x: NDArray[np.float64],
    wanted: Sequence[Recipe],
    impossible: Collection[Recipe],
) -> NDArray[np.bool_]:
    """Which recipes can be merged and run, as far as is known, shape (A,)."""
    merged = np.array([recipe not in impossible for recipe in wanted], dtype=np.bool_)
    crashed = {row.tobytes() for row in belief.crashes.crashed}
    ran = np.array([row.tobytes() not in crashed for row in x], dtype=np.bool_)
    return np.asarray(merged & ran & belief.possible(x))


def belongs(belief: Belief, best: Recipe) -> NDArray[np.float64]:
    """Probability of each proposal to belong into a recipe, shape (n,), between 0 and 1.

    It belongs if it adds half a margin (`members.WORTH`) or more of value to the rest of the
    recipe; of S draws k say so, and the probability is (k + 1/2)/(S + 1), which is never certain.
    What cannot be merged with the rest, or is known to crash beside it, adds nothing.

    Args:
        belief: The state of knowledge.
        best: The recipe.
    """
    adds = np.array([c.within_value for c in contributions(belief, best)])
    joined = np.maximum(np.eye(belief.n), rows([best], belief.problem.proposals))
    adds[~belief.possible(joined)] = 0.0
    return np.asarray(((adds >= WORTH).sum(1) + 0.5) / (adds.shape[1] + 1.0))
