"""Does a null candidate merge more often than alpha allows, and how soon is a real gain proved?

Quick forms, with fixed seeds, of what `make bench BENCH_ARGS=evidence` simulates.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import evidence as bench
from mainstem import Objective
from mainstem.decisions import confirm
from mainstem.decisions.belief import Scale
from mainstem.decisions.problem import Problem, Result
from mainstem.stats import evidence

ALPHA = bench.ALPHA
CAMPAIGNS = 400
CLAIMED = {name: null for name, null in bench.NULLS.items() if null.rate is not None}


@pytest.mark.parametrize("margin", [0.0, bench.MARGIN], ids=["gain", "guard"])
@pytest.mark.parametrize("noise", CLAIMED)
def test_no_null_merges_oftener_than_is_claimed(noise: str, margin: float) -> None:
    """One test under its null, a look after each of 200 pairs; all other tests taken to pass.

    Alpha for arms of one distribution, up to a shift, and for Gaussian ones: exact, so at most 30
    of 400 (99% bound). Twice alpha for other shapes with a skewness of d between -1 and 1: at most
    52 (97.5%), which is measured, not proved.
    """
    null = CLAIMED[noise]
    assert null.rate is not None
    assert bench.false_merges(null, CAMPAIGNS, margin) <= bench.bound(CAMPAIGNS, null.rate)


def test_bounds_are_the_targets() -> None:
    """Of 2,000 campaigns 123 at alpha and 226 at twice alpha."""
    assert [bench.bound(2000, rate) for rate in (ALPHA, 2.0 * ALPHA)] == [123, 226]


def test_a_mean_below_zero_is_covered_too() -> None:
    """Gaussian differences with a mean of -.2 sds pass more rarely than with 0."""
    d = np.random.default_rng(14).normal(0.0, 1.0, (CAMPAIGNS, 100))
    passed = [np.sum(evidence.log_path(d - g, bench.BAR)[:, -1] >= bench.BAR) for g in (0.0, 0.2)]
    assert passed[1] < passed[0]


@pytest.mark.parametrize("effect", bench.GOALS)
def test_gains_are_proved_in_as_few_pairs_as_promised(effect: float) -> None:
    """At most .87, .95 and 1.03 of the fixed t-test's pairs, and 1.5 more for large effects.

    Three standard errors of 2,000 repeats are allowed; the bench has 20,000.
    """
    found = bench.pairs_to_decide(effect, 2000)
    assert found["mean"] <= bench.GOALS[effect] + 3.0 * found["error"]


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
    merged = 0
    for _ in range(150):
        d = rng.exponential(size=12) - rng.exponential(size=12)
        confirmed = judged(d) is confirm.Outcome.CONFIRMED
        assert confirmed == (evidence.log_path(d, bench.BAR)[-1] >= bench.BAR)
        merged += confirmed
    assert merged <= int(stats.binom.ppf(0.99, 150, ALPHA / evidence.spending(1)))


def test_the_count_can_fail() -> None:
    """A fixed-size t test looked at after every pair is far over the bound: looking is not free."""
    rng = np.random.default_rng(13)
    sizes = np.arange(2, 61)
    thresholds = stats.t.ppf(1.0 - ALPHA, sizes - 1)
    merged = 0
    for _ in range(CAMPAIGNS):
        d = rng.standard_normal(60)
        t = [d[:k].mean() / (d[:k].std(ddof=1) / np.sqrt(k)) for k in sizes]
        merged += bool(np.any(t >= thresholds))
    assert merged > 2 * bench.bound(CAMPAIGNS, ALPHA)
