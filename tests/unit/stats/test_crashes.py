from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from mainstem.stats import crashes as crashing
from mainstem.stats.crashes import Crashes, locate, next_test

Guilty = tuple[int, ...]


def row(n: int, members: Guilty) -> np.ndarray:
    """A recipe as a row."""
    x = np.zeros(n)
    x[list(members)] = 1.0
    return x


def crashes(x: np.ndarray, guilty: list[Guilty]) -> bool:
    """Whether a recipe holds a guilty set."""
    return any(all(x[i] > 0.5 for i in members) for members in guilty)


def beliefs(n: int, recipes: list[np.ndarray], guilty: list[Guilty]) -> Crashes:
    """What is believed after these recipes have run or crashed."""
    ran = [x for x in recipes if not crashes(x, guilty)]
    crashed = [x for x in recipes if crashes(x, guilty)]
    return locate(n, np.reshape(ran, (-1, n)), np.reshape(crashed, (-1, n)))


def hunt(n: int, guilty: list[Guilty], start: list[Guilty], most: int) -> tuple[Crashes, int]:
    """Runs the tests that are asked for until all is explained and proven; beliefs, their number.

    As in a campaign, a set that is believed guilty is run by itself before it is blamed for good.
    """
    recipes = [row(n, members) for members in start]
    rng = np.random.default_rng(0)
    allowed = np.ones((n, n), dtype=np.bool_)
    for tests in range(most):
        found = beliefs(n, recipes, guilty)
        x = next_test(found, allowed, rng)
        unproven = [members for members in found.guilty if members not in found.proven]
        if x is None and not unproven:
            return found, tests
        recipes.append(row(n, unproven[0]) if x is None else x)
    return beliefs(n, recipes, guilty), most


@pytest.mark.parametrize(
    ("guilty", "most"),
    [((3,), 6), ((1, 6), 9), ((0, 1, 2), 17), ((1, 2, 4, 6), 17)],
    ids=["single", "pair", "triple", "quadruple"],
)
def test_a_planted_set_is_located(guilty: Guilty, most: int) -> None:
    """Starting from one crash of everything, exactly the planted set is found, in few runs."""
    n = 8
    found, tests = hunt(n, [guilty], [(), tuple(range(n))], most + 1)
    assert found.guilty == (guilty,)
    assert found.unexplained == ()
    assert tests <= most


def test_a_set_among_many_that_are_cleared_is_located_at_once() -> None:
    """Where everything else has run, the crash of a pair needs no further run."""
    n = 6
    ran = [row(n, (0, 2, 3, 4, 5)), row(n, (1, 2, 3, 4, 5))]
    found = locate(n, np.array(ran), np.array([row(n, (0, 1, 2))]))
    assert found.guilty == ((0, 1),)
    assert found.proven == ()  # certain, but never seen to crash by itself


def test_a_set_whose_parts_all_ran_is_proven() -> None:
    """Both run apart and crash together: nothing is left to believe."""
    found = beliefs(4, [row(4, (0,)), row(4, (1, 2)), row(4, (0, 1))], [(0, 1)])
    assert found.proven == ((0, 1),)
    assert found.guilty == ((0, 1),)


def test_two_culprits_are_both_located() -> None:
    """One crash does not hide another: a single and a pair, in one campaign."""
    found, _ = hunt(7, [(2,), (4, 5)], [(), (0, 1, 2, 3), (3, 4, 5, 6)], 40)
    assert set(found.guilty) == {(2,), (4, 5)}


subsets = st.sets(st.integers(0, 5), max_size=6).map(lambda s: tuple(sorted(s)))


@given(
    guilty=st.lists(subsets.filter(bool), max_size=3),
    recipes=st.lists(subsets, min_size=1, max_size=12),
)
def test_what_ran_is_innocent_for_good(guilty: list[Guilty], recipes: list[Guilty]) -> None:
    """No set inside a recipe that ran is ever suspected, and that recipe is expected to run."""
    n = 6
    rows = [row(n, members) for members in recipes]
    found = beliefs(n, rows, guilty)
    ran = [set(members) for members in recipes if not crashes(row(n, members), guilty)]
    for members in (*found.sets, *found.guilty, *found.proven):
        assert not any(set(members) <= good for good in ran)
    assert np.all((found.guilt >= 0.0) & (found.guilt <= 1.0))
    good = np.reshape([x for x in rows if not crashes(x, guilty)], (-1, n))
    assert found.runs(good) == pytest.approx(1.0)


