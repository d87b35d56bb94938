"""Learning from the best, or from the many."""

from __future__ import annotations

import numpy as np
import pytest

from mainstem.lab.scenarios import barkoczi_galesic as scenario


@pytest.fixture(scope="module")
def last() -> dict[tuple[str, str], np.ndarray]:
    """Scores at the end on six complex landscapes."""
    rng, seen = np.random.default_rng(12), ("full", "cliques")
    found = scenario.courses(scenario.COMPLEX, rng, 6, seen=seen)
    return {key: rows[:, -1] for key, rows in found.items()}


def test_the_sign_turns_with_the_rule(last: dict[tuple[str, str], np.ndarray]) -> None:
    """What cliques lose under conformity they win under the best member, by two errors."""
    gaps = [last[rule, "full"] - last[rule, "cliques"] for rule in ("conform to 3", "best of 3")]
    turned = gaps[0] - gaps[1]
    assert turned.mean() > 2.0 * turned.std(ddof=1) / np.sqrt(6)
    assert gaps[0].mean() > 0.0


def test_all_rules_and_networks_are_played_from_the_same_starts() -> None:
    """Differences are paired: every course begins with the same mean score."""
    found = scenario.courses(0, np.random.default_rng(13), 2)
    assert set(found) == {(rule, name) for rule in scenario.RULES for name in scenario.NETWORKS}
    assert len({tuple(rows[:, 0]) for rows in found.values()}) == 1
    assert all(rows.shape == (2, scenario.ROUNDS + 1) for rows in found.values())
