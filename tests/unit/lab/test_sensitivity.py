"""What assumptions matter."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mainstem.lab.landscapes.landscape import alone
from mainstem.lab.sensitivity import ASSUMPTIONS, Noisier, sensitivity
from tests.unit.lab import records

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mainstem.lab.sensitivity import Point


def test_assumptions_move_what_rules_cost_and_the_order_of_points_nothing() -> None:
    """Shares and ends for each; played backwards all is the same; and it is JSON."""
    pytest.importorskip("SALib")
    known: dict[Point, tuple[int, float]] = {}

    def backwards(
        play: Callable[[Point], tuple[int, float]], points: Sequence[Point]
    ) -> list[tuple[int, float]]:
        known.update((point, play(point)) for point in reversed(points))
        return list(known.values())

    asked = {"budget": 8, "seed": 0, "base": 8, "games": 1}
    found = sensitivity(records.recorded(), backwards, **asked)
    first = min(known)

    def known_but_one(
        play: Callable[[Point], tuple[int, float]], points: Sequence[Point]
    ) -> list[tuple[int, float]]:
        return [play(first), *(known[point] for point in points if point != first)]

    assert sensitivity(records.recorded(), known_but_one, **asked) == found
    assert found.points == 8 * (len(ASSUMPTIONS) + 2)
    assert {one.assumption.name for one in found.moved} == {one.name for one in ASSUMPTIONS}
    totals = [one.total or 0.0 for one in found.moved]
    assert totals == sorted(totals, reverse=True)
    assert totals[0] > 0.05
    assert np.isfinite([end for one in found.moved for end in (one.at_low, one.at_high)]).all()
    body = found.as_json()
    assert json.loads(json.dumps(body, allow_nan=False)) == body


def test_noise_is_multiplied_and_nothing_else_is() -> None:
    """Of a landscape that is made to scatter more."""
    landscape = records.recorded().landscape(0)
    noisy, recipes = Noisier(landscape, 2.0), alone(landscape.n)
    assert np.array_equal(noisy.truth(recipes), landscape.truth(recipes))
    assert np.array_equal(noisy.noise_sd(recipes), 2.0 * landscape.noise_sd(recipes))
    assert (noisy.n, noisy.components) == (landscape.n, landscape.components)


def test_a_value_is_said_as_it_is_meant() -> None:
    """Shares in percent, others as numbers."""
    said = {one.name: (one.said(one.low), one.said(one.high)) for one in ASSUMPTIONS}
    assert said["veto"] == ("0%", "60%")
    assert said["noise"] == ("0.5", "2")
