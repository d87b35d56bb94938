from __future__ import annotations

import numpy as np
import pytest

from mainstem.stats import acquisition
from mainstem.stats.acquisition import Draws, choose, knowledge_gradient


def joint(seed: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """A mean and a covariance of a few recipes."""
    rng = np.random.default_rng(seed)
    half = rng.normal(size=(size, size))
    return rng.normal(size=size), half @ half.T / size + 0.1 * np.eye(size)


def draws_with(mean: np.ndarray, cov: np.ndarray, count: int = 400) -> np.ndarray:
    """Draws whose sample mean and covariance are exactly these, shape (count, M)."""
    white = np.random.default_rng(1).standard_normal((count, len(mean)))
    white -= white.mean(0)
    white = white @ np.linalg.inv(np.linalg.cholesky(white.T @ white / count)).T
    return mean + white @ np.linalg.cholesky(cov).T


@pytest.mark.parametrize("seed", range(4))
def test_knowledge_gradient_is_what_a_simulated_run_adds(seed: int) -> None:
    """Simulating truth, run, and Bayes' rule gives the same worth, recipe by recipe.

    Tolerance: three standard errors of 100,000 simulations (0.01), and the quadrature's corners.
    """
    mean, cov = joint(seed, 4)
    noise_var = np.array([0.5, 0.1, 1.0, 0.3])
    rng = np.random.default_rng(seed + 50)
    worth = knowledge_gradient(Draws.of(draws_with(mean, cov)), noise_var)
    for at in range(4):
        truth = rng.multivariate_normal(mean, cov, size=100_000)
        seen = truth[:, at] + np.sqrt(noise_var[at]) * rng.standard_normal(100_000)
        gain = cov[:, at] / (cov[at, at] + noise_var[at])
        updated = mean + (seen - mean[at])[:, None] * gain
        # What the recipe recommended after the run is truly worth, over the one before it.
        chosen = truth[np.arange(100_000), updated.argmax(1)]
        assert worth[at] == pytest.approx(chosen.mean() - mean.max(), abs=0.02)


@pytest.mark.parametrize("seed", range(3))
def test_a_run_shows_a_level_and_not_a_gain(seed: int) -> None:
    """Gains over a trunk that is not known exactly: simulated runs of levels give the same worth.

    Tolerance: as above. The trunk is the first recipe.
    """
    mean, cov = joint(seed, 4)
    noise_var = np.array([0.5, 0.1, 1.0, 0.3])
    rng = np.random.default_rng(seed + 50)
    levels = draws_with(mean, cov)
    gains, expected = levels - levels[:, :1], mean - mean[0]
    worth = knowledge_gradient(Draws.of(gains), noise_var, None, Draws.of(levels))
    for at in range(4):
        truth = rng.multivariate_normal(mean, cov, size=100_000)
        seen = truth[:, at] + np.sqrt(noise_var[at]) * rng.standard_normal(100_000)
        moved = (cov[:, at] - cov[0, at]) / (cov[at, at] + noise_var[at])
        updated = expected + (seen - mean[at])[:, None] * moved
        chosen = (truth - truth[:, :1])[np.arange(100_000), updated.argmax(1)]
        assert worth[at] == pytest.approx(chosen.mean() - expected.max(), abs=0.02)


def test_a_level_that_is_known_is_not_run_again_for_the_trunk_s_sake() -> None:
    """All that is open of a gain is the trunk's part: only runs of the trunk tell it."""
    levels = draws_with(np.array([0.0, -0.2]), np.diag([0.5, 1e-6]))
    gains = levels - levels[:, :1]
    worth = knowledge_gradient(Draws.of(gains), np.ones(2), None, Draws.of(levels))
    assert worth[1] == pytest.approx(0.0, abs=1e-3)
    assert worth[0] > 0.05
    choice = choose(gains, np.ones(2), np.ones(2), 40, shown=levels)
    assert set(choice.picks) == {0}
    assert choice.worth[-1] < 0.3 * choice.worth[0]


def test_knowledge_is_worth_nothing_where_nothing_can_change() -> None:
    """A recipe known exactly, or one that is beaten in every draw, teaches nothing."""
    draws = Draws.of(np.stack([np.full(50, 2.0), np.linspace(-1.0, 1.0, 50)], axis=1))
    assert knowledge_gradient(draws, np.ones(2)) == pytest.approx([0.0, 0.0])


def test_less_noise_is_worth_more() -> None:
    """The same recipe, measured better."""
    draws = Draws.of(draws_with(*joint(0, 3)))
    low, high = (
        knowledge_gradient(draws, np.full(3, 0.1)),
        knowledge_gradient(draws, np.full(3, 9.0)),
    )
    assert np.all(low >= high)
    assert low.max() > high.max()


@pytest.mark.parametrize("seed", range(3))
def test_conditioning_shrinks_the_draws_as_bayes_rule_does(seed: int) -> None:
    """Means stay, and the sample covariance becomes the Gaussian posterior covariance exactly."""
    mean, cov = joint(seed, 5)
    after = acquisition._condition(Draws.of(draws_with(mean, cov)), 2, 0.4).values
    expected = cov - np.outer(cov[:, 2], cov[2]) / (cov[2, 2] + 0.4)
    assert after.mean(0) == pytest.approx(mean)
    assert np.cov(after.T, bias=True) == pytest.approx(expected)


def test_a_recipe_known_exactly_is_left_as_it_is() -> None:
    """Nothing to shrink is no division by zero."""
    draws = np.ones((10, 2))
    assert np.array_equal(acquisition._condition(Draws.of(draws), 0, 0.0).values, draws)


def test_a_batch_is_chosen_one_by_one() -> None:
    """Every pick is the best one after conditioning on the picks before it."""
    draws, noise_var = draws_with(*joint(7, 6)), np.full(6, 0.3)
    choice, known = choose(draws, noise_var, np.ones(6), 3), Draws.of(draws)
    for pick, worth in zip(choice.picks, choice.worth, strict=True):
        gains = knowledge_gradient(known, acquisition.NOISE_SHARE * noise_var)
        assert pick == gains.argmax()
        assert worth == pytest.approx(gains.max())
        known = acquisition._condition(known, pick, noise_var[pick])


def test_every_second_run_is_a_rival_that_was_not_picked() -> None:
    """In their order; when they are used up, the knowledge gradient has every run."""
    draws, noise_var = draws_with(*joint(7, 6)), np.full(6, 0.3)
    first = choose(draws, noise_var, np.ones(6), 1).picks[0]
    others = tuple(i for i in range(6) if i != first)
    picks = choose(draws, noise_var, np.ones(6), 4, rivals=(first, *others)).picks
    assert (picks[0], picks[1]) == (first, others[0])
    assert picks[3] == next(i for i in others[1:] if i not in picks[:3])


def test_a_metric_without_noise_is_not_measured_twice() -> None:
    """After a noiseless run there is nothing more to learn from the same recipe."""
    choice = choose(draws_with(*joint(7, 6)), np.zeros(6), np.ones(6), 4)
    informative = [p for p, worth in zip(choice.picks, choice.worth, strict=True) if worth > 1e-9]
    assert len(set(informative)) == len(informative) > 1


def test_worth_is_weighed_against_cost() -> None:
    """The best recipe at a hundred times the price loses to the second best."""
    draws, noise_var = draws_with(*joint(7, 6)), np.full(6, 0.3)
    first = choose(draws, noise_var, np.ones(6), 1).picks[0]
    cost = np.ones(6)
    cost[first] = 100.0
    assert choose(draws, noise_var, cost, 1).picks[0] != first


def test_running_trials_count_as_known_soon() -> None:
    """What is pending is conditioned on first, exactly as if this batch had chosen it."""
    draws, noise_var = draws_with(*joint(7, 6)), np.full(6, 0.3)
    three = choose(draws, noise_var, np.ones(6), 3)
    third = choose(draws, noise_var, np.ones(6), 1, pending=three.picks[:2])
    assert third.picks == three.picks[2:]
    assert third.worth == pytest.approx(three.worth[2:])


def test_the_draws_handed_in_are_not_changed() -> None:
    """Arrays in, arrays out: nothing is written into."""
    draws = draws_with(*joint(7, 4))
    before = draws.copy()
    choose(draws, np.ones(4), np.ones(4), 3, pending=(0,))
    assert np.array_equal(draws, before)
