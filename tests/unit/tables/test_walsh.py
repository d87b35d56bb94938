from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from tables import walsh


def landscape(rng: np.random.Generator, n: int) -> np.ndarray:
    """Effects of every order, each order weaker than the one before; shape (2**n,), sd 1."""
    size = np.array([row.bit_count() for row in range(2**n)])
    w = rng.normal(size=2**n) * 0.6**size * (size > 0)
    values = np.array(
        [sum(w[k] * (-1) ** (k & x).bit_count() for k in range(2**n)) for x in range(2**n)]
    )
    return values / values.std()


def noisy(rng: np.random.Generator, truth: np.ndarray, seeds: int) -> np.ndarray:
    """Runs whose sd grows with the loss, as real ones do; 0.4 on average."""
    sd = np.exp(truth)
    sd *= 0.4 / np.sqrt((sd**2).mean())
    return truth[:, None] + sd[:, None] * rng.normal(size=(len(truth), seeds))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4])
def test_the_transform_is_the_sum_that_defines_it(n: int) -> None:
    """Every coefficient equals 2^-n sum_x f(x) (-1)^|k & x|, column by column."""
    f = np.random.default_rng(n).normal(size=(2**n, 3))
    for k in range(2**n):
        signs = np.array([(-1.0) ** (k & x).bit_count() for x in range(2**n)])
        np.testing.assert_allclose(walsh.transform(f)[k], signs @ f / 2**n, atol=1e-12)


def test_the_transform_undoes_itself_and_keeps_the_variance() -> None:
    """Twice is the identity over 2^n, and all but the empty set add up to the variance."""
    f = np.random.default_rng(0).normal(size=64)
    w = walsh.transform(f)
    np.testing.assert_allclose(walsh.transform(w) * 64, f)
    assert (w[1:] ** 2).sum() == pytest.approx(f.var())


def test_a_table_that_is_not_full_is_refused() -> None:
    """A row too few would shift every effect."""
    with pytest.raises(ValueError, match="power of two"):
        walsh.transform(np.zeros(6))
    with pytest.raises(ValueError, match="two seeds"):
        walsh.power(np.zeros((8, 1)))


def test_a_pair_is_of_order_two() -> None:
    """A product of two proposals, each centred, is all order 2; one proposal is all order 1."""
    x = np.array(list(product([0, 1], repeat=3)))[:, ::-1]
    both = (2 * x[:, 0] - 1.0) * (2 * x[:, 2] - 1.0)
    for values, order in ((both, 2), (x[:, 1] * 3.0, 1)):
        measured, net = walsh.power(np.stack([values, values], axis=1))
        expected = np.zeros(4)
        expected[order] = values.var()
        np.testing.assert_allclose(measured[1:], expected[1:], atol=1e-12)
        np.testing.assert_allclose(net[1:], expected[1:], atol=1e-12)


def test_net_power_is_the_mean_product_of_different_seeds() -> None:
    """The oracle needs no estimate of noise at all: luck of one seed meets none of another's."""
    runs = np.random.default_rng(0).normal(size=(16, 3))
    w = walsh.transform(runs)
    products = [w[:, s] * w[:, t] for s in range(3) for t in range(3) if s != t]
    expected = np.bincount(walsh.orders(16), np.mean(products, axis=0))
    np.testing.assert_allclose(walsh.power(runs)[1], expected)


def test_power_net_of_noise_is_unbiased_and_power_itself_is_not() -> None:
    """Over 400 tables with noise that grows with the loss, and luck that a seed's runs share.

    Each order's mean net power lies within 3.5 of the standard errors that the 400 reach (five
    orders: a true claim fails once in 400); power that is not net is far above in the highest.
    """
    rng = np.random.default_rng(0)
    truth = landscape(rng, 5)
    _, expected = walsh.power(np.stack([truth, truth], axis=1))
    holds_first = np.arange(32) & 1
    found = []
    for _ in range(400):
        runs = noisy(rng, truth, 3)
        runs += rng.normal(size=3) * 0.3 + np.outer(holds_first, rng.normal(size=3)) * 0.3
        found.append(walsh.power(runs))
    measured, net = np.array(found)[:, 0, 1:], np.array(found)[:, 1, 1:]
    error = net.std(axis=0) / 20
    assert (abs(net.mean(axis=0) - expected[1:]) < 3.5 * error).all()
    assert measured[:, -1].mean() > expected[-1] + 10 * error[-1]


def test_intervals_of_shares_hold_what_they_say() -> None:
    """90% intervals of orders 1, 2 and "3 and more" over 100 landscapes with unequal noise.

    300 intervals, of which those of one table depend on each other: at most the error of 100
    independent ones, 3 points; the band is two of them wide below (that is what must not happen)
    and three above.
    """
    rng = np.random.default_rng(0)
    hits = []
    for _ in range(100):
        truth = landscape(rng, 5)
        power = np.bincount(walsh.orders(32), walsh.transform(truth) ** 2)[1:]
        expected = np.array([power[0], power[1], power[2:].sum()]) / power.sum()
        found = walsh.shares(noisy(rng, truth, 3), rng, last=3, draws=80)
        assert found.share.sum() == pytest.approx(1)
        hits.append((found.low <= expected) & (expected <= found.high))
    assert 0.84 <= np.mean(hits) <= 0.99


def test_the_share_of_noise_is_estimated() -> None:
    """Of means of 3 runs with sd 0.4 on a landscape of sd 1, 0.16/3 is noise per unit of signal."""
    rng = np.random.default_rng(0)
    truth = landscape(rng, 8)
    found = walsh.shares(noisy(rng, truth, 3), rng, draws=2)
    expected = 0.16 / 3 / (1 + 0.16 / 3)
    assert found.noise == pytest.approx(expected, rel=0.25)


def test_luck_that_seeds_share_is_seen() -> None:
    """Noise common to a seed stands in order 0, noise common to a proposal in order 1."""
    rng = np.random.default_rng(0)
    own = rng.normal(size=(256, 40))
    np.testing.assert_allclose(walsh.shared_noise(own)[:5], 1, atol=0.7)
    everywhere = walsh.shared_noise(own + rng.normal(size=40))
    assert everywhere[0] > 50 * everywhere[1]
    with_first = walsh.shared_noise(own + np.outer(np.arange(256) & 1, rng.normal(size=40)))
    assert with_first[1] > 3 * with_first[2]


def test_a_model_of_all_orders_is_the_table_and_one_of_order_one_is_additive() -> None:
    """The fit of order 1 is that of least squares on the proposals."""
    means = np.random.default_rng(0).normal(size=16)
    np.testing.assert_allclose(walsh.model_up_to(means, 4), means)
    x = np.array([[1, *(row >> i & 1 for i in range(4))] for row in range(16)])
    fitted = x @ np.linalg.lstsq(x, means, rcond=None)[0]
    np.testing.assert_allclose(walsh.model_up_to(means, 1), fitted)
