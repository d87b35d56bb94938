from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as arrays

from mainstem.credit import information

inner = st.floats(0.01, 0.99)


def paths(most: int = 6) -> st.SearchStrategy[np.ndarray]:
    """Beliefs about some proposals, before any trial and after each."""
    shapes = st.tuples(st.integers(1, most), st.integers(1, 3))
    return arrays.arrays(np.float64, shapes, elements=inner)


@given(inner, inner)
def test_information_is_the_divergence_from_the_prior(p: float, prior: float) -> None:
    """Against its formula; 0 or above, and 0 where nothing was learnt."""
    found = float(information.nats(np.array(p), prior))
    by_hand = p * math.log(p / prior) + (1 - p) * math.log((1 - p) / (1 - prior))
    assert found == pytest.approx(by_hand, abs=1e-12)
    assert found >= -1e-12
    assert float(information.nats(np.array(prior), prior)) == pytest.approx(0.0, abs=1e-12)


def test_a_negative_result_brings_information_too() -> None:
    """That it surely does not belong is worth -ln(1 - prior), that it does -ln(prior)."""
    found = information.nats(np.array([0.0, 1.0]))
    assert found == pytest.approx([-math.log(0.7), -math.log(0.3)])


@given(paths())
def test_the_trials_of_a_proposal_sum_to_its_information(path: np.ndarray) -> None:
    """The account of trials and that of proposals are one."""
    found = information.of_trials(path)
    assert found.shape == (len(path) - 1, path.shape[1])
    assert found.sum(0) == pytest.approx(information.nats(path[-1], path[0]), abs=1e-9)


def test_a_reproduction_earns_and_a_trial_that_misled_pays() -> None:
    """Two trials that say the same both earn; one that pointed elsewhere has less than nothing."""
    path = np.array([[0.3], [0.6], [0.9], [0.2], [0.97]])
    first, again, misled, mended = information.of_trials(path)[:, 0]
    assert first > 0.0
    assert again > 0.0
    assert misled < 0.0
    assert mended > 0.0


@given(paths(), st.integers(0, 2**32 - 1))
def test_expected_information_is_the_expected_fall_of_the_entropy(
    after: np.ndarray, seed: int
) -> None:
    """For a coherent belief, whose mean over the outcomes is what was believed before."""
    weight = np.random.default_rng(seed).dirichlet(np.ones(len(after)))
    before = weight @ after

    def entropy(p: np.ndarray) -> np.ndarray:
        return np.asarray(-p * np.log(p) - (1 - p) * np.log(1 - p))

    found = information.expected(before, after, weight)
    assert found == pytest.approx(entropy(before) - weight @ entropy(after), abs=1e-9)
    assert np.all(found >= -1e-12)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: information.nats(np.array([1.1])), "within"),
        (lambda: information.nats(np.array([math.nan])), "within"),
        (lambda: information.nats(np.array([0.5]), 0.0), "lies between 0 and 1, not at 0"),
        (lambda: information.of_trials(np.zeros((0, 1))), "starts with the prior"),
        (lambda: information.of_trials(np.array([[1.0], [0.5]])), "only the last belief"),
        (
            lambda: information.expected(np.array([0.5]), np.array([[0.5]]), np.array([0.9])),
            "sum to 0.9, not to 1",
        ),
    ],
)
def test_what_is_no_probability_is_refused(call: object, said: str) -> None:
    """The error says what a belief must be."""
    assert callable(call)
    with pytest.raises(ValueError, match=said):
        call()
