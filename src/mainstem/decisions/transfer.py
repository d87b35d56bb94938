"""Whether small-scale evidence holds: per proposal, and over all recipes that ran.

Everything is read off joint draws of the landscapes of all rungs, so an effect that only small runs
know has as wide an interval at the rung that decides as what carries over is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from mainstem.decisions.contribution import interval, width_of
from mainstem.domain.transfer import Agreement, AtRung, Holding, Transfer
from mainstem.domain.verdict import Estimate
from mainstem.stats.effects import distinct, keys
from mainstem.stats.rungs import Raised

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mainstem.decisions.belief import Belief

SURE = 0.9
"""Posterior probability from which an effect has surely held, or turned."""

LEAST_RECIPES = 3
"""Fewer recipes have no order to speak of."""

_TAG, _RANK_TAG = 17, 18


def transfers(belief: Belief) -> list[Transfer]:
    """Every proposal outside the trunk, per objective; none where nothing ran below."""
    if not belief.lower:
        return []
    places = np.flatnonzero(belief.free)
    alone = np.maximum(np.eye(belief.n)[places], belief.trunk_row)
    draws = [d * belief.scale.margin for d in belief.draw_rungs(alone, _TAG, compressed=False)]
    return [
        _transfer(belief, int(place), j, [each[:, at, j] for each in draws])
        for at, place in enumerate(places)
        for j in range(len(belief.problem.objectives))
    ]


def _transfer(belief: Belief, place: int, j: int, draws: list[NDArray[np.float64]]) -> Transfer:
    """One proposal on one objective, from its effect's draws at each rung, each of shape (S,)."""
    same = float(np.mean(np.sign(draws[0]) == np.sign(draws[-1])))
    margin, unit = float(belief.scale.margin[j]), belief.problem.objectives[j].unit
    small = min(float(np.mean(np.abs(each) < margin)) for each in (draws[0], draws[-1]))
    known = min(abs(float(np.mean(each > 0.0)) - 0.5) + 0.5 for each in (draws[0], draws[-1]))
    if small >= SURE:
        holding = Holding.NONE
    elif known >= SURE and max(same, 1.0 - same) >= SURE:
        holding = Holding.HELD if same >= SURE else Holding.TURNED
    else:
        holding = Holding.OPEN
    return Transfer(
        proposal=belief.problem.proposals[place],
        objective=belief.problem.objectives[j].name,
        effects=tuple(
            AtRung(
                rung=seen.rung or "",
                effect=_estimate(belief, each, unit, width_of(belief)),
                runs=int((seen.x[:, place] > 0.5).sum()),
            )
            for seen, each in zip(belief.at_rungs, draws, strict=True)
        ),
        same=same,
        holding=holding,
    )


def agreements(belief: Belief) -> list[Agreement]:
    """How far each lower rung orders the recipes that ran as the deciding one does.

    None of a rung with fewer than `LEAST_RECIPES` recipes between the two.
    """
    return [
        _agreement(belief, at, j)
        for at in range(len(belief.lower))
        for j in range(len(belief.problem.objectives))
        if len(_either(belief, at)) >= LEAST_RECIPES
    ]


def _either(belief: Belief, at: int) -> NDArray[np.float64]:
    """The distinct recipes that ran at a lower rung or the deciding one, shape (R, n)."""
    return distinct(np.concatenate([belief.lower[at].x, belief.x]))[0]


def _agreement(belief: Belief, at: int, j: int) -> Agreement:
    """One lower rung on one objective."""
    lower, x = belief.lower[at], _either(belief, at)
    draws = belief.once(("ranked", at), lambda: belief.draw_rungs(x, _RANK_TAG, compressed=False))
    small, top = (_ranks(each[:, :, j]) for each in (draws[at], draws[-1]))
    small, top = small - small.mean(1, keepdims=True), top - top.mean(1, keepdims=True)
    spread = np.sqrt((small**2).sum(1) * (top**2).sum(1))
    rank = np.divide((small * top).sum(1), spread, out=np.zeros(len(small)), where=spread > 0.0)
    above = (*belief.lower, belief.top)[at + 1].landscapes[j]
    if not isinstance(above, Raised):
        raise TypeError("a landscape with others below it is raised above them")
    beta = above.chain_beta[:, 0] + np.multiply.outer(_NORMAL, above.chain_beta[:, 1])
    return Agreement(
        rung=lower.rung or "",
        objective=belief.problem.objectives[j].name,
        rank=_estimate(belief, rank),
        recipes=len(x),
        both=len(set(keys(lower.x)) & set(keys(belief.x))),
        carries=_estimate(belief, beta.reshape(-1)),
    )


def _ranks(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """The place of each recipe in each draw, shape (S, A); draws have no ties but of equals."""
    return np.asarray(draws.argsort(axis=1).argsort(axis=1), dtype=np.float64)


_NORMAL = special.ndtri((np.arange(64) + 0.5) / 64)
"""Evenly spaced quantiles of a standard normal."""


def _estimate(
    belief: Belief, draws: NDArray[np.float64], unit: str = "", width: float = 1.0
) -> Estimate:
    """Draws, shape (S,), as an estimate."""
    level = belief.problem.level
    mean, low, high = interval(draws, level, width=width)
    return Estimate(mean=mean, low=low, high=high, level=level, unit=unit)