@given(guilty=st.lists(subsets.filter(bool), min_size=1, max_size=2))
@settings(max_examples=25)
def test_guilt_is_never_proven_of_the_innocent(guilty: list[Guilty]) -> None:
    """Whatever is planted, what is proven contains a planted set and is as small as can be."""
    found, _ = hunt(6, guilty, [(), tuple(range(6))], 40)
    for members in found.proven:
        assert crashes(row(6, members), guilty)
        for left_out in members:
            assert not crashes(row(6, tuple(i for i in members if i != left_out)), guilty)


def exact_guilt(sets: tuple[Guilty, ...], prior: np.ndarray, failures: list[Guilty]) -> np.ndarray:
    """Posterior guilt by summing over every assignment of guilt."""
    total, weighted = 0.0, np.zeros(len(sets))
    for assignment in itertools.product((False, True), repeat=len(sets)):
        explained = all(
            any(g and set(s) <= set(f) for g, s in zip(assignment, sets, strict=True))
            for f in failures
        )
        if explained:
            weight = float(np.prod(np.where(assignment, prior, 1.0 - prior)))
            total += weight
            weighted += weight * np.array(assignment)
    return weighted / total


def compare_guilt(n: int, ran: list[Guilty], failures: list[Guilty]) -> tuple[np.ndarray, ...]:
    """Our guilt beside the exact one."""
    found = locate(
        n,
        np.reshape([row(n, m) for m in ran], (-1, n)),
        np.reshape([row(n, m) for m in failures], (-1, n)),
    )
    prior = np.array([crashing._prior(s, n, ()) for s in found.sets])
    return found.guilt, exact_guilt(found.sets, prior, failures)


@pytest.mark.parametrize(
    ("ran", "failures"),
    [
        ([], []),
        ([], [(0, 1, 2)]),
        ([(0, 1)], [(0, 1, 2)]),
        ([(3,)], [(0, 1), (2, 3)]),  # two crashes without a common suspect
    ],
)
def test_propagation_is_exact_where_crashes_share_no_suspect(
    ran: list[Guilty], failures: list[Guilty]
) -> None:
    """Against the sum over all assignments of guilt to all suspects."""
    ours, exact = compare_guilt(4, ran, failures)
    assert ours == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize(
    ("ran", "failures"),
    [([], [(0, 1), (1, 2)]), ([(3,)], [(0, 1, 2), (1, 2, 3)]), ([(0, 3)], [(0, 1, 3), (1, 2)])],
)
def test_propagation_is_close_where_crashes_share_suspects(
    ran: list[Guilty], failures: list[Guilty]
) -> None:
    """Loops make it approximate: within .15, and the chief suspect is the right one."""
    ours, exact = compare_guilt(4, ran, failures)
    assert ours == pytest.approx(exact, abs=0.15)
    assert exact[int(ours.argmax())] == pytest.approx(exact.max(), abs=1e-9)


def test_the_next_test_halves_the_doubt() -> None:
    """With many equal suspects a part of the crash is run that fails in about half of the cases."""
    n = 12
    found = beliefs(n, [row(n, tuple(range(n)))], [(3,)])
    x = next_test(found, np.ones((n, n), dtype=np.bool_), np.random.default_rng(0))
    assert x is not None
    inside = list(range(len(found.sets)))
    chance = 1.0 - crashing._conditional_runs(found, x[None], inside)[0]
    assert chance == pytest.approx(0.5, abs=0.1)


