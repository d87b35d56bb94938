from __future__ import annotations

import itertools

import numpy as np
import pytest

from mainstem.stats.landscape import Landscape, fit

CUBE = np.array(list(itertools.product((0.0, 1.0), repeat=4)))
PLACES = list(itertools.combinations(range(4), 2))


def truth(x: np.ndarray) -> np.ndarray:
    """A small landscape with main effects, a pair and a triple; 0 on the trunk."""
    pairs = -1.5 * x[:, 0] * x[:, 1]
    return x @ np.array([1.0, 0.8, -0.6, 0.2]) + pairs + 0.8 * x[:, 1] * x[:, 2] * x[:, 3]


def noisy_runs(runs: int, *, sd: float = 0.3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Random recipes, most of them replicated, and their noisy gains."""
    rng = np.random.default_rng(seed)
    x = CUBE[rng.integers(0, 10, size=runs)]
    return x, truth(x) + sd * rng.standard_normal(runs)


def fitted(x: np.ndarray, gains: np.ndarray, *, exact: bool = False) -> Landscape:
    """The landscape with chains that are always driven alike."""
    return fit(x, gains, np.random.default_rng(7), exact=exact)


def dense(model: Landscape, chain: int, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Prior covariance of one chain between recipes, term by term as the page says; (A, B)."""
    tau, pi = model.hyper.tau[chain], model.hyper.pi[chain]
    effect_var = np.repeat(tau, [4, 6]) * np.where(model.hyper.at_work[chain], 1.0, 0.12**2)
    rate = np.array([1.5, 3.0, 6.0])[model.hyper.rate[chain]] / 4.0
    out = np.full((len(x), len(z)), 4.0)
    for a, b in itertools.product(range(len(x)), range(len(z))):
        both = x[a] * z[b]
        features = [*both, *(both[i] * both[j] for i, j in PLACES)]
        j, k = x[a].sum(), z[b].sum()
        counts = 0.25 * tau[0] * pi[0] * j * k
        counts += 0.1 * tau[1] * pi[1] * (j * (j - 1.0) / 2.0) * (k * (k - 1.0) / 2.0)
        rest = model.hyper.rest_var[chain] * np.exp(-rate * np.abs(x[a] - z[b]).sum())
        out[a, b] += effect_var @ features + counts + rest
    return out


def textbook(
    model: Landscape, x: np.ndarray, gains: np.ndarray
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Posterior mean, shape (C, 16), and covariance of every chain on the cube, by single runs."""
    y = (model.warp.forward(gains) - model.shift) / model.scale
    means, covs = [], []
    for chain in range(model.chains):
        k = dense(model, chain, x, x) + model.hyper.noise_var[chain] * np.eye(len(x))
        cross = dense(model, chain, CUBE, x)
        pull = np.linalg.solve(k, cross.T).T
        means.append(pull @ y)
        covs.append(dense(model, chain, CUBE, CUBE) - pull @ cross.T)
    return np.array(means), covs


def test_the_posterior_is_the_textbook_one_over_single_runs() -> None:
    """Dense conditioning on every run by itself, chain by chain, gives the mixture's mean.

    So means over replicates are all that the posterior needs.
    """
    x, gains = noisy_runs(24)
    model = fitted(x, gains)
    means, _ = textbook(model, x, gains)
    assert model.mean(CUBE) == pytest.approx(means.mean(0), abs=1e-7)


def test_draws_of_every_chain_have_its_posterior_s_moments() -> None:
    """Mean and covariance of 1,500 draws of each chain, and draw s is of chain s modulo C.

    Sixteen means and 136 covariances for each of 16 chains, none further off than five standard
    errors (two in 1,000 such tests would fail by chance).
    """
    x, gains = noisy_runs(24)
    model = fitted(x, gains)
    means, covs = textbook(model, x, gains)
    gain = model.draw(CUBE, 1_500 * model.chains, np.random.default_rng(0), compressed=True)
    standard = (gain - model.shift) / model.scale
    for chain in range(model.chains):
        away = standard[chain :: model.chains] - means[chain]
        for values, expected in (
            (away, np.zeros(16)),
            (away[:, :, None] * away[:, None, :], covs[chain]),
        ):
            error = values.std(0, ddof=1) / np.sqrt(len(values))
            assert np.all(np.abs(values.mean(0) - expected) < 5.0 * error + 1e-5)


def test_few_draws_come_from_all_chains_in_turn() -> None:
    """Twenty draws are the first twenty of the turns, whole or not; so are none too many."""
    x, gains = noisy_runs(24)
    model = fitted(x, gains)
    assert model.draw(CUBE, 20, np.random.default_rng(0)).shape == (20, 16)
    assert model.draw(CUBE[:3], 1, np.random.default_rng(0)).shape == (1, 3)


def test_gains_and_compressed_gains_are_two_scales_of_the_same_draws() -> None:
    """The order of recipes is the same, and the good side is the same to rounding."""
    x, gains = noisy_runs(24)
    model = fitted(x, gains - 1.0)
    full = model.draw(CUBE, 64, np.random.default_rng(0))
    compressed = model.draw(CUBE, 64, np.random.default_rng(0), compressed=True)
    assert full == pytest.approx(model.warp.inverse(compressed))
    good = compressed >= model.warp.bend
    assert 0 < good.sum() < good.size
    assert full[good] == pytest.approx(compressed[good])
    assert np.all(full[~good] <= compressed[~good])


def test_deterministic_data_are_interpolated() -> None:
    """Where the metric has no noise, mean and draws pass through what was seen.

    The noise's stand-in has an sd of 1e-4 of the response's, so five times that is allowed.
    """
    x = CUBE[:11]
    model = fitted(x, truth(x), exact=True)
    assert model.to_gain(model.mean(x)) == pytest.approx(truth(x), abs=5e-4 * model.scale)
    draws = model.draw(x, 200, np.random.default_rng(0), compressed=True)
    seen = model.warp.forward(truth(x))
    assert np.abs(draws - seen).max() < 5e-4 * model.scale


@pytest.mark.parametrize("exact", [False, True])
def test_a_recipe_equals_itself_within_a_draw(*, exact: bool) -> None:
    """Asked for twice, it is the same recipe: its gain over itself is 0, seen or not."""
    x = CUBE[:11]
    model = fitted(x, truth(x), exact=exact)
    draws = model.draw(np.concatenate([CUBE, CUBE]), 50, np.random.default_rng(0), compressed=True)
    assert np.abs(draws[:, :16] - draws[:, 16:]).max() < 1e-9 * model.scale


def test_the_order_of_runs_does_not_matter() -> None:
    """Results act in trial order, and the landscape does not care: the same chains, to rounding."""
    x, gains = noisy_runs(30)
    order = np.random.default_rng(3).permutation(30)
    one, other = fitted(x, gains), fitted(x[order], gains[order])
    assert one.mean(CUBE) == pytest.approx(other.mean(CUBE), abs=1e-7)
    assert np.array_equal(one.hyper.at_work, other.hyper.at_work)


@pytest.mark.parametrize("factor", [1e-4, 37.0])
def test_the_landscape_follows_the_unit(factor: float) -> None:
    """Margins of any size: effects scale with the unit they are measured in."""
    x, gains = noisy_runs(30)
    one, other = fitted(x, gains), fitted(x, factor * gains)
    scaled = factor * one.to_gain(one.mean(CUBE))
    assert other.to_gain(other.mean(CUBE)) == pytest.approx(scaled, rel=1e-6, abs=1e-6 * factor)
    assert other.noise_sd == pytest.approx(factor * one.noise_sd, rel=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_the_noise_is_found(seed: int) -> None:
    """Above the bend: within three standard errors of an sd with 70 degrees of freedom.

    And closer to the scatter within replicates: the fit and the prior move it by less than a tenth.
    """
    x, gains = noisy_runs(80, sd=0.5, seed=seed)
    found = fitted(x, gains + 20.0).noise_sd
    assert found == pytest.approx(0.5, rel=3.0 / np.sqrt(2.0 * 70.0))
    places = [np.flatnonzero((x == row).all(1)) for row in np.unique(x, axis=0)]
    within = sum(float(np.sum((gains[p] - gains[p].mean()) ** 2)) for p in places)
    assert found == pytest.approx(np.sqrt(within / (80 - len(places))), rel=0.1)


def test_the_landscape_learns_pairs_and_triples() -> None:
    """With data on most of the cube, interactions of two and three are found, sign and size.

    A pair is a contrast of four means of three runs, a triple of eight, with noise .1: three
    standard errors are .35 and .49 without any help of the model.
    """
    x = np.repeat(CUBE, 3, axis=0)
    gains = truth(x) + 0.1 * np.random.default_rng(0).standard_normal(len(x))
    f = (model := fitted(x, gains)).to_gain(model.mean(CUBE))
    at = {tuple(int(v) for v in row): value for row, value in zip(CUBE, f, strict=True)}
    pair = at[1, 1, 0, 0] - at[1, 0, 0, 0] - at[0, 1, 0, 0] + at[0, 0, 0, 0]
    assert pair == pytest.approx(-1.5, abs=0.35)
    triple = sum(
        (-1) ** (3 - sum(members)) * at[(0, *members)]
        for members in itertools.product((0, 1), repeat=3)
    )
    assert triple == pytest.approx(0.8, abs=0.49)


def test_what_is_not_known_widens_what_is_said() -> None:
    """Recipes far from all data are less certain than the trunk, by the draws' sd."""
    x, gains = noisy_runs(30)
    sds = fitted(x, gains).draw(CUBE, 400, np.random.default_rng(0), compressed=True).std(0)
    assert sds[-1] > 1.5 * sds[0]


def test_one_run_is_enough_for_a_posterior() -> None:
    """After the first run of the trunk there is a state of knowledge, wide and finite."""
    for n in (1, 3):
        model = fitted(np.zeros((1, n)), np.zeros(1))
        draws = model.draw(np.eye(n), 64, np.random.default_rng(0))
        assert np.all(np.isfinite(draws))
        assert draws.std() > 0.1


def test_more_proposals_than_have_pairs_are_learnt_too() -> None:
    """Seventy proposals, two of which matter: after 140 runs they are found among all.

    A least-squares effect of so many runs with noise .5 has an error of at most .15 here; what
    does nothing stays within four of them and what does something is told from it.
    """
    rng = np.random.default_rng(0)
    x = (rng.random((140, 70)) < 0.1).astype(np.float64)
    gains = 3.0 * x[:, 4] + 2.0 * x[:, 40] + 0.5 * rng.standard_normal(140)
    model = fitted(x, gains + 10.0)
    f = model.to_gain(model.mean(np.concatenate([np.zeros((1, 70)), np.eye(70)])))
    effects = f[1:] - f[0]
    assert effects[4] == pytest.approx(3.0, abs=0.6)
    assert effects[40] == pytest.approx(2.0, abs=0.6)
    others = np.delete(effects, [4, 40])
    assert np.abs(others).max() < 0.6


def test_a_sketch_meets_data_without_noise_and_can_be_read_anywhere() -> None:
    """Recipes that ran differ as seen, in every draw; what the others gain differs by draw."""
    x = CUBE[:12]
    model = fitted(x, truth(x), exact=True)
    rng = np.random.default_rng(3)
    sketches = [model.sketch(rng) for _ in range(20)]
    seen = model.warp.forward(truth(x))
    for sketch in sketches:
        assert sketch.at(x) - sketch.at(x[:1]) == pytest.approx(seen - seen[0], abs=1e-2)
    unseen = np.array([s.at(CUBE[12:]) - s.at(x[:1]) for s in sketches])
    assert unseen.std(0).min() > 0.01


def test_sketches_have_the_posterior_s_mean_where_the_remainder_is_small() -> None:
    """What they leave out of the remainder is nothing there: 400 agree within four errors."""
    x, gains = noisy_runs(60, sd=0.3)
    model = fitted(x, gains)
    rng = np.random.default_rng(0)
    drawn = np.array([model.sketch(rng).at(CUBE[:10]) for _ in range(400)])
    contrast = drawn[:, 1:] - drawn[:, :1]
    mean = model.to_compressed(model.mean(CUBE[:10]))
    error = contrast.std(0) / np.sqrt(len(contrast))
    assert np.all(np.abs(contrast.mean(0) - (mean[1:] - mean[0])) < 4.5 * error + 0.02)
