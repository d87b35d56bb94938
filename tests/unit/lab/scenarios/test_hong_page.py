"""Diverse groups against the best."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mainstem.lab.scenarios import hong_page


def alone(values: list[float], steps: tuple[int, ...], start: int) -> int:
    """Where a solver ends, by the rule's own words: it stops after three tries without a gain."""
    place, failed = start, 0
    for step in itertools.cycle(steps):
        there = (place + step) % len(values)
        if values[there] > values[place]:
            place, failed = there, 0
        else:
            failed += 1
        if failed == len(steps):
            return place
    raise AssertionError("a cycle does not end")


def together(values: list[float], members: list[tuple[int, ...]], start: int) -> int:
    """Where a group ends: turns go round until a whole round brings nothing."""
    place = start
    while True:
        before = place
        for steps in members:
            place = alone(values, steps, place)
        if place == before:
            return place


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    """A small ring."""
    return np.random.default_rng(5).uniform(0.0, 100.0, 60)


def test_there_are_1320_solvers() -> None:
    """Ordered triples of distinct steps from 1 to 12."""
    assert len({tuple(map(int, steps)) for steps in hong_page.SOLVERS}) == 1320
    assert hong_page.SOLVERS.min() == 1
    assert hong_page.SOLVERS.max() == 12
    assert all(len(set(steps)) == 3 for steps in hong_page.SOLVERS.tolist())


def test_solvers_end_where_the_rule_says(values: np.ndarray) -> None:
    """Each thirtieth solver, from every place, against the rule played step by step."""
    ends, ring = hong_page.ends(values), values.tolist()
    for number in range(0, 1320, 30):
        steps = tuple(map(int, hong_page.SOLVERS[number]))
        assert ends[number].tolist() == [alone(ring, steps, start) for start in range(60)]


def test_groups_end_where_turns_say(values: np.ndarray) -> None:
    """Groups of two to ten, from every place; a second round of turns is needed now and then."""
    ends, ring, rng = hong_page.ends(values), values.tolist(), np.random.default_rng(6)
    once = []
    for size in (2, 2, 3, 10):
        group = rng.choice(1320, size=size, replace=False)
        members = [tuple(map(int, steps)) for steps in hong_page.SOLVERS[group]]
        expected = [together(ring, members, start) for start in range(60)]
        assert hong_page.relay(ends[group]).tolist() == expected
        first = np.arange(60)
        for member in ends[group]:
            first = member[first]
        once.append(first.tolist() == expected)
    assert not all(once)


def test_a_group_is_no_worse_than_its_best_member(values: np.ndarray) -> None:
    """From no place: whoever is first goes as far as alone, and the others only add."""
    ends = hong_page.ends(values)
    group = np.arange(10) * 100
    assert np.all(values[hong_page.relay(ends[group])] >= values[ends[group[0]]])


def test_a_duel_is_of_the_best_and_of_random_ones() -> None:
    """Each group beats the best solver alone."""
    duel = hong_page.duel(np.random.default_rng(7))
    assert duel.alone < duel.best < 100.0
    assert duel.alone < duel.drawn < 100.0
