from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mainstem.lab.landscapes.pairwise import Pairwise
from mainstem.lab.landscapes.saturating import saturating


def test_gains_stay_below_the_ceiling_and_losses_stay() -> None:
    """By the formula, from the sum of a pairwise landscape of the same effects."""
    land = saturating(8, np.random.default_rng(2), ceiling=3.0)
    plain = Pairwise(**{k: v for k, v in vars(land).items() if k != "ceiling"})
    recipes = np.random.default_rng(0).random((200, 8)) < 0.5
    total, found = plain.truth(recipes), land.truth(recipes)
    expected = np.where(total > 0.0, 3.0 * (1.0 - np.exp(-total / 3.0)), total)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert found.max() < 3.0
    assert found.min() < -1.0


def test_a_ceiling_of_nothing_is_refused() -> None:
    """With the value."""
    land = saturating(3, np.random.default_rng(0))
    with pytest.raises(ValueError, match="ceiling 0"):
        replace(land, ceiling=0.0)
