from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mainstem import Integrator, Objective
from mainstem.decisions import ask, screening
from mainstem.decisions.belief import Belief, believe, recipe_of, rows
from mainstem.decisions.problem import Problem, Result
from mainstem.domain.trial import Trial
from mainstem.stats import acquisition, design
from mainstem.stats.effects import MOST_PAIRED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

LOSS = Objective("loss", margin=1.0)


def belief_of(
    gains: dict[str, float],
    *,
    n: int = 4,
    noise: float = 0.01,
    size: Objective | None = None,
    sizes: Mapping[str, float] | None = None,
    crashed: tuple[str, ...] = (),
    **more: object,
) -> Belief:
    """A belief after each of these recipes ran three times, with their gains over the trunk.

    `sizes` are the values of a second objective without noise, `size`, 9 where none is given.
    """
    problem = Problem(
        proposals=tuple("abcdefgh"[:n]),
        objectives=(LOSS,) if size is None else (LOSS, size),
        **more,  # type: ignore[arg-type]  # further fields of the record
    )
    rng = np.random.default_rng(0)
    results = [
        Result(
            trial=None,
            recipe=frozenset(members) | problem.trunk,
            seed=seed,
            values={
                "loss": 5.0 - gain + noise * rng.standard_normal(),
                **({} if size is None else {size.name: (sizes or {}).get(members, 9.0)}),
            },
        )
        for members, gain in {"": 0.0, **gains}.items()
        for seed in range(3)
    ]
    results += [Result(trial=None, recipe=frozenset(c), seed=0, values=None) for c in crashed]
    belief = believe(problem, results)
    assert belief is not None
    return belief


def test_the_opening_runs_the_trunk_three_times() -> None:
    """What has run and what is running count; nothing is asked twice."""
    problem = Problem(proposals=("a",), objectives=(LOSS,))
    ran = Result(trial=1, recipe=frozenset(), seed=0, values={"loss": 1.0})
    running = Trial(2, frozenset(), 1)
    assert [a.recipe for a in ask.opening(problem, [], [])] == [frozenset()] * 3
    assert len(ask.opening(problem, [ran], [running])) == 1
    assert ask.opening(problem, [ran] * 2, [running]) == []


def test_the_opening_is_of_the_trunk_as_it_is_now() -> None:
    """After it has moved, runs of the old one say nothing about it."""
    problem = Problem(proposals=("a", "b"), objectives=(LOSS,), trunk=frozenset("a"))
    ran = Result(trial=1, recipe=frozenset(), seed=0, values={"loss": 1.0})
    assert [a.recipe for a in ask.opening(problem, [ran] * 5, [])] == [frozenset("a")] * 3


def test_the_rest_of_the_first_batch_are_single_proposals_in_random_order() -> None:
    """Each at most once, none that conflicts with the trunk, and the seed decides the order."""
    more = {"objectives": (LOSS,), "conflicts": frozenset({frozenset("c"), frozenset("ta")})}
    orders = set()
    for seed in range(20):
        problem = Problem(proposals=tuple("tabcd"), trunk=frozenset("t"), seed=seed, **more)
        recipes = [a.recipe for a in ask.first_singles(problem, 9)]
        assert Counter(recipes) == Counter([frozenset("tb"), frozenset("td")])
        orders.add(tuple(recipes))
    assert len(orders) == 2


def test_the_pool_is_near_what_is_known_to_work() -> None:
    """Every recipe weighed is within reach of a recipe that ran or of a climb from one."""
    belief = belief_of({"a": 1.0, "b": 0.5}, n=8)
    x = ask.pool(belief, np.random.default_rng(0))
    flips = design.reach(belief.runs, belief.n)
    assert x.sum(1).max() <= 2 + 2 * flips
    assert belief.trunk_row.tolist() in x.tolist()
    assert 8 < len(x) <= 2 * ask.POOL


