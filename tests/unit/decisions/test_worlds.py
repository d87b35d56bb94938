"""Worlds of a campaign: draws of all that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mainstem import Integrator, Objective
from mainstem.decisions.contribution import width_of
from mainstem.stats import walsh
from mainstem.stats.worlds import Where

if TYPE_CHECKING:
    from mainstem.decisions.worlds import Worlds

N, COUNT = 5, 400
CUBE = walsh.cube(N)
NAMES = "abcde"


@pytest.fixture(scope="module")
def integrator() -> Integrator:
    """Twenty runs: a and b gain, less together, c harms; d crashes beside e; size is exact."""
    found = Integrator(
        proposals=NAMES,
        objectives=[
            Objective("loss", margin=0.5),
            Objective("size", margin=10.0, role="guard", direction="maximize"),
        ],
        conflicts=[{"a", "e"}],
        seed=3,
    )
    rng = np.random.default_rng(0)
    at = np.concatenate([np.zeros(3, np.int64), [1, 2, 3, 4, 8, 16, 9], rng.integers(0, 2**N, 14)])
    for seed, row in enumerate(CUBE[at]):
        recipe = {name for name, held in zip(NAMES, row, strict=True) if held}
        if {"a", "e"} <= recipe:
            continue
        gain = row @ [1.0, 0.8, -0.7, 0.3, 0.0] - 0.9 * row[0] * row[1]
        values = {"loss": 5.0 - gain + 0.3 * rng.normal(), "size": 100.0 - 4.0 * row[2]}
        found.observe(recipe, seed, None if {"d", "e"} <= recipe else values)
    found.observe({"d", "e"}, 99, None)
    return found


@pytest.fixture(scope="module")
def worlds(integrator: Integrator) -> Worlds:
    """Its worlds."""
    found = integrator.worlds(COUNT)
    assert found is not None
    return found


def test_worlds_agree_with_the_integrators_own_estimates(
    integrator: Integrator, worlds: Worlds
) -> None:
    """Medians and the ends of intervals of the gain of some recipes, within five standard errors.

    The integrator reads independent draws, 256 of them. A quantile's standard error is that of a
    normal density at it, 1.25 sd/sqrt(S) in the middle and 2.1 at a twentieth.
    """
    belief, where = worlds.belief, Where(CUBE)
    gains = np.array([worlds.world(s).at(where)[0] for s in range(COUNT)])
    assert gains[:, 0] == pytest.approx(0.0, abs=1e-12)
    width = width_of(belief)
    for place in (1, 2, 3, 8, 7, 20):
        recipe = {name for name, held in zip(NAMES, CUBE[place], strict=True) if held}
        theirs, ours = integrator.gain(recipe)["loss"], gains[:, place, 0]
        assert theirs.low is not None
        assert theirs.high is not None
        error = ours.std() * np.sqrt(1.0 / COUNT + 1.0 / 256)
        middle = np.median(ours)
        assert abs(theirs.mean - middle) < 5.0 * 1.25 * error
        for end, tail in ((theirs.low, 0.05), (theirs.high, 0.95)):
            own = theirs.mean + (end - theirs.mean) / width
            assert abs(own - np.quantile(ours, tail)) < 5.0 * 2.1 * error


def test_what_is_exact_is_the_same_in_all_worlds(worlds: Worlds) -> None:
    """A deterministic objective of recipes that ran has its value, and its runs do not scatter."""
    where = Where(CUBE[[4, 9]])
    for s in range(3):
        world = worlds.world(s)
        gains, sds = world.at(where)
        assert gains[:, 1] == pytest.approx([-4.0, 0.0], abs=0.01)
        assert np.all(sds[:, 1] == 0.0)
        assert np.all(sds[:, 0] > 0.1)


def test_what_cannot_be_merged_or_crashed_runs_in_no_world(worlds: Worlds) -> None:
    """Nor does what holds it; what ran runs in every world."""
    a_e, d_e, b_d_e, ran = CUBE[17], CUBE[24], CUBE[26], CUBE[9]
    for s in range(10):
        assert worlds.world(s).runs(np.array([a_e, d_e, b_d_e, ran])).tolist() == [
            False,
            False,
            False,
            True,
        ]


def test_what_is_suspected_crashes_in_as_many_worlds_as_it_is_likely(worlds: Worlds) -> None:
    """A pair that never met crashes in its share of worlds, within five standard errors."""
    crashes = worlds.belief.crashes
    together = {m: g for m, g in zip(crashes.sets, crashes.guilt, strict=True) if len(m) == 2}
    members, guilt = max(
        ((m, g) for m, g in together.items() if m not in {(3, 4), (0, 4)} and g < 0.9),
        key=lambda pair: pair[1],
    )
    row = np.zeros((1, N))
    row[0, list(members)] = 1.0
    broken = np.mean([not worlds.world(s).runs(row)[0] for s in range(COUNT)])
    assert guilt > 0.001
    assert abs(broken - guilt) < 5.0 * np.sqrt(guilt * (1.0 - guilt) / COUNT) + 1.0 / COUNT


def test_there_are_no_worlds_before_the_trunk_has_run() -> None:
    """And none of a number that makes no sense."""
    empty = Integrator(proposals="a", objectives=[Objective("loss", margin=1.0)])
    assert empty.worlds(3) is None
    with pytest.raises(ValueError, match="0 worlds of seed 0"):
        empty.worlds(0)


def test_worlds_depend_on_their_number_and_seed_alone(integrator: Integrator) -> None:
    """Made again they are the same; of another seed they are others."""
    where = Where(CUBE)

    def gains(seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        found = integrator.worlds(20, seed=seed)
        assert found is not None
        return found.world(11).at(where)[0]

    assert np.array_equal(gains(0), gains(0))
    assert not np.allclose(gains(0), gains(1))
