"""Whole campaigns on small landscapes: is what is merged truly better, and how much of it is found?

Quick form with fixed seeds; the arena's benchmarks hold the large one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from scipy import stats

from mainstem import Integrator, Objective

CAMPAIGNS = 30
BUDGET = 60
NAMES = tuple("abcde")
PLACES = list(combinations(range(len(NAMES)), 2))
CUBE = np.array(list(product((0.0, 1.0), repeat=len(NAMES))))


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a campaign ended.

    Attributes:
        merged: True gain of what was merged, in margins; None if nothing was.
        recommended: True gain of what was recommended at the end.
        best: The largest true gain of any recipe.
    """

    merged: float | None
    recommended: float
    best: float


def endings() -> list[Ending]:
    """Thirty landscapes of main effects (mean -0.5, sd 1.5) and pairs (sd .75), noise 1."""
    found = []
    for number in range(CAMPAIGNS):
        rng = np.random.default_rng([31, number])
        main = rng.normal(-0.5, 1.5, len(NAMES))
        pair = rng.normal(0.0, 0.75, len(PLACES))
        both = np.stack([CUBE[:, i] * CUBE[:, j] for i, j in PLACES], axis=1)
        truth = {
            frozenset(n for n, on in zip(NAMES, row, strict=True) if on): float(gain)
            for row, gain in zip(CUBE, CUBE @ main + both @ pair, strict=True)
        }
        integrator = Integrator(
            proposals=NAMES,
            objectives=[Objective("loss", margin=1.0)],
            seed=number,
            budget=BUDGET,
        )
        while not integrator.done:
            for trial in integrator.ask(4):
                loss = 10.0 - truth[trial.recipe] + float(rng.standard_normal())
                integrator.tell(trial, {"loss": loss})
        best = integrator.recommend()
        found.append(
            Ending(
                merged=truth[best.recipe] if best.confirmed else None,
                recommended=truth[best.recipe],
                best=max(truth.values()),
            )
        )
    return found


def test_what_is_merged_is_better_than_the_trunk_and_most_of_the_gain_is_found() -> None:
    """Thirty campaigns, judged by the truth.

    - A merge of something that gains nothing has probability alpha: 5 of 30 is the 99% bound. What
      is worse than the trunk by a margin is never merged.
    - Where the best gain is three margins (two sds of a pair) or more, four of five merge.
    - The recipes recommended at the end hold four fifths or more of all there was to gain.
    """
    ended = endings()
    merged = [ending.merged for ending in ended if ending.merged is not None]
    assert sum(gain <= 0.0 for gain in merged) <= int(stats.binom.ppf(0.99, CAMPAIGNS, 0.05))
    assert min(merged) > -1.0
    worth = [ending for ending in ended if ending.best >= 3.0]
    assert len(worth) >= CAMPAIGNS // 5
    assert np.mean([ending.merged is not None for ending in worth]) >= 0.8
    found = sum(ending.recommended for ending in ended)
    assert found >= 0.8 * sum(ending.best for ending in ended)
