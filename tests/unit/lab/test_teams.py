from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from mainstem.lab import teams
from mainstem.lab.decisions_log import DecisionsLog, LoggedDecision, LoggedRun
from mainstem.lab.teams import Layout, layouts


def compositions(total: int) -> list[tuple[int, ...]]:
    """Every way to cut so many components in a row into teams."""
    found = []
    for cuts in itertools.product((False, True), repeat=total - 1):
        sizes = [1]
        for cut in cuts:
            sizes = [*sizes, 1] if cut else [*sizes[:-1], sizes[-1] + 1]
        found.append(tuple(sizes))
    return found


def is_layout(sizes: tuple[int, ...]) -> bool:
    """Whether teams are alike but for those at the ends, which may be smaller."""
    return all(size == max(sizes) for size in sizes[1:-1])


@pytest.mark.parametrize("components", range(1, 9))
def test_layouts_are_all_of_teams_alike_with_ends_cut(components: int) -> None:
    """As an enumeration of all partitions finds them, each once, the narrowest first."""
    found = layouts(components)
    sizes = [tuple(one.team.count(t) for t in sorted(set(one.team))) for one in found]
    assert sorted(sizes) == sorted(c for c in compositions(components) if is_layout(c))
    assert [one.width for one in found] == sorted(max(one) for one in sizes)
    assert [one.width for one in found] == [max(one) for one in sizes]
    assert all(list(one.team) == sorted(one.team) for one in found)


def test_widths_are_alike_before_anything_is_known() -> None:
    """Each width has the same prior, shared by its layouts."""
    known = layouts(7)
    prior = np.exp(teams.log_prior(known))
    widths = np.array([one.width for one in known])
    assert [prior[widths == w].sum() for w in range(1, 8)] == pytest.approx([1 / 7] * 7)


def test_no_component_has_no_layout() -> None:
    """A log without components is not asked for teams."""
    with pytest.raises(ValueError, match="one at least"):
        layouts(0)


def test_a_proposal_over_two_teams_is_nobodys() -> None:
    """Only a team that owns all of its components may run it in a silo."""
    log = log_with([0, 1, 2], [], 3)
    across = LoggedDecision(number=4, components=("c1", "c2"), merged=False)
    within = LoggedDecision(number=5, components=("c1", "c0"), merged=False)
    log = replace(log, decisions=(*log.decisions, across, within))
    found = teams.owners(log, Layout(width=2, team=(0, 0, 1)))
    assert found == {1: 0, 2: 0, 3: 1, 4: teams.NOBODY, 5: 0}


def log_with(places: list[int], runs: list[frozenset[int]], components: int) -> DecisionsLog:
    """A round of proposals, each on the component at its place."""
    names = tuple(f"c{at}" for at in range(components))
    return DecisionsLog(
        components=names,
        decisions=tuple(
            LoggedDecision(number=at + 1, components=(names[place],), merged=False)
            for at, place in enumerate(places)
        ),
        runs=tuple(LoggedRun(round=1, members=run) for run in runs),
    )


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=2, max_size=7), st.integers(2, 4))
def test_probabilities_of_recipes_sum_to_one(places: list[int], size: int) -> None:
    """Over all recipes of a size, under every layout: the likelihood is one of recipes."""
    numbers = range(1, len(places) + 1)
    every = [frozenset(run) for run in itertools.combinations(numbers, size)]
    for layout in layouts(5) if every else ():
        total = sum(
            np.exp(teams.log_likelihood(log_with(places, [run], 5), [layout])[0]) for run in every
        )
        assert total / len(every) == pytest.approx(1.0)


def test_the_formula_of_the_docstring_by_hand() -> None:
    """Six proposals, teams of four and two: a pair of the two, a pair across."""
    layout = Layout(width=2, team=(0, 0, 1, 1))
    places = [0, 0, 1, 1, 2, 3]
    leaks = (np.arange(4000) + 0.5) / 8000
    own = np.mean((1 - leaks) * (2 / 6) / 1 + leaks / 15)
    across = np.mean(leaks / 15)
    found = teams.log_likelihood(log_with(places, [frozenset({5, 6})], 4), [layout])
    assert np.exp(found[0]) / 15 == pytest.approx(own, rel=1e-3)
    found = teams.log_likelihood(log_with(places, [frozenset({1, 6})], 4), [layout])
    assert np.exp(found[0]) / 15 == pytest.approx(across, rel=1e-3)


def test_recipes_that_say_nothing_are_left_out() -> None:
    """Of one proposal, or with one whose component is not known."""
    log = log_with([0, 1, 2], [frozenset({1}), frozenset({1, 2}), frozenset({2, 3})], 3)
    nameless = LoggedDecision(number=3, merged=False)
    log = replace(log, decisions=(*log.decisions[:2], nameless))
    assert teams.counted_runs(log) == [(1, frozenset({1, 2}))]
