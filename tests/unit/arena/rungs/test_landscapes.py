from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from arena.landscapes import Pairwise, Rugged, bits_of
from arena.rungs.landscapes import (
    SMALL,
    TOP,
    Measured,
    Related,
    relabelled,
    shuffled,
    turned,
)

if TYPE_CHECKING:
    from pathlib import Path

N = 7


@pytest.mark.parametrize("kind", [Pairwise, Rugged])
@pytest.mark.parametrize("agreement", [0.9, 0.7, 0.4])
def test_a_drawn_small_rung_agrees_as_asked_for(
    kind: type[Pairwise | Rugged], agreement: float
) -> None:
    """By scipy's rank correlation of the true values; the top is the arena's own landscape."""
    rng = np.random.default_rng(3)
    top = kind(N, rng)
    land = Related(top, kind(N, rng), agreement=agreement)
    assert stats.spearmanr(land.means[SMALL], land.means[TOP]).statistic == pytest.approx(
        agreement, abs=0.01
    )
    assert land.agreement() == pytest.approx(agreement, abs=0.01)
    for at in range(2**N):
        assert land.truth(bits_of(at, N)) == pytest.approx(top.truth(bits_of(at, N)))
    assert land.oracle()[1] == pytest.approx(top.oracle()[1])
    assert land.means[SMALL, 0] == pytest.approx(land.means[TOP, 0])


def test_a_mixture_that_cannot_be_is_refused() -> None:
    """A landscape and itself agree by 1, and no mixture of the two agrees by less."""
    top = Pairwise(N, np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"agrees with this one by more than 0\.7"):
        Related(top, top, agreement=0.7)


@pytest.mark.parametrize("kind", [Pairwise, Rugged])
@pytest.mark.parametrize("rung", [SMALL, TOP])
def test_runs_scatter_about_the_truth(kind: type[Pairwise | Rugged], rung: int) -> None:
    """The mean of 400 seeds is within four standard errors, at the trunk and at another recipe."""
    rng = np.random.default_rng(5)
    land = Related(kind(N, rng), kind(N, rng), agreement=0.7)
    for at in (0, 42):
        recipe = bits_of(at, N)
        runs = np.array([land.evaluate(recipe, rung, seed) for seed in range(400)])
        error = runs.std(ddof=1) / 20
        assert error > 0
        assert abs(runs.mean() - land.means[rung, at]) < 4 * error
    assert land.evaluate(recipe, rung, 7) == land.evaluate(recipe, rung, 7)
    assert land.evaluate(recipe, TOP, 7) == land.evaluate(recipe, 1, 7)


def test_a_seed_picks_a_stored_run(measured: Measured) -> None:
    """Of the recipe and the rung; truth is the mean at the top."""
    recipe = bits_of(5, 3)
    assert measured.evaluate(recipe, SMALL, 3) == measured.y[0, 5, 1]
    assert measured.evaluate(recipe, TOP, 2) == measured.y[1, 5, 0]
    assert measured.truth(recipe) == pytest.approx(measured.y[1, 5].mean())
    assert measured.oracle()[1] == measured.y[1].mean(axis=1).min()
    assert measured.agreement() == pytest.approx(1.0)


def test_a_table_comes_from_its_file(tables: Path) -> None:
    """With what a top run costs in small ones."""
    land = Measured.of(tables / "tiny3.npz")
    assert (land.n, land.ticks, land.y.shape) == (3, (1, 8), (2, 8, 3))
    assert land.oracle()[0].tolist() == [1, 1, 0]
    assert 0.0 < land.trunk_sd < 0.03


def test_spoilt_rungs_leave_the_top_alone(measured: Measured) -> None:
    """And the small rung holds the same runs: of other recipes, or turned about the trunk."""
    rng = np.random.default_rng(1)
    for spoil in (shuffled, turned, relabelled):
        found = spoil(measured, rng)
        np.testing.assert_array_equal(found.y[TOP], measured.y[TOP])
        assert found.trunk_sd == measured.trunk_sd
        assert not np.allclose(found.y[SMALL], measured.y[SMALL])
    for spoil in (shuffled, relabelled):
        found = spoil(measured, rng)
        assert np.array_equal(
            np.sort(found.y[SMALL], axis=None), np.sort(measured.y[SMALL], axis=None)
        )


def test_turned_gains_are_losses_of_the_same_size(measured: Measured) -> None:
    """Over the trunk of the small rung, which stays; ranks are the opposite."""
    found = turned(measured, np.random.default_rng(0))
    before = measured.means[SMALL] - measured.means[SMALL, 0]
    np.testing.assert_allclose(found.means[SMALL] - measured.means[SMALL, 0], -before, atol=1e-12)
    assert found.agreement() == pytest.approx(-1.0)


def test_relabelled_proposals_all_do_what_another_does(measured: Measured) -> None:
    """The small rung's lone gains are those of others; trunk and all are the same."""
    found = relabelled(measured, np.random.default_rng(2))
    alone = [1, 2, 4]
    now, before = found.means[SMALL, alone], measured.means[SMALL, alone]
    assert sorted(now) == pytest.approx(sorted(before))
    assert not np.isclose(now, before).any()
    for row in (0, 7):
        assert found.means[SMALL, row] == pytest.approx(measured.means[SMALL, row])