def test_the_pool_holds_the_trunk_s_members_and_no_conflict() -> None:
    """Members of the trunk are in every recipe; what git cannot merge is in none."""
    conflicts = frozenset({frozenset("cd"), frozenset("b")})
    belief = belief_of({"c": 1.0}, n=6, trunk=frozenset("a"), conflicts=conflicts)
    x = ask.pool(belief, np.random.default_rng(0))
    assert len(x) > 4
    assert np.all(x[:, 0] == 1.0)
    assert np.all(x[:, 1] == 0.0)
    assert not np.any((x[:, 2] == 1.0) & (x[:, 3] == 1.0))


def test_the_favourite_joins_what_helps() -> None:
    """Two proposals that gain alone and together are favoured together, without the third."""
    belief = belief_of({"a": 2.0, "b": 2.0, "c": -2.0, "ab": 4.0})
    best = ask.favourite(belief)
    assert best.row.tolist() == [1.0, 1.0, 0.0, 0.0]
    assert best.value == pytest.approx(4.0, abs=0.5)
    assert best.probability > 0.99
    assert best.mean == pytest.approx([best.value], abs=0.1)


def test_what_never_ran_is_the_favourite_only_with_a_clear_lead() -> None:
    """Two that gain much alone surely gain together; a small gain alone may be undone by them."""
    assert ask.favourite(belief_of({"a": 2.0, "b": 2.0, "c": -1.0})).row.tolist() == [1, 1, 0, 0]
    small = belief_of({"a": 3.0, "b": 0.6, "c": 3.0, "ac": 6.0})
    assert ask.favourite(small).row.tolist() == [1, 0, 1, 0]


def test_no_idle_member_is_dropped_towards_what_never_ran() -> None:
    """Beside a alone b spoils; whether it does beside c as well, a run has to say."""
    runs = {"a": 1.0, "abc": 4.0, "ab": -1.0, "bc": 0.5}
    assert ask.favourite(belief_of(runs)).row.tolist() == [1, 1, 1, 0]
    assert ask.favourite(belief_of({**runs, "ac": 4.0})).row.tolist() == [1, 0, 1, 0]


def test_who_surely_gains_alone_runs_beside_the_favourite_whatever_company_it_was_in() -> None:
    """In the place of what it conflicts or likely crashes with; the surest gains first, once."""
    runs = {"a": 3.0, "b": 4.0, "c": 5.0, "d": 0.1, "ab": 7.0, "abd": 7.0, "cd": -6.0}
    conflict = frozenset({frozenset("bc")})
    belief = belief_of(runs, conflicts=conflict, budget=60)
    best = np.array([1.0, 1.0, 0.0, 0.0])
    assert ask.outsiders(belief, best).tolist() == [[1, 0, 1, 0]]
    assert ask.outsiders(belief_of({**runs, "ac": 1.0}, conflicts=conflict), best).size == 0
    crashing = belief_of(runs, crashed=("abc", "bcd", "bc"), budget=60)
    assert ask.outsiders(crashing, best).tolist() == [[1, 0, 1, 0]]


def test_the_trunk_is_the_favourite_where_nothing_helps() -> None:
    """The default costs nothing and promises nothing."""
    best = ask.favourite(belief_of({"a": -2.0, "b": -1.0, "c": -2.0, "d": -3.0, "ab": -4.0}))
    assert best.row.tolist() == [0.0] * 4
    assert (best.value, best.probability) == (0.0, 0.0)


def test_members_that_do_not_help_are_pruned() -> None:
    """What takes a little away, or a lot, is dropped; what helps stays."""
    belief = belief_of({"a": 2.0, "b": 0.0, "ab": 1.95, "c": -1.0})
    assert ask.prune(belief, np.array([1.0, 1.0, 1.0, 0.0])).tolist() == [1.0, 0.0, 0.0, 0.0]
    assert ask.prune(belief, np.zeros(4)).tolist() == [0.0] * 4


