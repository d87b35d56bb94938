"""Is what `plan` names merged as often as it says? Whole campaigns, in a quick form."""

from __future__ import annotations

import numpy as np
from scipy import stats

import plans as bench


def test_an_effect_that_plan_names_is_merged_as_often_as_it_says() -> None:
    """One proposal of four has the effect that 40 runs are said to merge with probability .8.

    Of 24 campaigns .72 to .90 is the goal; the bounds are the 1% quantiles of the binomial at its
    ends. `make bench BENCH_ARGS=plans` plays 500 of several kinds.
    """
    cell = bench.CELLS["4 proposals, 40 runs"]
    effect = bench.stated(cell)
    merged = sum(bench.merged(cell, effect, number) for number in range(24))
    low, high = bench.GOAL
    assert stats.binom.ppf(0.01, 24, low) <= merged <= stats.binom.ppf(0.99, 24, high)


def test_half_of_that_effect_is_merged_rarely() -> None:
    """So the count can fail: `plan` does not name an effect that any campaign would merge."""
    cell = bench.CELLS["4 proposals, 40 runs"]
    merged = [bench.merged(cell, 0.4 * bench.stated(cell), number) for number in range(12)]
    assert np.mean(merged) < bench.GOAL[0]
