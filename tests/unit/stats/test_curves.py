from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from mainstem.stats import curves


def features(x: np.ndarray, u: np.ndarray) -> np.ndarray:
    """One column each for c, b, every g_i and every h_ij."""
    pairs = [x[:, i] * x[:, j] for i, j in combinations(range(x.shape[1]), 2)]
    return np.column_stack([np.ones(len(x)), u, x, *pairs])


def drawn(rng: np.random.Generator, runs: int, n: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Recipes and where their runs stand; the trunk among them."""
    x = (rng.random((runs, n)) < 0.4).astype(float)
    x[:3] = 0.0
    return x, rng.normal(0.0, 3.0, runs)


def test_it_is_the_average_of_regressions_over_the_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Oracle: Bayesian linear regressions on explicit features, weighted by their densities."""
    grid = np.array([[0.4, 0.6, 0.7], [2.5, 0.15, 1.1]])
    monkeypatch.setattr(curves, "_GRID", grid)
    rng = np.random.default_rng(1)
    x, u = drawn(rng, 12)
    y = u + x @ [1.0, -2.0, 0.0, 0.5] + rng.normal(0.0, 0.8, 12)
    row, at = np.array([1.0, 0.0, 1.0, 0.0]), 1.7
    logs, means, variances = [], [], []
    for g, ratio, e in grid:
        main, pairs = [g**2] * 4, [(g * ratio) ** 2] * 6
        prior = np.array([curves.OFFSET_SD**2, curves.SLOPE_SD**2, *main, *pairs])
        phi, new = features(x, u), features(row[None], np.array([at]))[0]
        cov = phi @ np.diag(prior) @ phi.T + e**2 * np.eye(12)
        logs.append(stats.multivariate_normal.logpdf(y - u, np.zeros(12), cov))
        post = np.linalg.inv(phi.T @ phi / e**2 + np.diag(1.0 / prior))
        means.append(at + new @ post @ phi.T @ (y - u) / e**2)
        variances.append(new @ post @ new + e**2)
    weights = np.exp(np.array(logs) - max(logs))
    weights /= weights.sum()
    mean = weights @ means
    var = weights @ (np.array(variances) + (np.array(means) - mean) ** 2)
    law = curves.fit(x, u, y)
    line = curves.predict(law, row)
    assert line.mean(np.array(at)) == pytest.approx(mean, rel=1e-5)
    assert line.sd(np.array(at)) == pytest.approx(np.sqrt(var) * law.widening, rel=1e-5)


def test_heavy_errors_widen() -> None:
    """What leave-one-out errors are wider than they were said to be, the sd is widened by."""
    rng = np.random.default_rng(2)
    x, u = drawn(rng, 40)
    calm = u + rng.normal(0.0, 0.5, 40)
    wild = u + np.where(np.arange(40) % 8 == 7, 40.0, 0.1)
    assert curves.fit(x, u, calm).widening < 1.15
    assert curves.fit(x, u, wild).widening > curves.fit(x, u, calm).widening


def test_a_change_that_no_whole_run_had_is_less_certain() -> None:
    """Proposals differ in what they do between checkpoint and end: a new one may, too."""
    rng = np.random.default_rng(3)
    x, u = drawn(rng, 30, n=5)
    x[:, 4] = 0.0
    y = u + x[:, :4] @ rng.normal(0.0, 3.0, 4) + rng.normal(0.0, 0.3, 30)
    law = curves.fit(x, u, y)
    known = curves.predict(law, np.array([1.0, 1.0, 0.0, 0.0, 0.0])).sd(np.array(0.0))
    new = curves.predict(law, np.array([1.0, 1.0, 0.0, 0.0, 1.0])).sd(np.array(0.0))
    assert new > 2.0 * known


def test_intervals_hold_what_comes() -> None:
    """Over drawn laws 90% intervals hold 90% of new runs, less no more than three errors."""
    rng = np.random.default_rng(4)
    held = []
    for _ in range(300):
        x, u = drawn(rng, 16)
        g, e = np.exp(rng.normal(0.0, 0.7, 2))
        main, pair = rng.normal(0.0, g, 4), rng.normal(0.0, 0.4 * g, 6)
        y = 0.8 * u + features(x, u)[:, 2:] @ [*main, *pair] + rng.normal(0.0, e, 16)
        line = curves.predict(curves.fit(x[:-1], u[:-1], y[:-1]), x[-1])
        held.append(abs(y[-1] - line.mean(u[-1])) < 1.645 * line.sd(u[-1]))
    assert np.mean(held) > 0.9 - 3.0 * np.sqrt(0.09 / 300)
    assert np.mean(held) < 0.98


def test_the_trend_is_the_average_over_densities(monkeypatch: pytest.MonkeyPatch) -> None:
    """Oracle: scipy's normal densities at every trend and point of the grid, b written out."""
    grid = np.array([[0.4, 0.6, 0.7], [2.5, 0.15, 1.1]])
    monkeypatch.setattr(curves, "_GRID", grid)
    rng = np.random.default_rng(5)
    x, u = drawn(rng, 12)
    change = rng.normal(0.0, 2.0, 12)
    y = u + 0.25 * change + rng.normal(0.0, 0.8, 12)
    odds = []
    for trend in curves.TRENDS:
        moved = u + trend * change
        total = 0.0
        for g, ratio, e in grid:
            prior = [curves.OFFSET_SD**2, curves.SLOPE_SD**2, *[g**2] * 4, *[(g * ratio) ** 2] * 6]
            phi = features(x, moved)
            cov = phi @ np.diag(prior) @ phi.T + e**2 * np.eye(12)
            total += stats.multivariate_normal.pdf(y - moved, np.zeros(12), cov)
        odds.append(total * stats.norm.pdf(trend, 0.0, curves.TREND_SD))
    expected = np.array(odds) @ curves.TRENDS / np.sum(odds)
    assert 0.05 < expected < 0.5
    law = curves.fit(x, u, y, change)
    assert law.trend == pytest.approx(expected, rel=1e-5)
    assert law.u == pytest.approx(u + law.trend * change)
    assert curves.fit(x, u, y).trend == 0.0


def test_what_a_trend_explains_needs_no_effect_of_every_proposal() -> None:
    """Recipes that go on as they came, from ten runs: half as uncertain as without a trend."""
    rng = np.random.default_rng(6)
    x, u = drawn(rng, 10, n=8)
    change = x @ rng.normal(0.0, 6.0, 8)
    y = u + 0.45 * change + rng.normal(0.0, 0.4, 10)
    plain, carried = curves.fit(x, u, y), curves.fit(x, u, y, change)
    row = np.array([1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0])
    sds = [float(curves.predict(law, row).sd(np.array(0.0))) for law in (plain, carried)]
    assert carried.trend == pytest.approx(0.45, abs=0.05)
    assert sds[1] < 0.5 * sds[0]
