from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mainstem import Objective
from mainstem.decisions.belief import Belief, believe
from mainstem.decisions.problem import Problem, Result
from mainstem.decisions.settle import MOST_RUNS, settle

if TYPE_CHECKING:
    from collections.abc import Iterable

LOSS = Objective("loss", margin=1.0)


def state(
    gains: dict[str, float], *, runs: int = 3, noise: float = 0.3, crashed: Iterable[str] = ()
) -> tuple[Belief, list[Result]]:
    """A belief and its results after each recipe of `gains` ran so many times."""
    problem = Problem(proposals=tuple("abcd"), objectives=(LOSS,))
    rng = np.random.default_rng(0)
    results = [
        Result(
            trial=None,
            recipe=frozenset(members),
            seed=seed,
            values={"loss": 5.0 - gain + noise * rng.standard_normal()},
        )
        for members, gain in {"": 0.0, **gains}.items()
        for seed in range(runs)
    ]
    results += [Result(trial=None, recipe=frozenset(c), seed=0) for c in crashed]
    belief = believe(problem, results)
    assert belief is not None
    return belief, results


def asked(belief: Belief, results: list[Result], best: str, k: int = 8) -> set[str]:
    """What is asked to settle, as words."""
    return {"".join(sorted(a.recipe)) for a in settle(belief, frozenset(best), results, k)}


def test_proposals_nobody_has_run_are_run_alone_and_next_to_the_best_set() -> None:
    """The answer that their authors are owed comes before what members do by themselves."""
    belief, results = state({"a": 2.0, "ab": 4.0, "b": 2.0})
    assert asked(belief, results, "ab", k=4) == {"c", "d", "abc", "abd"}


def test_no_more_than_wanted_and_the_least_certain_first() -> None:
    """With room for one, it goes to a proposal that has not run at all."""
    belief, results = state({"a": 2.0, "b": 0.5, "ab": 2.5, "c": -3.0, "ac": -1.0})
    assert asked(belief, results, "a", k=1) in ({"d"}, {"ad"})


def test_what_is_known_well_enough_is_left_alone() -> None:
    """All effects within a fraction of a margin: nothing is asked."""
    gains = {"a": 2.0, "b": -1.0, "c": -1.0, "d": 0.0, "ab": 1.0, "ac": 1.0, "ad": 2.0}
    belief, results = state(gains, runs=6, noise=0.05)
    assert settle(belief, frozenset("a"), results, 8) == []


def test_no_recipe_is_run_more_than_three_times_to_settle() -> None:
    """Noise that three runs cannot settle is left unsettled, and the words say undecided."""
    gains = {"a": 9.0, "b": 0.0, "c": 0.0, "d": 0.0, "ab": 9.0, "ac": 9.0, "ad": 9.0}
    belief, results = state(gains, runs=MOST_RUNS, noise=4.0)
    assert settle(belief, frozenset("a"), results, 8) == []


def test_a_set_believed_to_crash_is_run_by_itself_first() -> None:
    """So that the verdict can point to a run; a proven one is not run again."""
    seen = {"a": 1.0, "b": 1.0, "c": 1.0, "ac": 1.0, "bc": 1.0}
    belief, results = state(seen, crashed=["abc"])
    assert belief.crashes.guilty == ((0, 1),)
    assert settle(belief, frozenset("ac"), results, 1)[0].recipe == frozenset("ab")
    belief, results = state(seen, crashed=["abc", "ab"])
    assert belief.crashes.proven == ((0, 1),)
    assert "ab" not in asked(belief, results, "ac")


def test_pairs_with_each_member_tell_who_spoils() -> None:
    """D wins alone and loses next to a, b and c together: pairs with each tell who it is.

    Once they have run and one clash is clear, no more pairs are asked for.
    """
    gains = {"a": 2.0, "b": 2.0, "c": 2.0, "abc": 6.0, "d": 2.0, "abcd": 4.5}
    belief, results = state(gains)
    assert {"ad", "bd", "cd"} <= asked(belief, results, "abc")
    belief, results = state({**gains, "ad": 4.0, "bd": 0.5, "cd": 4.0})
    assert not {"ad", "bd", "cd"} & asked(belief, results, "abc")
