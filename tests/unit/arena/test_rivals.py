from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from arena import methods
from arena.landscapes import Pairwise
from arena.play import Meter, play
from arena.rivals import quadratic, screening
from arena.rivals.told import Told

N = 6
HARD_TO_MISS = [-2.0, 1.5, -1.0, 1.0, -1.5, 2.0]


def easy(rng: np.random.Generator) -> Pairwise:
    """Six proposals without pairs and almost without noise."""
    land = Pairwise(N, rng, noise=1e-3)
    land.main[:] = HARD_TO_MISS
    land.pair[:] = 0.0
    return land


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [*methods.DEFAULTS, *methods.VARIANTS])
def test_every_method_solves_an_easy_landscape(name: str) -> None:
    """Each ends at the best of 64 recipes; those whose packages are not here are left out."""
    entrant = methods.entrant(name)
    if entrant.lacks:
        pytest.skip(f"needs {', '.join(entrant.lacks)}")
    budget = 48 if entrant.slow else 240
    found = play(entrant.play, easy, budget, modelled=entrant.modelled)
    assert max(gains[-1] for gains in found.gains.values()) == pytest.approx(1.0)
    assert all(len(gains) == budget for gains in found.gains.values())
    assert entrant.libraries().keys() == set(entrant.needs)


@pytest.mark.parametrize("name", ["greedy", "tpe", "bocs", "told", "mainstem_search"])
@pytest.mark.filterwarnings("ignore")
def test_a_repeat_repeats_itself(name: str) -> None:
    """The same set of repeats and number give the same course, bit by bit."""
    entrant = methods.entrant(name)
    if entrant.lacks:
        pytest.skip(f"needs {', '.join(entrant.lacks)}")
    left, right = (
        play(entrant.play, lambda rng: Pairwise(N, rng), 30, seed0=1, repeat=2) for _ in range(2)
    )
    assert left.gains == right.gains


def test_an_unknown_method_is_named() -> None:
    """With the methods that there are."""
    with pytest.raises(ValueError, match=r"no method 'magic'.*greedy"):
        methods.entrant("magic")


def test_the_screening_design_is_orthogonal() -> None:
    """All columns of a Paley design are orthogonal and balanced but for its size of 4k."""
    for n in (6, 11, 20):
        design = screening.paley(n)
        gram = design.T @ design
        assert np.array_equal(gram, len(design) * np.eye(design.shape[1], dtype=int))
        assert design.shape[1] >= n


def test_minimisers_are_those_of_brute_force() -> None:
    """Single flips from every recipe end at the lowest one, for one objective and for several."""
    rng = np.random.default_rng(2)
    pairs = np.triu_indices(5, 1)
    main, weights = rng.normal(size=(3, 5)), rng.normal(size=(3, 10))
    both = quadratic.symmetric(weights, pairs, 5)
    every = np.array(list(product((0, 1), repeat=5)))
    found = quadratic.least(main, both, np.broadcast_to(every, (3, 32, 5)))
    values = quadratic.features(every, pairs) @ np.hstack([main, weights]).T
    assert np.array_equal(found, every[values.argmin(axis=0)])
    assert np.array_equal(quadratic.least(main[0], both[0], every), found[0])


def test_the_told_learner_is_plain_bayesian_regression() -> None:
    """Without a ceiling its posterior is that of weighted least squares with the prior as rows."""
    land = Pairwise(N, np.random.default_rng(4))
    meter = Meter(land)
    model = Told(meter.structure(), N)
    rng = np.random.default_rng(5)
    x = rng.integers(0, 2, (20, N))
    y = np.array([meter.evaluate(row, seed) for seed, row in enumerate(x)])
    model.learn(x, y)
    f = np.hstack([model.features(x), np.ones((20, 1))])
    mains = len(meter.structure().main)
    sd = np.sqrt([1.25] * mains + [1.09] * (f.shape[1] - mains - 1) + [100.0])
    rows = np.vstack([f, np.diag(1.0 / sd)])
    by_rows, *_ = np.linalg.lstsq(rows, np.concatenate([y, np.zeros(len(sd))]), rcond=None)
    assert model.mean == pytest.approx(by_rows[:-1])
    assert model.covariance == pytest.approx(np.linalg.inv(rows.T @ rows)[:-1, :-1])


def test_our_version_follows_the_sources_that_decide() -> None:
    """Results are filed under a digest of our own code, so that they are never taken for newer."""
    assert len(methods.entrant(methods.OURS).version) == 10
    assert all(methods.entrant(name).version.isdecimal() for name in methods.RIVALS)