def test_where_effects_hide_a_member_stays_that_helps_more_likely_than_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that helps in 55 draws of 100; where effects are plain or runs are few it is dropped."""
    belief, both = belief_of({"a": 2.0, "b": 0.1, "ab": 2.0}), np.array([1.0, 1.0, 0.0, 0.0])
    helps = np.where(np.arange(100) < 55, 1.0, -1.0)

    def draws(_: Belief, x: NDArray[np.float64], *_tag: int, **_more: bool) -> NDArray[np.float64]:
        return np.asarray(3.0 * x[:, 0] + np.outer(helps, x[:, 1]))[..., None]

    monkeypatch.setattr(Belief, "draw_gains", draws)
    assert ask.prune(belief, both).tolist() == [1, 0, 0, 0]
    monkeypatch.setattr(screening, "pays", lambda _: True)
    assert ask.prune(belief, both).tolist() == [1, 1, 0, 0]
    with_budget = replace(belief, problem=replace(belief.problem, budget=60))
    assert ask.prune(with_budget, both).tolist() == [1, 0, 0, 0]


def test_the_search_answers_at_once_whatever_runs() -> None:
    """As many asks as wanted, with others pending, and nothing impossible among them."""
    belief = belief_of({"a": 1.0, "b": 0.5}, conflicts=frozenset({frozenset("ab")}))
    found = ask.search(belief, 5, [frozenset("c"), frozenset("cd")])
    assert len(found.asks) == 5
    assert found.worth >= 0.0
    assert not any(frozenset("ab") <= a.recipe for a in found.asks)


def test_what_only_the_trunk_can_tell_is_not_asked_of_a_recipe_for_ever() -> None:
    """Of a recipe that ran sixty times and a trunk that ran three times the trunk is to run."""
    rng = np.random.default_rng(3)
    losses = {"": 5.0 + 0.5 * rng.standard_normal(3), "a": 5.2 + 0.5 * rng.standard_normal(60)}
    losses |= {other: np.full(3, 15.0) for other in ("b", "c", "d", "ab", "ac", "ad")}
    results = [
        Result(trial=None, recipe=frozenset(members), seed=seed, values={"loss": float(loss)})
        for members, found in losses.items()
        for seed, loss in enumerate(found)
    ]
    belief = believe(Problem(proposals=tuple("abcd"), objectives=(LOSS,)), results)
    assert belief is not None
    first, *others = ask.search(belief, 4, []).asks
    assert first.recipe == frozenset()
    assert Counter(a.recipe for a in others)[frozenset("a")] <= 1  # a dream may be of it


def test_known_conflicts_are_never_asked(
    world: Callable[..., object], campaign: Callable[..., Integrator]
) -> None:
    """Through a whole campaign in which the conflicting pair would be the best (see `campaign`)."""
    truth = world({"a": 2.0, "b": 1.5, "c": 1.0, "ab": 1.0})
    integrator = campaign(truth, "abcd", conflicts=("ab", "d"), budget=60)
    assert integrator.recommend().recipe == frozenset("ac")


def test_a_guilty_pair_is_not_asked_again_once_it_is_certain(world: Callable[..., object]) -> None:
    """After the pair has been located, no recipe with it is run, except once by itself."""
    truth = world({"a": 2.0, "b": 2.0, "c": 1.0, "d": 0.5}, guilty=("ab",))
    integrator = Integrator(proposals="abcd", objectives=[LOSS], budget=100)
    crashes = []
    while not integrator.done:
        for trial in integrator.ask(4):
            values = truth.run(trial)  # type: ignore[attr-defined]  # the fixture's own type
            crashes += [trial.recipe] if values is None else []
            integrator.tell(trial, values)
    assert frozenset("ab") in crashes
    after = crashes[crashes.index(frozenset("ab")) + 1 :]
    assert len(after) <= 3  # the rest of the batch that was already chosen
    assert len(crashes) <= 6
    best = integrator.recommend().recipe - {"d"}  # which adds half a margin, and may be left out
    assert best in {frozenset("ac"), frozenset("bc")}


def test_who_never_ran_alone_is_asked_alone_while_the_search_goes_on() -> None:
    """Ran, crashed alone, in conflict with the trunk: all known; the order is the seed's."""
    belief = belief_of({"a": 1.0, "ab": 2.0}, conflicts=frozenset({frozenset("d")}), budget=60)
    alone = [recipe_of(row, belief.problem.proposals) for row in ask.unseen_alone(belief)]
    assert set(alone) == {frozenset("b"), frozenset("c")}
    asked = [a.recipe for a in ask.search(belief, 4, []).asks]
    assert alone[0] in asked
    everyone = belief_of(dict.fromkeys("abcd", 1.0))
    assert ask.unseen_alone(everyone).shape == (0, 4)


