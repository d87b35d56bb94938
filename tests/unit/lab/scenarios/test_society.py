"""Agents who search side by side."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from mainstem.lab.scenarios import kauffman, networks, society
from mainstem.lab.scenarios.kauffman import Neighbours
from mainstem.lab.scenarios.society import NOTHING

HELD = np.array([5, 3, 3, 9, 7])
PAYOFFS = np.array([0.1, 0.4, 0.4, 0.9, 0.2])


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator of its own for each test."""
    return np.random.default_rng(8)


def test_the_best_contact_is_the_best_that_is_seen(rng: np.random.Generator) -> None:
    """On a ring of five, nobody sees across it."""
    picked = society.best_contact(HELD, PAYOFFS, networks.ring(5), rng)
    assert picked.tolist() == [3, 3, 9, 7, 9] or picked.tolist() == [3, 3, 9, 3, 9]
    assert picked[0] == 3, "agent 0 sees agents 4 and 1, not agent 3"


def test_a_sample_is_drawn_from_contacts_alone(rng: np.random.Generator) -> None:
    """Of three contacts one is looked at: each now and then, and nobody else."""
    network, seen = networks.ahead(5, 3), set()
    imitate = society.best_member(1)
    for _ in range(60):
        seen.add(int(imitate(np.arange(5), PAYOFFS, network, rng)[0]))
    assert seen == {1, 2, 3}


def test_a_sample_has_nobody_twice_and_every_set_as_often(rng: np.random.Generator) -> None:
    """Two of four contacts, 3,000 times: six sets, 500 times each give or take five errors (20)."""
    drawn = np.sort(society._drawn(networks.ahead(3000, 4), 2, rng), axis=1)
    steps = np.sort((drawn - np.arange(3000)[:, None]) % 3000, axis=1)
    sets, counts = np.unique(steps, axis=0, return_counts=True)
    assert sets.tolist() == [[1, 2], [1, 3], [1, 4], [2, 3], [2, 4], [3, 4]]
    assert np.all(np.abs(counts - 500) <= 100)


def test_conformists_take_what_two_hold(rng: np.random.Generator) -> None:
    """Agent 0 sees 3, 3, 9, 7; a solution seen once is not taken, however good."""
    picked = society.conformity(4)(HELD, PAYOFFS, networks.full(5), rng)
    assert picked.tolist() == [3, NOTHING, NOTHING, 3, 3]


def test_conformists_break_ties_at_random(rng: np.random.Generator) -> None:
    """Two pairs: each is taken in half of 400 cases, give or take four standard errors (10)."""
    held = np.array([0, 4, 4, 6, 6])
    picks = [society.conformity(4)(held, PAYOFFS, networks.full(5), rng)[0] for _ in range(400)]
    assert set(map(int, picks)) == {4, 6}
    assert abs(picks.count(4) - 200) <= 40


def test_where_all_see_all_everybody_is_at_the_best_start_after_a_round(
    rng: np.random.Generator,
) -> None:
    """So the worst is no worse than the best was, and nothing is left of the other starts."""
    values = kauffman.landscape(10, 3, Neighbours.RANDOM, rng)
    starts = rng.integers(1024, size=30)
    paid = society.search(
        values, starts, networks.full(30), society.best_contact, rounds=1, rng=rng
    )
    assert np.all(paid[1] >= values[starts].max())
    assert np.array_equal(paid[0], values[starts])


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32), st.integers(1, 6))
def test_nobody_ever_falls(seed: int, tries: int) -> None:
    """Whatever is imitated or tried, a worse solution is never taken."""
    rng = np.random.default_rng(seed)
    values = kauffman.landscape(6, 2, Neighbours.RANDOM, rng)
    imitate = (society.best_contact, society.best_member(2), society.conformity(3))[seed % 3]
    paid = society.search(
        values,
        rng.integers(64, size=12),
        networks.lattice(12, 4),
        imitate,
        rounds=15,
        rng=rng,
        tries=tries,
    )
    assert paid.shape == (16, 12)
    assert np.all(np.diff(paid, axis=0) >= 0.0)


def test_who_looks_at_every_flip_takes_the_best_of_them(rng: np.random.Generator) -> None:
    """A lone thorough agent climbs steepest; with one try it reaches one of the better places."""
    values = kauffman.landscape(8, 2, Neighbours.RANDOM, rng)
    alone, start = np.array([[0]]), np.array([100])
    best = max(values[100 ^ (1 << bit)] for bit in range(8))
    paid = society.search(values, start, alone, society.best_contact, rounds=1, rng=rng, tries=8)
    assert paid[1, 0] == max(best, values[100])
    around = {float(values[100])} | {float(values[100 ^ (1 << bit)]) for bit in range(8)}
    once = society.search(values, start, alone, society.best_contact, rounds=1, rng=rng)
    assert float(once[1, 0]) in around


def test_without_anything_to_learn_or_gain_all_stay(rng: np.random.Generator) -> None:
    """A flat landscape."""
    paid = society.search(
        np.ones(16), np.arange(5), networks.full(5), society.conformity(3), rounds=4, rng=rng
    )
    assert np.array_equal(paid, np.ones((5, 5)))


def test_side_by_side_nobody_leaves_the_own_landscape(rng: np.random.Generator) -> None:
    """Three landscapes of 64 solutions, the second one of zeros, the third far above the others."""
    values = np.concatenate([rng.random(64), np.zeros(64), 10.0 + rng.random(64)])
    starts = np.concatenate([rng.integers(64, size=8) + 64 * k for k in range(3)])
    network = networks.copies(networks.full(8), 3)
    paid = society.search(values, starts, network, society.best_contact, rounds=20, rng=rng, bits=6)
    first, second, third = np.split(paid, 3, axis=1)
    assert first.max() <= 1.0
    assert np.all(second == 0.0)
    assert third.min() >= 10.0
    assert np.all(first[1] >= values[starts[:8]].max())
