from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy import stats

from mainstem.stats import sampled_shapley, shapley


def games(n: int, rest_sd: float, draws: int) -> np.ndarray:
    """Draws of mains and pairs and of a smooth rest of all orders, shape (draws, 2^n)."""
    rng = np.random.default_rng(n)
    x = shapley.coalitions(n).astype(float)
    main, pair = rng.normal(size=(draws, n)), np.triu(rng.normal(0.0, 0.5, (n, n)), 1)
    rest = rng.normal(size=(draws, 2**n))
    for i in range(n):
        rest = rest + 0.7 * rest[:, np.arange(2**n) ^ (1 << i)]
    rest *= rest_sd / rest.std()
    return np.asarray(main @ x.T + np.einsum("ai,ij,aj->a", x, pair, x) + rest)


def places(plan: sampled_shapley.Plan) -> np.ndarray:
    """Where the coalitions of a plan stand among all."""
    return np.asarray(plan.coalitions @ (1 << np.arange(plan.n)))


@pytest.mark.parametrize("n", [13, 14])
def test_sampled_values_are_exact_within_their_own_error(n: int) -> None:
    """Mean values of 16 draws against enumeration; 1 of 1,000 t values may be outside.

    The parts of the split sum to the gain in every draw.
    """
    pytest.importorskip("shapiq")
    truth = games(n, 0.5, 16)
    plan = sampled_shapley.plan(n, 7)
    found = sampled_shapley.split(truth[:, places(plan)], plan)
    exact = shapley.split(truth)
    off = found.split.sum(2).mean(0) - exact.sum(2).mean(0)
    bound = stats.t.isf(0.0005, sampled_shapley.SETS - 1)
    # The draws take turns with the sets, two each, so their own error adds to that of their mean.
    each = (found.split.sum(2) - exact.sum(2)).std(0) / np.sqrt(16)
    assert np.all(np.abs(off) <= bound * np.hypot(found.error, each))
    assert np.all(found.error > 0.0)
    assert np.all(found.error < 0.02)
    assert found.split.sum((1, 2)) == pytest.approx(truth[:, -1] - truth[:, 0], abs=1e-9)
    assert found.split == pytest.approx(np.swapaxes(found.split, 1, 2), abs=1e-12)


def test_quadratic_games_are_divided_exactly() -> None:
    """What the fit takes leaves nothing to sample: 13 members to 1e-9, with no error."""
    pytest.importorskip("shapiq")
    truth = games(13, 0.0, 2)
    plan = sampled_shapley.plan(13, 0, sets=2, per_set=256)
    found = sampled_shapley.split(truth[:, places(plan)], plan)
    assert found.split == pytest.approx(shapley.split(truth), abs=1e-9)
    assert found.error == pytest.approx(np.zeros(13), abs=1e-9)


def test_a_plan_is_its_seed() -> None:
    """The same seed plans the same coalitions, nobody first and nobody twice."""
    pytest.importorskip("shapiq")
    one, same = (sampled_shapley.plan(13, 3, sets=2, per_set=64) for _ in range(2))
    other = sampled_shapley.plan(13, 4, sets=2, per_set=64)
    assert np.array_equal(one.coalitions, same.coalitions)
    assert not np.array_equal(one.coalitions, other.coalitions)
    assert not one.coalitions[0].any()
    assert len(np.unique(places(one))) == len(one.coalitions)


def test_one_set_cannot_say_how_large_its_error_is() -> None:
    """The error comes from how sets differ."""
    with pytest.raises(ValueError, match="cannot say how large its error is"):
        sampled_shapley.plan(13, 0, sets=1)


def test_without_the_library_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The extra is named, as a command."""
    monkeypatch.setitem(sys.modules, "shapiq", None)
    monkeypatch.setitem(sys.modules, "shapiq.approximator", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'mainstem\[credit\]'"):
        sampled_shapley.plan(13, 0)