def test_who_is_suspected_of_crashes_is_asked_alone_too() -> None:
    """Until it has crashed alone, its company may be to blame."""
    belief = belief_of({"a": 1.0, "b": 1.0, "c": 1.0}, crashed=("ad", "bd", "cd"), budget=60)
    suspect = rows([frozenset("d")], belief.problem.proposals)
    assert not belief.possible(suspect)[0]
    assert np.array_equal(ask.unseen_alone(belief), suspect)
    assert frozenset("d") in [a.recipe for a in ask.search(belief, 4, []).asks]
    proven = belief_of({"a": 1.0, "b": 1.0, "c": 1.0}, crashed=("ad", "bd", "d"))
    assert ask.unseen_alone(proven).shape == (0, 4)


def test_dreams_are_not_the_leader_and_stay_within_reach() -> None:
    """None is dreamt twice, and none is further off than the trust allows."""
    belief = belief_of({"a": 3.0, "b": -1.0, "ab": 2.0}, n=6)
    leader = np.array([1.0, 0, 0, 0, 0, 0])
    found = ask.dreams(belief, leader, 5, np.random.default_rng(1))
    assert 1 <= len(found) <= 5
    assert len(np.unique(found, axis=0)) == len(found)
    assert not np.any(np.all(found == leader, axis=1))
    steps = 2 * design.reach(belief.runs, belief.n)  # an exchange is one step and two flips
    flips = np.minimum(np.abs(found - leader).sum(1), found.sum(1))
    assert flips.max() <= steps


def test_dreams_that_promise_most_beyond_the_leader_come_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three times as many are dreamt as are wanted: not the first of them is run."""
    belief = belief_of({"a": 3.0}, n=5)
    assert (belief.runs // 4) % 2 == 1  # no optimist's turn
    weights = iter(np.array([[3.0, 0.1, -1, -1, -1], [3.0, -1, -1, 5, -1], [3.0, -1, 0.2, -1, -1]]))

    def sketch(*_: object) -> Callable[[np.ndarray], np.ndarray]:
        weight = next(weights)
        return lambda x: np.asarray(x @ weight)

    monkeypatch.setattr(Belief, "sketch", sketch)
    leader = np.array([1.0, 0, 0, 0, 0])
    found = ask.dreams(belief, leader, 1, np.random.default_rng(0))
    assert found.tolist() == [[1.0, 0.0, 0.0, 1.0, 0.0]]


@pytest.mark.parametrize(("budget", "alone"), [(60, 1), (None, 0)])
def test_asks_of_one_take_turns_like_a_batch(
    budget: int | None, alone: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In four asks of one a dream has its turn, as in one of four; with a budget a single has."""
    dreamt = rows([frozenset("cd")], "abcd")
    monkeypatch.setattr(ask, "dreams", lambda _b, _l, count, _r: dreamt[:count])
    asked: list[frozenset[str]] = []
    belief = belief_of({"a": 3.0, "b": -2.0, "ab": -1.0}, budget=budget)
    monkeypatch.setattr(
        acquisition, "knowledge_gradient", lambda draws, *_: np.zeros(len(draws.mean))
    )
    for _ in range(4):
        (wanted,) = ask.search(belief, 1, asked).asks
        asked.append(wanted.recipe)
    assert asked.count(frozenset("cd")) == 1
    assert sum(recipe in ({"c"}, {"d"}) for recipe in asked) == alone


