from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from arena.landscapes import Pairwise, Rugged, Saturating
from arena.play import Meter, play, runs_to_keep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arena.landscapes import Bits


def easy(rng: np.random.Generator) -> Pairwise:
    """Three proposals without pairs: two help by 3 and 1, one harms."""
    land = Pairwise(3, rng, noise=0.0)
    land.main[:] = [-3.0, 1.0, -1.0]
    land.pair[:] = 0.0
    return land


def steps(meter: Meter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
    """Recommends the trunk, the first proposal, and then the best recipe."""
    del budget, rng
    for said in ([0, 0, 0], [1, 0, 0], [1, 0, 1]):
        meter.evaluate(np.array([0, 1, 0]), seed=1)
        yield np.array(said)


@pytest.mark.parametrize(
    ("gains", "runs"),
    [
        ([0.95, 1.0, 0.96], 1.0),
        ([0.0, 0.94, 1.0, 1.0], 3.0),
        ([1.0, 1.0, 0.5, 0.95], 4.0),
        ([1.0, 1.0, 0.94], math.inf),
        ([0.1], math.inf),
    ],
)
def test_reaching_is_not_enough(gains: list[float], runs: float) -> None:
    """What counts is the first run from which the gain never falls below 95% again."""
    assert runs_to_keep(gains) == runs


def test_gains_are_shares_of_the_best_and_the_last_one_stands() -> None:
    """A method that ends early keeps its recommendation to the end of the budget."""
    found = play(steps, easy, 6)
    assert found.gains["own"] == pytest.approx([0.0, 0.75, 1.0, 1.0, 1.0, 1.0])
    assert found.runs == 3
    assert set(found.gains) == {"own"}


def test_a_model_is_asked_as_well_where_it_is_wanted() -> None:
    """Every rule of recommending has a gain for every run."""
    found = play(steps, easy, 6, modelled=True)
    assert set(found.gains) == {"own", "seen", "model"}
    assert {len(gains) for gains in found.gains.values()} == {6}


def test_a_budget_ends_the_method() -> None:
    """No run is scored beyond the budget."""
    found = play(steps, easy, 2)
    assert found.gains["own"] == pytest.approx([0.0, 0.75])


def test_nothing_to_gain_is_all_gained_by_the_trunk() -> None:
    """Where no recipe beats the trunk, keeping the trunk scores 1 and anything worse 0."""

    def hopeless(rng: np.random.Generator) -> Pairwise:
        land = easy(rng)
        land.main[:] = [3.0, 1.0, 1.0]
        return land

    assert play(steps, hopeless, 3).gains["own"] == [1.0, 0.0, 0.0]


def test_repeats_differ_and_stay() -> None:
    """The landscape follows from the set of repeats and the repeat's number."""
    seen = []

    def note(rng: np.random.Generator) -> Pairwise:
        seen.append(float(rng.random()))
        return easy(rng)

    for seed0, repeat in ((0, 0), (0, 1), (1, 0), (0, 0)):
        play(steps, note, 3, seed0=seed0, repeat=repeat)
    assert len(set(seen)) == 3
    assert seen[0] == seen[3]


def test_a_recommendation_per_run_is_demanded() -> None:
    """A method that runs twice between two recommendations, or never, is found out."""

    def hasty(meter: Meter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
        del budget, rng
        meter.evaluate(np.zeros(3, int), seed=1)
        meter.evaluate(np.zeros(3, int), seed=2)
        yield np.zeros(3, int)

    def idle(meter: Meter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
        del budget, rng
        yield from meter.recipes

    with pytest.raises(RuntimeError, match="1 recommendations for 2 runs"):
        play(hasty, easy, 4)
    with pytest.raises(RuntimeError, match="ran nothing"):
        play(idle, easy, 4)


def test_only_sparse_landscapes_have_a_structure_to_tell() -> None:
    """Where effects and pairs are is told, with the noise and the ceiling; sizes are not."""
    told = Meter(easy(np.random.default_rng(0))).structure()
    assert (told.main, told.pairs, told.ceiling) == ((0, 1, 2), (), None)
    assert Meter(Saturating(4, np.random.default_rng(0))).structure().ceiling == 4.0
    with pytest.raises(TypeError, match="Rugged has no sparse structure"):
        Meter(Rugged(4, np.random.default_rng(0))).structure()
