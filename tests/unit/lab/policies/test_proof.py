from __future__ import annotations

import numpy as np

from mainstem.lab.policies.proof import proved
from mainstem.stats import evidence
from tests.unit.lab.worlds import desk, game, three


def test_it_is_the_engines_own_evidence() -> None:
    """Proved just when the e-process of the pairs passes pi^2 k^2 / (6 alpha) on gain and margin.

    Over 1 to 16 pairs of a proposal that gains two sds; both answers occur.
    """
    seen = []
    for pairs in range(1, 17):
        at = desk(game(three(noise=1.0), budget=99))
        new = at.with_(0)
        at.run(np.array([at.trunk, new] * pairs))
        d = (at.runs_of(new) - at.runs_of(at.trunk))[:, 0]
        bar = np.log(evidence.spending(2) / 0.05)
        gains = np.max(evidence.log_path(d, bar)) >= bar
        keeps = np.max(evidence.log_path(d + 0.5, bar)) >= bar
        found = proved(at, new, at.trunk, number=2, alpha=0.05)
        assert found == (gains and keeps)
        seen.append(found)
    assert {*seen} == {True, False}


def test_without_noise_three_runs_decide_exactly() -> None:
    """The trunk's three runs agree, so its metric counts as deterministic."""
    at = desk(game())
    at.run(np.array([at.trunk, at.with_(0), at.with_(2)] * 3))
    assert proved(at, at.with_(0), at.trunk, number=1, alpha=0.05)
    assert not proved(at, at.with_(2), at.trunk, number=1, alpha=0.05)
    assert not proved(at, at.with_(1), at.trunk, number=1, alpha=0.05)
