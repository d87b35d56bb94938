from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mainstem.lab.policies.evidence import weigh
from tests.unit.lab.worlds import desk, game, three


def test_the_p_value_is_that_of_students_test() -> None:
    """Of scipy, one-sided with pooled variances, for 4 runs against 3."""
    at = desk(game(three(noise=1.0)))
    at.run(np.array([[False] * 3] * 3 + [[True, False, False]] * 4))
    found = weigh(at, 0)
    assert found is not None
    ours, theirs = at.runs_of(at.with_(0))[:, 0], at.runs_of(at.trunk)[:, 0]
    expected = stats.ttest_ind(ours, theirs, alternative="greater")
    assert found.p_value(at.improves) == pytest.approx(expected.pvalue)
    assert found.score == pytest.approx((ours.mean() - theirs.mean()) / 0.5)
    assert found.score_se == pytest.approx(found.score / expected.statistic)
    assert found.runs == 4


def test_one_run_in_each_arm_proves_nothing() -> None:
    """There is no variance to go by; and without a run in one arm there is no evidence."""
    at = desk(game(three(noise=1.0)))
    assert weigh(at, 0) is None
    at.run(np.array([[False] * 3, [True, False, False]]))
    found = weigh(at, 0)
    assert found is not None
    assert found.p_value(at.improves) == 1.0


def test_without_noise_a_gain_is_certain() -> None:
    """Two runs each that agree: p is 0 for a gain, 1 for a loss that also breaks the margin."""
    at = desk(game())
    at.run(np.array([[False] * 3, [True, False, False], [False, False, True]] * 2))
    gain, loss = weigh(at, 0), weigh(at, 2)
    assert gain is not None
    assert loss is not None
    assert (gain.p_value(at.improves), gain.breaks) == (0.0, False)
    assert (loss.p_value(at.improves), loss.breaks) == (1.0, True)
