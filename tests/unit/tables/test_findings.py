from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from tables import findings
from tables.table import Objective, Table

# Two proposals that each win and spoil each other, and a third that only helps beside the first.
MEANS = np.array([10.0, 8.0, 9.0, 8.5, 11.0, 6.0, 10.5, 7.0])
"""Rows: trunk, a, b, ab, c, ac, bc, abc."""


def exact(means: np.ndarray) -> np.ndarray:
    """Runs on three seeds that differ by very little."""
    return means[:, None] + np.array([-1e-6, 0.0, 1e-6])


def test_lone_winners_are_found_and_merged() -> None:
    """Two win alone by 2 and 1, one loses; merging both winners gets rank 4, 3/8 of the gain."""
    gains, error = findings.gains_alone(exact(MEANS))
    np.testing.assert_allclose(gains, [2.0, 1.0, -1.0])
    assert error == pytest.approx(1e-6 * (2 / 3) ** 0.5)
    merged = findings.all_winners(exact(MEANS))
    assert merged == 0b011
    assert findings.rank(MEANS, merged) == 4
    assert findings.share_of_best(MEANS, merged) == pytest.approx(1.5 / 4)


def test_a_share_of_nothing_is_refused() -> None:
    """Where the trunk is the best there is no gain to have a share of."""
    with pytest.raises(ValueError, match="better than the trunk"):
        findings.share_of_best(np.array([0.0, 1.0]), 1)


def test_winners_that_spoil_each_other_are_counted() -> None:
    """On the trunk the pair a, b is spoilt, clearly; everywhere, only cases of two winners count.

    With a as the trunk, only c wins; with b, a and c lose and win: no pair; with c, a and b win and
    are worse together; so two pairs, both spoilt.
    """
    found = findings.spoilt_on_trunk(exact(MEANS))
    assert found == findings.Spoilt(pairs=1, worse=1, clearly=1)
    assert findings.spoilt_anywhere(exact(MEANS)) == findings.Spoilt(pairs=2, worse=2, clearly=2)


def test_what_noise_may_explain_is_not_clear() -> None:
    """With an sd of 3 the same table has the same winners, and nothing clear."""
    loud = MEANS[:, None] + np.array([-3.0, 0.0, 3.0])
    assert findings.spoilt_on_trunk(loud) == findings.Spoilt(pairs=1, worse=1, clearly=0)
    assert findings.spoilt_anywhere(loud).pairs == 0


def test_no_winner_means_no_pair() -> None:
    """A trunk that nothing improves gives empty counts, not an error."""
    assert findings.spoilt_on_trunk(exact(-MEANS)).pairs == 0


def test_greedy_ends_where_trying_by_hand_ends() -> None:
    """Each order of the proposals is walked plainly; chance finds the same ends, as often."""
    ends = []
    for order in permutations(range(3)):
        kept = 0
        for i in order:
            if MEANS[kept | 1 << i] < MEANS[kept]:
                kept |= 1 << i
        ends.append(kept)
    found = findings.greedy(MEANS, np.random.default_rng(0), 6000)
    for end in range(8):
        expected = ends.count(end) / 6
        error = (expected * (1 - expected) / 6000) ** 0.5
        assert abs((found == end).mean() - expected) <= 4 * error


def test_the_gain_of_a_best_by_luck_is_seen_through() -> None:
    """Where recipes differ by noise alone, the best promises much and other seeds say nothing."""
    rng = np.random.default_rng(0)
    honest = []
    for _ in range(200):
        runs = rng.normal(size=(64, 3))
        assert runs.mean(axis=1)[0] - runs.mean(axis=1).min() > 0.5 or runs.mean(axis=1)[0] < 0
        honest.append(findings.honest_gain_of_best(runs))
    assert abs(np.mean(honest)) < 4 * np.std(honest) / 200**0.5


def test_a_model_of_main_effects_misses_what_a_pair_makes() -> None:
    """The best by order 3 is the best there is; here main effects alone choose it as well."""
    assert findings.best_by_order(MEANS, 3)[-1] == MEANS.argmin()
    xor = np.array([1.0, 0.0, 0.0, 0.9])
    assert findings.best_by_order(xor, 1) == [0b11]
    assert findings.best_by_order(xor, 2)[1] in {0b01, 0b10}


def test_local_minima_and_contexts_are_counted_by_hand() -> None:
    """Ac is the only recipe no flip improves; a helps in all four contexts, c in two, b in two."""
    assert findings.local_minima(MEANS) == 1
    np.testing.assert_allclose(findings.helps_in(MEANS), [1.0, 0.5, 0.5])
    np.testing.assert_allclose(findings.average_gains(MEANS), [2.75, 0.0, 0.25])


def test_guards_bind_at_their_margin(small_table: Table) -> None:
    """A recipe that loses exactly the margin is within it, one that loses more is not."""
    y = small_table.y.copy()
    y[:, :, 1] = np.array([1, 3, 3.5, 0, 1, 1, 9, 1])[:, None]
    table = Table(**{**vars(small_table), "y": y})
    assert findings.within_guards(table).tolist() == [True, True, False, *[True] * 3, False, True]


def test_a_guard_that_is_maximised_binds_from_below(small_table: Table) -> None:
    """What counts is a loss, whatever the direction."""
    speed = Objective(name="speed", unit="1/s", direction="maximize", role="guard", margin=1.0)
    y = small_table.y.copy()
    y[:, :, 1] = np.arange(8)[::-1, None]
    table = Table(**{**vars(small_table), "y": y, "objectives": (small_table.objectives[0], speed)})
    assert findings.within_guards(table).tolist() == [True, True, *[False] * 6]


@pytest.mark.parametrize("slope", [0.0, 2.0])
def test_noise_in_proportion_has_slope_two(slope: float) -> None:
    """4,096 recipes of three runs; pooled over twentieths, the slope is right to 0.15."""
    rng = np.random.default_rng(0)
    means = np.exp(rng.normal(size=4096) * 0.5)
    runs = means[:, None] + 0.02 * means[:, None] ** (slope / 2) * rng.normal(size=(4096, 3))
    found = findings.noise(runs)
    assert found.slope == pytest.approx(slope, abs=0.15)
    assert abs(found.skewness) < 0.3
    assert (np.diff(found.sd_by_fifth) > 0).all() == bool(slope)


def test_skewed_noise_is_seen() -> None:
    """Exponential noise has a skewness of 2; the best fifth of 4,096 says so within 0.6."""
    rng = np.random.default_rng(0)
    runs = 100 + rng.uniform(size=4096)[:, None] * 50 + rng.exponential(size=(4096, 3))
    assert findings.noise(runs).skewness == pytest.approx(2, abs=0.6)