def test_strangers_hold_each_pair_that_never_ran_where_it_costs_least() -> None:
    """Not those that ran together, and not a pair that is out of the question; the best first."""
    belief = belief_of(
        {"a": 4.0, "b": -1.0, "c": -2.0, "ab": 3.0, "ac": -6.0, "d": -9.0, "ad": -5.0},
        conflicts=frozenset({frozenset("cd")}),
    )
    leader = rows([frozenset("a")], belief.problem.proposals)[0]
    recipes, promise = ask.strangers(belief, leader)
    found = [recipe_of(row, belief.problem.proposals) for row in recipes]
    assert found[0] == frozenset("bc")  # beside a the third would cost 8 more
    assert found[1] == frozenset("abd")
    assert len(found) == 2
    assert promise[0] > promise[1] > 0.0


def test_a_recipe_of_many_pairs_that_never_met_promises_more() -> None:
    """One run tries them all: the chance that one of them is at work adds up, below certainty."""
    belief = belief_of({"a": 4.0, "b": -1.0, "c": -1.0, "d": -1.0, "ab": 3.0})
    leader, recipe = rows([frozenset("a"), frozenset("bcd")], belief.problem.proposals)
    one, two, all_of_them = (
        float(ask._promise(belief, leader, recipe[None], np.array([pairs]))[0])
        for pairs in (1, 2, 1000)
    )
    share, _ = belief.pair_prior
    assert two == pytest.approx(one * (2.0 - share))
    assert all_of_them == pytest.approx(one / share)


def test_strangers_break_no_guard() -> None:
    """What surely costs a guard more than its margin promises next to nothing in any company."""
    guard = Objective("size", role="guard", margin=1.0)
    ran = [*"abcde", "ab", "bc", "cd", "de"]
    belief = belief_of(
        {members: 3.0 * len(members) for members in ran},
        n=5,
        size=guard,
        sizes={members: 34.0 for members in ran if "b" in members},
    )
    recipes, promise = ask.strangers(belief, belief.trunk_row)
    breaks = recipes[:, 1] > 0.5
    assert not breaks[0]
    assert np.all(promise[breaks] < 0.01 * promise[0])


def test_strangers_are_found_where_the_leader_spoils_both() -> None:
    """The leader's member breaks a guard beside either: the pair is tried without it."""
    guard = Objective("size", role="guard", margin=1.0)
    gains = {"a": 6.0, "b": -1.0, "c": -1.0, "ab": -4.0, "ac": -4.0}
    belief = belief_of(gains, n=3, size=guard, sizes={"ab": 29.0, "ac": 29.0})
    leader = rows([frozenset("a")], belief.problem.proposals)[0]
    recipes, _ = ask.strangers(belief, leader)
    assert [recipe_of(row, belief.problem.proposals) for row in recipes] == [frozenset("bc")]


def test_a_second_look_leaves_out_what_is_running() -> None:
    """The most promising first; there is nothing to run once all pairs have met."""
    belief = belief_of({"a": 4.0, "b": -1.0, "c": -2.0})
    leader = rows([frozenset("a")], belief.problem.proposals)[0]
    found = ask.second_look(belief, leader, [])
    assert len(found.asks) >= 2
    assert list(found.promise) == sorted(found.promise, reverse=True)
    assert min(found.promise) > 0.0
    rest = ask.second_look(belief, leader, [found.asks[0].recipe])
    assert (rest.asks, rest.promise) == (found.asks[1:], found.promise[1:])
    everyone = belief_of(dict.fromkeys(["abcd"], 1.0))
    assert ask.second_look(everyone, everyone.trunk_row, []) == ask.Strangers()


