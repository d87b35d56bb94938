"""Does a null candidate merge more often than alpha allows? Simulated, with a look after each pair.

Quick forms with fixed seeds. Each bound is the 99% quantile of the binomial at the claimed rate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from mainstem import Objective
from mainstem.decisions import confirm
from mainstem.decisions.belief import Scale
from mainstem.decisions.problem import Problem, Result
from mainstem.stats import evidence

if TYPE_CHECKING:
    from collections.abc import Callable

ALPHA = 0.05
CAMPAIGNS = 400
PAIRS = 60
MOST = int(stats.binom.ppf(0.99, CAMPAIGNS, ALPHA))

ARMS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "normal": lambda rng, size: rng.standard_normal(size),
    "t3": lambda rng, size: rng.standard_t(3, size),
    "lognormal": lambda rng, size: rng.lognormal(size=size),
    "exponential": lambda rng, size: rng.exponential(size=size),
}


def ever(d: np.ndarray, bar: float) -> bool:
    """Whether the deciding evidence reaches the bar at any look."""
    return any(evidence.log_evidence(d[:k]) >= bar for k in range(1, len(d) + 1))


@pytest.mark.parametrize("arm", ARMS)
def test_equal_arms_are_told_apart_no_oftener_than_alpha(arm: str) -> None:
    """Candidate and trunk of one distribution, the plain threshold 1 / alpha, 60 looks each.

    The claim is exact for any noise: at most 31 of 400 is its 99% bound.
    """
    rng = np.random.default_rng(11)
    bar = float(np.log(1.0 / ALPHA))
    draw = ARMS[arm]
    merged = sum(ever(draw(rng, PAIRS) - draw(rng, PAIRS), bar) for _ in range(CAMPAIGNS))
    assert merged <= MOST


def judged(d: np.ndarray) -> confirm.Outcome:
    """What confirmation says of a first candidate with these differences and a quiet guard."""
    objectives = (Objective("loss", margin=1.0), Objective("size", margin=1.0, role="guard"))
    problem = Problem(proposals=("a",), objectives=objectives, alpha=ALPHA)
    pairs = tuple(
        confirm.Pair(
            seed=seed,
            trunk=Result(trial=1, recipe=frozenset(), seed=seed, values={"loss": g, "size": 1.0}),
            candidate=Result(
                trial=2, recipe=frozenset("a"), seed=seed, values={"loss": 0.0, "size": 1.0}
            ),
        )
        for seed, g in enumerate(d)
    )
    return confirm.judge(
        problem,
        number=1,
        recipe=frozenset("a"),
        baseline=frozenset(),
        pairs=pairs,
        scale=Scale(trunk=np.zeros(2), margin=np.ones(2), sign=-np.ones(2)),
        exact=(False, True),
    ).outcome


def test_confirmation_decides_as_the_evidence_does_at_its_own_threshold() -> None:
    """The rule that merges, on the same nulls: candidate 1 is held to pi^2 / 6 alpha.

    Twelve pairs and 150 campaigns; 10 is the 99% bound of 150 times 6 alpha / pi^2. What it merges
    is exactly what reached that threshold, so the counts above carry over.
    """
    rng = np.random.default_rng(12)
    bar = float(np.log(evidence.spending(1) / ALPHA))
    merged = 0
    for _ in range(150):
        d = rng.exponential(size=12) - rng.exponential(size=12)
        confirmed = judged(d) is confirm.Outcome.CONFIRMED
        assert confirmed == ever(d, bar)
        merged += confirmed
    assert merged <= int(stats.binom.ppf(0.99, 150, ALPHA / evidence.spending(1)))


def test_the_count_can_fail() -> None:
    """A fixed-size t test looked at after every pair is far over the bound: looking is not free."""
    rng = np.random.default_rng(13)
    sizes = np.arange(2, PAIRS + 1)
    thresholds = stats.t.ppf(1.0 - ALPHA, sizes - 1)
    merged = 0
    for _ in range(CAMPAIGNS):
        d = rng.standard_normal(PAIRS)
        t = [d[:k].mean() / (d[:k].std(ddof=1) / np.sqrt(k)) for k in sizes]
        merged += bool(np.any(t >= thresholds))
    assert merged > 2 * MOST