def test_the_next_test_respects_what_may_not_stand_together() -> None:
    """A part that git cannot merge is not a test."""
    n = 6
    found = beliefs(n, [row(n, tuple(range(n)))], [(3,)])
    allowed = np.ones((n, n), dtype=np.bool_)
    allowed[0, 1] = allowed[1, 0] = False
    for seed in range(10):
        x = next_test(found, allowed, np.random.default_rng(seed))
        assert x is not None
        assert not (x[0] and x[1])
    assert next_test(found, np.zeros((n, n), dtype=np.bool_), np.random.default_rng(0)) is None


def test_leaving_out_stops_where_no_part_may_be_run() -> None:
    """A larger crash of which every open part is forbidden is not asked about for ever."""
    n = 4
    ran = [row(n, members) for members in itertools.combinations(range(n), 2)]
    found = locate(n, np.array(ran), np.array([row(n, (0, 1, 2, 3))]))
    allowed = np.ones((n, n), dtype=np.bool_)
    assert next_test(found, allowed, np.random.default_rng(0)) is not None
    allowed[0, 1] = allowed[1, 0] = allowed[2, 3] = allowed[3, 2] = False
    assert next_test(found, allowed, np.random.default_rng(0)) is None


def test_nothing_to_explain_needs_no_test() -> None:
    """No crash, or only crashes that are explained."""
    allowed = np.ones((3, 3), dtype=np.bool_)
    quiet = beliefs(3, [row(3, (0, 1, 2))], [])
    assert next_test(quiet, allowed, np.random.default_rng(0)) is None
    solved = beliefs(3, [row(3, (0,)), row(3, (1, 2)), row(3, ())], [(0,)])
    assert solved.guilty == ((0,),)
    assert next_test(solved, allowed, np.random.default_rng(0)) is None


def test_a_crash_of_the_trunk_accuses_nobody() -> None:
    """No proposal is in it; the engine stops such a campaign for another reason."""
    found = locate(3, np.zeros((0, 3)), np.zeros((1, 3)))
    assert found.guilty == found.unexplained == ()


def test_the_chance_to_run_multiplies_over_suspects() -> None:
    """A recipe runs when none of the suspect sets inside it is guilty."""
    found = Crashes(
        n=3,
        sets=((0,), (0, 1)),
        guilt=np.array([0.2, 0.5]),
        proven=(),
        unexplained=(),
        failures=(),
        ran=np.zeros((0, 3)),
    )
    x = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0]])
    assert found.runs(x) == pytest.approx([1.0, 0.8, 0.4])


def test_what_holds_a_whole_crash_crashes() -> None:
    """Whichever set in it is guilty; of a part of it nobody can be as sure."""
    known = beliefs(5, [row(5, (0, 1, 2)), row(5, (0, 3))], [(0, 1)])
    part, whole, more = known.runs(
        np.array([row(5, (0, 1)), row(5, (0, 1, 2)), row(5, (0, 1, 2, 3, 4))])
    )
    assert max(whole, more) < 0.06 < part


def test_of_many_proposals_only_what_is_inside_a_crash_is_suspected() -> None:
    """Seventy proposals, a pair planted among ten that crashed together: it is found."""
    n = crashing.MOST_SUSPECTS + 6
    alone = [row(n, (i,)) for i in range(n)]
    found = beliefs(n, [*alone, row(n, tuple(range(10)))], [(2, 5)])
    assert len(found.sets) == 45
    assert found.runs(row(n, (20, 30))[None])[0] == pytest.approx(1.0)
    located, _ = hunt(n, [(2, 5)], [(i,) for i in range(n)] + [tuple(range(10))], 12)
    assert located.guilty == ((2, 5),)


def test_a_part_is_cleared_by_any_recipe_that_holds_it() -> None:
    """The triple crashed; its pairs ran inside larger recipes, so nothing smaller is to blame."""
    n = 6
    ran = [row(n, (0, 1, 3)), row(n, (0, 2, 4)), row(n, (1, 2, 5))]
    assert locate(n, np.array(ran), row(n, (0, 1, 2))[None]).proven == ((0, 1, 2),)
    assert locate(n, np.array(ran[:2]), row(n, (0, 1, 2))[None]).proven == ()
