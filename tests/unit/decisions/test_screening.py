from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings, strategies as st

from mainstem import Integrator, Objective
from mainstem.decisions import screening
from mainstem.decisions.belief import Belief, believe
from mainstem.decisions.problem import Problem, Result
from mainstem.domain.stack import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.unit.decisions.conftest import World

LOSS = Objective("loss", margin=1.0)
SIZE = Objective("size", margin=1.0)
PROBLEM = Problem(proposals=tuple("abcdefgh"), objectives=(LOSS,), seed=1)


def results(
    recipes: Sequence[frozenset[str]], gains: Sequence[float], *, names: tuple[str, ...] = ("loss",)
) -> list[Result]:
    """A run of each recipe; every objective has the same gain."""
    return [
        Result(trial=None, recipe=recipe, seed=seed, values=dict.fromkeys(names, 5.0 - gain))
        for seed, (recipe, gain) in enumerate(zip(recipes, gains, strict=True))
    ]


def belief_of(
    problem: Problem,
    wide: Sequence[float | None],
    *,
    noise: float = 0.5,
    singles: Sequence[float] = (1.0,),
) -> Belief:
    """A belief after three runs of the trunk, single proposals and the first wide ones, by gain.

    A wide one without a gain crashed.
    """
    block = screening.block(problem)[: len(wide)]
    names = tuple(o.name for o in problem.objectives)
    trunk = results([problem.trunk] * 3, [0.0, noise, -noise], names=names)
    ran = [(r, g) for r, g in zip(block, wide, strict=True) if g is not None]
    crashed = [r for r, g in zip(block, wide, strict=True) if g is None]
    alone = [frozenset(p) for p in problem.proposals[: len(singles)]]
    told = [*trunk, *results(alone, singles, names=names)]
    told += results([r for r, _ in ran], [g for _, g in ran], names=names)
    told += [Result(trial=None, recipe=r, seed=0, values=None) for r in crashed]
    belief = believe(problem, told)
    assert belief is not None
    return belief


def wanted(belief: Belief, k: int = 4, pending: Sequence[frozenset[str]] = ()) -> list[int]:
    """Which of the block's recipes are asked next, by their place in it."""
    block = screening.block(belief.problem)
    return [block.index(a.recipe) for a in screening.missing(belief, pending, k)]


@given(
    n=st.integers(3, 14),
    seed=st.integers(0, 99),
    conflicts=st.sets(st.frozensets(st.integers(0, 13), min_size=1, max_size=3), max_size=6),
    trunk=st.sets(st.integers(0, 13), max_size=3),
    budget=st.none() | st.integers(1, 60),
)
@settings(max_examples=60)
def test_wide_recipes_can_be_merged_and_hold_the_trunk(
    n: int, seed: int, conflicts: set[frozenset[int]], trunk: set[int], budget: int | None
) -> None:
    """No conflict in any, no recipe twice, at most a quarter of the budget."""
    names = tuple(f"p{i}" for i in range(n))
    base = frozenset(names[i] for i in trunk if i < n)
    known = {frozenset(names[i] for i in c) for c in conflicts if max(c) < n}
    problem = Problem(
        proposals=names,
        objectives=(LOSS,),
        seed=seed,
        trunk=base,
        conflicts=frozenset(c for c in known if not c <= base),
        budget=budget,
    )
    block = screening.block(problem)
    assert len(set(block)) == len(block) <= max(2, 0.6 * n + 1)
    assert budget is None or len(block) <= budget / 4
    assert all(base <= recipe for recipe in block)
    assert not any(c <= recipe for recipe in block for c in problem.conflicts)


def test_wide_recipes_hold_half_of_the_proposals_and_tell_of_other_contrasts() -> None:
    """Without conflicts; no complement, which would tell of the same effects again."""
    block = screening.block(PROBLEM)
    assert len(block) == 5
    for recipe in block:
        assert len(recipe) == 4
        assert frozenset(PROBLEM.proposals) - recipe not in block


def test_few_proposals_have_no_block() -> None:
    """Two, or two beside the trunk and what cannot be merged."""
    assert screening.block(replace(PROBLEM, proposals=("a", "b"))) == []
    few = replace(
        PROBLEM,
        proposals=tuple("abcd"),
        trunk=frozenset("a"),
        conflicts=frozenset({frozenset("ab")}),
    )
    assert screening.block(few) == []
    assert screening.missing(belief_of(few, ()), (), 4) == []