def test_a_second_look_weighs_exact_objectives_beside_noisy_ones() -> None:
    """An exact one has fewer chains; and what crashed is not run again as it was."""
    belief = belief_of(
        {"a": 0.0, "b": 0.0, "c": 0.0, "ab": 0.0},
        n=3,
        noise=0.1,
        size=Objective("size", margin=1.0),
        sizes={"a": 8.0, "b": 8.0, "c": 8.0, "ab": 7.0},
        crashed=("abc",),
    )
    assert len({model.chains for model in belief.landscapes}) == 2
    found = ask.second_look(belief, rows(["ab"], "abc")[0], [])
    assert {a.recipe for a in found.asks} <= {frozenset("ac"), frozenset("bc")}
    assert sum(found.promise) > 0.0


def test_a_second_look_does_not_blame_bystanders() -> None:
    """One that spoiled a run beside three others is tried beside two of them, in turn."""
    gains = {"a": 5.0, "b": 5.0, "c": 5.0, "d": -1.0, "abc": 15.0, "abcd": -16.0}
    belief = belief_of(gains)
    leader = rows([frozenset("abc")], belief.problem.proposals)[0]
    assert len(ask.strangers(belief, leader)[0]) == 0  # all pairs have met
    found = ask.second_look(belief, leader, [])
    assert all("d" in a.recipe and len(a.recipe) == 3 for a in found.asks)
    assert frozenset().union(*(a.recipe for a in found.asks)) == set("abcd")


def test_an_optimist_hopes_for_what_is_not_known() -> None:
    """Of two recipes with the same mean the one that never ran is worth more to it."""
    belief = belief_of({"a": 1.0, "b": 0.0, "c": 0.0, "d": 0.0, "bc": 0.0})
    value = ask._optimist(belief, np.random.default_rng(0))
    known, unknown = rows(["bc", "bd"], belief.problem.proposals)  # type: ignore[list-item]  # words are sets
    assert value(unknown[None])[0] > value(known[None])[0]


def test_many_proposals_are_climbed_by_the_flips_that_promise_most() -> None:
    """Eighty proposals of which three help: a climb takes these, and looks at 64 of them only."""
    n = 80
    problem = Problem(proposals=tuple(f"p{i:02d}" for i in range(n)), objectives=(LOSS,))
    rng = np.random.default_rng(0)
    x = (rng.random((200, n)) < 0.2).astype(float)
    x[:5] = 0.0
    gain = 5.0 * x[:, [3, 30, 75]].sum(1) - x.sum(1)
    results = [
        Result(trial=None, recipe=recipe_of(row, problem.proposals), seed=i, values={"loss": -g})
        for i, (row, g) in enumerate(zip(x, gain + 0.3 * rng.standard_normal(200), strict=True))
    ]
    belief = believe(problem, results)
    assert belief is not None
    looked: list[int] = []

    def value(options: np.ndarray) -> np.ndarray:
        looked.append(len(options))
        return belief.mean_value(options)

    top = ask.climb(belief, np.zeros(n), 10, value)
    assert np.flatnonzero(top).tolist() == [3, 30, 75]
    assert looked[0] == n
    assert max(looked[1:]) == MOST_PAIRED


def test_what_was_found_of_a_belief_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The favourite is asked for by the search and by who reports: one pool, the same answer."""
    belief = belief_of({"a": 2.0, "b": 1.0, "ab": 3.0})
    first = ask.favourite(belief)
    monkeypatch.setattr(ask, "pool", None)
    assert ask.favourite(belief) is first
    with pytest.raises(TypeError):
        ask.favourite(belief, without=[frozenset("ab")])
