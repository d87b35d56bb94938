from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats

from mainstem.stats import replication

counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts, st.sampled_from([0.8, 0.9, 0.99]))
def test_intervals_are_scipys(count: tuple[int, int], level: float) -> None:
    """Both intervals agree with scipy's binomial test, which computes them otherwise."""
    held, tried = count
    oracle = stats.binomtest(held, tried)
    for method, interval in (
        ("wilson", replication.wilson),
        ("exact", replication.clopper_pearson),
    ):
        ends = oracle.proportion_ci(level, method=method)  # type: ignore[arg-type]  # the stubs want a literal
        found = interval(held, tried, level)
        assert (found.low, found.high) == pytest.approx((ends.low, ends.high), abs=1e-8)
        assert found.low <= found.share <= found.high


@pytest.mark.parametrize(("held", "tried"), [(0, 0), (3, 2), (-1, 4)])
@pytest.mark.parametrize("interval", [replication.wilson, replication.clopper_pearson])
def test_what_is_no_share_is_refused(interval: object, held: int, tried: int) -> None:
    """Nothing tried, or more held than tried, has no interval: an error, not (0, 0)."""
    with pytest.raises(ValueError, match=f"{held} of {tried} is no share"):
        interval(held, tried, 0.9)  # type: ignore[operator]  # one of two functions


def test_two_groups_are_compared_by_fishers_test() -> None:
    """The p-value is the sum of hypergeometric tables no likelier than this one, whole or not."""
    held = np.repeat([True, False, True, False], [7, 2, 3, 8])
    group = np.repeat(["a", "a", "b", "b"], [7, 2, 3, 8])
    pmf = stats.hypergeom(20, 10, 9).pmf(np.arange(10))
    exact = pmf[pmf <= pmf[7] * (1.0 + 1e-9)].sum()
    rng = np.random.default_rng(0)
    assert replication.difference_p(rng, held, group) == pytest.approx(exact)


def test_three_groups_are_compared_at_once() -> None:
    """One of three groups that never holds is found, equal ones are not."""
    rng = np.random.default_rng(1)
    group = np.repeat([0, 1, 2], 20)
    equal = np.tile([True, False], 30)
    found = [replication.difference_p(rng, held, group) for held in (equal, equal & (group > 0))]
    assert found[0] is not None
    assert found[1] is not None
    assert found[1] < 0.01 < found[0]


@pytest.mark.parametrize("held", [[True] * 4, [False] * 4])
def test_what_does_not_vary_has_no_p_value(held: list[bool]) -> None:
    """All or none held, or one group: None."""
    rng = np.random.default_rng(2)
    assert replication.difference_p(rng, np.array(held), np.array([0, 0, 1, 1])) is None
    assert replication.difference_p(rng, np.array([True, False]), np.array([1, 1])) is None