@pytest.mark.parametrize(
    ("wide", "expected"),
    [
        ((), [0]),  # a single proposal ran: a probe
        ((None,), [1]),  # it crashed: another one
        ((None, None, None), []),  # enough of that
        ((3.0,), [1, 2]),  # near the trunk: half of the batch, until three ran
        ((3.0, -4.0), [2]),
        ((3.0, -4.0, 5.0), [3, 4]),  # the rest
        ((3.0, -4.0, 5.0, 2.0, 1.0), []),  # all there is
        ((-40.0,), []),  # plain to see
        ((-20.0,), [1, 2]),  # one that is far may be unlike the others, or the noise be larger
        ((-20.0, 1.0), []),
        ((-15.0, 3.0), [2]),
        ((3.0, -4.0, -40.0), []),
        ((40.0, 1.0), []),
    ],
)
def test_the_block_goes_on_while_effects_hide_in_noise(
    wide: tuple[float | None, ...], expected: list[int]
) -> None:
    """It starts with a probe and is believed after three."""
    assert wanted(belief_of(PROBLEM, wide)) == expected


def test_probes_are_not_asked_twice() -> None:
    """Those that are running count, for whoever asks for one at a time too."""
    block = screening.block(PROBLEM)
    assert wanted(belief_of(PROBLEM, ()), pending=block[:1]) == []
    assert wanted(belief_of(PROBLEM, (3.0,)), 1, pending=[]) == [1]
    assert wanted(belief_of(PROBLEM, (3.0,)), 1, pending=block[1:2]) == [2]
    assert wanted(belief_of(PROBLEM, (3.0,)), 1, pending=block[1:3]) == []


def test_large_differences_hide_in_larger_noise() -> None:
    """Forty margins are plain beside a noise of half a margin, and not beside one of ten."""
    wide = (40.0, -40.0, 40.0)
    assert not screening.pays(belief_of(PROBLEM, wide))
    assert screening.pays(belief_of(PROBLEM, wide, noise=10.0))


@pytest.mark.parametrize(("role", "pays"), [(Role.IMPROVE, True), (Role.GUARD, False)])
def test_one_hidden_objective_to_improve_is_enough(role: Role, *, pays: bool) -> None:
    """What guards show does not matter: they are not what is searched for."""
    problem = replace(PROBLEM, objectives=(LOSS, replace(SIZE, role=role)))
    block = screening.block(problem)[:3]
    told = [
        Result(trial=None, recipe=r, seed=0, values={"loss": 5.0 + 40.0 * bool(r), "size": 5.0})
        for r in (frozenset[str](), frozenset[str](), *block)
    ]
    belief = believe(problem, told)
    assert belief is not None
    assert screening.pays(belief) is pays


def test_what_is_likely_to_crash_is_left_out() -> None:
    """Two probes that crash together leave suspects in every recipe; what surely crashes goes."""
    belief = belief_of(PROBLEM, (None, 1.0))
    suspects = next(iter(screening.block(PROBLEM)))
    asked = screening.missing(belief, (), 4)
    assert all(not suspects <= a.recipe for a in asked)


@pytest.mark.parametrize(
    ("singles", "expected"),
    [
        ((), []),  # nothing is known of any change
        ((1.0,), [0]),
        ((4.9,), [0]),
        ((5.1,), []),  # plain to see: not even one wide run
        ((0.1, -6.0, 0.2, 0.1), [0]),  # one of four may be large
        ((0.1, -11.0, 0.2, 0.1), []),
        ((1.0, 1.0, 1.0, 1.0, 1.0), []),  # too late: the search knows better
    ],
)
def test_a_probe_is_run_where_the_first_changes_are_not_plain_to_see(
    singles: tuple[float, ...], expected: list[int]
) -> None:
    """Noise is half a margin here, so the margin stands in for it."""
    assert wanted(belief_of(PROBLEM, (), singles=singles)) == expected


@pytest.mark.parametrize(("size", "wide"), [(1.0, 5), (20.0, 0)])
def test_subtle_effects_are_screened_and_plain_ones_are_not(
    size: float, wide: int, world: Callable[..., World]
) -> None:
    """The first sixteen runs of a campaign: the whole block, or nothing of it."""
    effects = dict(zip("abcdefgh", (1, 1.5, 2, 0.5, -1, -2, -0.5, -3), strict=True))
    truth = world({proposal: size * effect for proposal, effect in effects.items()})
    integrator = Integrator(proposals=PROBLEM.proposals, objectives=[LOSS], seed=PROBLEM.seed)
    asked: list[frozenset[str]] = []
    for _ in range(4):
        for trial in integrator.ask(4):
            asked.append(trial.recipe)
            integrator.tell(trial, truth.run(trial))
    assert sum(recipe in screening.block(PROBLEM) for recipe in asked) == wide
