from __future__ import annotations

import numpy as np
import pytest

from mainstem.stats.effects import MOST_PAIRED, Effects
from mainstem.stats.landscape import Sketch
from mainstem.stats.remainder import RATES, Near
from mainstem.stats.together import together

RNG = np.random.default_rng(5)


def drawn(n: int, seen: np.ndarray, rates: list[int]) -> Sketch:
    """A function of n proposals with remainders of these decays."""
    effects = Effects(n=n)
    return Sketch(
        form=effects.form(RNG.standard_normal(effects.size)),
        seen=seen,
        pulls={rate: RNG.standard_normal(len(seen)) for rate in rates},
    )


@pytest.mark.parametrize("n", [1, 7, MOST_PAIRED + 3])
@pytest.mark.parametrize("runs", [0, 9])
def test_each_is_what_it_is_alone(n: int, runs: int) -> None:
    """With one remainder, several or none, also where no pair has an effect of its own."""
    seen, x = ((RNG.random((size, n)) > 0.5).astype(float) for size in (runs, 12))
    some = [drawn(n, seen, rates) for rates in ([0], [], [2, 1], list(range(RATES)), [0])]
    found = together(some).at(x, Near(x, seen))
    assert found == pytest.approx(np.stack([one.at(x) for one in some], axis=1))
    assert together(some).at(x[:0], Near(x[:0], seen)).shape == (0, 5)
