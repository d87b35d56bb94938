"""Do 80% forecasts hold 80%? Fixed seeds; the quick form of the bench."""

from __future__ import annotations

import numpy as np
import pytest

import forecasts
from tables.ladder import Climbs

STACKS = 3


@pytest.mark.slow
def test_forecasts_of_laws_of_the_family_hold_what_they_say() -> None:
    """Target 75 to 85%: thirty laws, less three standard errors (laws of a stack err together)."""
    found = [forecasts.places(*forecasts.stack(_family(), k), k) for k in range(STACKS)]
    held = forecasts.covered(np.array(found)).mean()
    error = 1.3 * np.sqrt(0.8 * 0.2 / (STACKS * forecasts.RECIPES))
    low, high = forecasts.GOAL
    assert low - 3.0 * error <= held <= high + 3.0 * error


def _family() -> forecasts.World:
    """Power laws with an offset that drift as the prior has it."""
    return forecasts.WORLDS["the fitted family, as the prior has it"]


@pytest.mark.slow
def test_a_ladder_of_a_table_is_forecast_from_an_eighth() -> None:
    """Power laws instead of real runs: most are held; a ladder that comes too near is refused."""
    rng = np.random.default_rng(8)
    scales = np.array([10.0, 15.0, 22.0, 32.0, 256.0])
    laws = 2.0 + 5.0 * scales ** -rng.uniform(0.3, 0.7, (4, 1))
    y = laws[:, :, None, None] + 0.02 * rng.standard_normal((4, 5, 3, 1))
    table = Climbs(
        y=y,
        recipes=np.arange(4),
        scales=scales,
        seeds=np.tile(np.arange(3), (5, 1)),
        proposals=("a", "b", "c"),
        objectives=("loss",),
        about={},
    )
    found = forecasts.real(table)
    assert found["recipes"] == 4
    assert found["all"] >= 2 / 4
    assert found["interval"][0] <= found["all"] <= found["interval"][1]
    near = Climbs(**{**vars(table), "scales": np.array([10.0, 15.0, 22.0, 40.0, 256.0])})
    with pytest.raises(ValueError, match=r"40 steps are more than 1/8 of 256"):
        forecasts.real(near)
