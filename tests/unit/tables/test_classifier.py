from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from tables import classifier
from tables.classifier import CHANGES, Digits, Network, run, softmax


@pytest.fixture
def digits(monkeypatch: pytest.MonkeyPatch) -> Digits:
    """Noise in the shape of digits, each class brighter in its own pixels; thirty steps.

    The real ones come with scikit-learn, which tests do not need.
    """
    monkeypatch.setattr(classifier, "STEPS", 30)
    rng = np.random.default_rng(0)
    labels = np.arange(700) % 10
    images = rng.random((700, 64)) / 2 + (np.arange(64) % 10 == labels[:, None]) / 2
    x, y = images.astype(np.float32), labels.astype(np.int64)
    return Digits(train_x=x[:600], train_y=y[:600], test_x=x[600:], test_y=y[600:])


@pytest.mark.parametrize("changes", [set(), {"deeper"}, {"deeper", "batch-norm"}])
def test_the_backward_pass_is_the_slope_of_the_loss(changes: set[str]) -> None:
    """Central differences in double precision agree at forty places of the values."""
    rng = np.random.default_rng(0)
    network = Network(changes, rng, rng)
    network.values = network.values.astype(float)
    network.gradients = network.gradients.astype(float)
    network.lay_out()
    x, targets = rng.random((30, 64)), np.eye(10)[rng.integers(0, 10, 30)]

    def loss() -> float:
        p = softmax(network.forward(x, training=True))
        return float(-(targets * np.log(p)).sum() / len(x))

    network.backward((softmax(network.forward(x, training=True)) - targets) / len(x))
    slopes = network.gradients.copy()
    for place in rng.integers(0, len(slopes), 40):
        kept, sides = network.values[place], []
        for step in (1e-5, -1e-5):
            network.values[place] = kept + step
            sides.append(loss())
        network.values[place] = kept
        assert slopes[place] == pytest.approx((sides[0] - sides[1]) / 2e-5, abs=1e-8)


def test_the_trunk_learns(digits: Digits) -> None:
    """After thirty steps the loss is well below that of guessing, log 10."""
    assert run(digits, set(), 0)["log_loss"] < 0.8 * np.log(10)


def test_the_seed_decides_everything(digits: Digits) -> None:
    """The same seed gives the same numbers to the last bit, another seed others."""
    changes = {"shifts", "dropout", "adam"}
    assert run(digits, changes, 3) == run(digits, changes, 3) != run(digits, changes, 4)


def test_every_change_and_every_pair_is_a_recipe_of_its_own(digits: Digits) -> None:
    """No change is without effect, on the trunk or beside another, and none breaks a run."""
    recipes = [set(), *({name} for name in CHANGES), *map(set, combinations(CHANGES, 2))]
    losses = [run(digits, recipe, 0)["log_loss"] for recipe in recipes]
    assert np.isfinite(losses).all()
    assert len(set(losses)) == len(recipes)


def test_costs_are_counted(digits: Digits) -> None:
    """The trunk's 64 x 48 and 48 x 10 weights and 58 biases; six operations a weight and image."""
    found = run(digits, set(), 0)
    assert found["params"] == 64 * 48 + 48 + 48 * 10 + 10
    assert found["train_flops"] == 6 * (64 * 48 + 48 * 10) * 30 * 30
