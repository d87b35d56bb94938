"""From the cheapest rung upwards: what is asked below, and what rises."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mainstem import Objective
from mainstem.decisions import ask, rising, screening
from mainstem.decisions.belief import Belief, believe, rows
from mainstem.decisions.problem import Ask, Lower, Problem, Result
from mainstem.decisions.trials import Trials

TRUNK: frozenset[str] = frozenset()
GAINS = {"a": 9.0, "b": 6.0, "c": -8.0, "d": 0.7}
"""Each is plain at the noise of the runs; that of d is small beside what scales may differ by."""

PROBLEM = Problem(
    proposals=tuple(GAINS),
    objectives=(Objective("loss", margin=1.0),),
    seed=5,
    rung="large",
    lower=(Lower(name="small", cost=0.125),),
)


THREE = (Lower(name="small", cost=0.02), Lower(name="middle", cost=0.2))


def ran(recipe: str, rung: str, *, seed: int = 0, share: float = 1.0) -> Result:
    """A run whose gain is that share of the sum of its members', with noise of sd .2."""
    noise = np.random.default_rng([seed, *map(ord, recipe), *map(ord, rung)]).standard_normal()
    loss = 50.0 - share * sum(GAINS[p] for p in recipe) + 0.2 * noise
    return Result(trial=None, recipe=frozenset(recipe), seed=seed, values={"loss": loss}, rung=rung)


def known(*results: Result) -> Trials:
    """A record of runs, two of the trunk at each rung among them."""
    trials = Trials()
    trunk = [ran("", rung, seed=seed) for rung in ("small", "middle", "large") for seed in (0, 1)]
    for result in (*trunk, *results):
        trials = trials.observe(
            result.recipe, result.seed, result.values, replace(PROBLEM, lower=THREE), result.rung
        )
    return trials


def belief_of(trials: Trials, problem: Problem = PROBLEM) -> Belief:
    """What a record says."""
    named = {problem.rung, *(lower.name for lower in problem.lower)}
    belief = believe(problem, [r for r in trials.acting if r.rung in named])
    assert belief is not None
    return belief


SINGLES = [ran(p, "small") for p in GAINS]
RISEN = [ran(p, "large") for p in ("a", "ab")]
"""Large runs that say as much as the small ones do."""

PAIRS = [ran(p, "small") for p in ("ab", "ad", "bd", "abd", "bc", "cd")]


def test_below_asks_what_the_cheapest_rung_alone_would_be_asked() -> None:
    """As if it decided: no run above enters, and every ask is at that rung."""
    trials = known(*SINGLES, ran("c", "large", share=-1.0))
    asks = rising.below(belief_of(trials), trials, 4)
    alone = believe(
        replace(PROBLEM, rung="small", lower=()), [r for r in trials.acting if r.rung == "small"]
    )
    assert alone is not None
    wide = screening.missing(alone, [], 4)
    assert asks == [*wide, *ask.search(alone, 4 - len(wide), []).asks][:4]
    assert {a.rung for a in asks} == {"small"}


def test_below_ends_after_so_many_runs_per_proposal() -> None:
    """Runs that are waited for count, those of the trunk do not."""
    most = rising.PER_PROPOSAL * len(GAINS)
    *others, last = [ran("a", "small", seed=seed) for seed in range(most)]
    trials = known(*RISEN, *others)
    assert rising.below(belief_of(trials), trials, 1)
    (waiting,) = trials.numbered([Ask(recipe=frozenset("b"), rung="small")], 0)
    trials = trials.ask(waiting, TRUNK)
    assert not rising.below(belief_of(trials), trials, 1)
    trials = known(*RISEN, *others, last)
    assert not rising.below(belief_of(trials), trials, 1)


def test_half_way_below_waits_for_what_rises() -> None:
    """And ends there where little carries over; where it does it goes on."""
    half = int(rising.FIRST * rising.PER_PROPOSAL * len(GAINS))
    runs = [*SINGLES, *PAIRS][:half]
    trials = known(*runs[:-1])
    assert rising.below(belief_of(trials), trials, 1)
    for above, goes_on in (
        ([], False),
        (RISEN[:1], False),
        (RISEN, True),
        ([ran(p, "large", share=-0.5) for p in ("a", "ab")], False),
    ):
        trials = known(*runs, *above)
        assert bool(rising.below(belief_of(trials), trials, 1)) == goes_on


@pytest.mark.parametrize(("budget", "cost", "most"), [(4, 0.125, 8), (None, 0.5, 4)])
def test_below_costs_no_more_than_its_share(budget: int | None, cost: float, most: int) -> None:
    """A quarter of a budget, or half a trial that decides per proposal."""
    problem = replace(PROBLEM, budget=budget, lower=(Lower(name="small", cost=cost),))
    runs = [*RISEN, *(ran("a", "small", seed=seed) for seed in range(most))]
    trials = known(*runs[:-1])
    assert rising.below(belief_of(trials, problem), trials, 1)
    trials = known(*runs)
    assert not rising.below(belief_of(trials, problem), trials, 1)


def test_of_one_rung_nothing_rises() -> None:
    """There is nothing below and nothing above."""
    problem = replace(PROBLEM, lower=())
    trials = known()
    belief = belief_of(trials, problem)
    assert not rising.below(belief, trials, 4)
    assert not rising.above(belief, trials, 4)


def test_the_best_of_the_small_runs_rise_two_at_a_time() -> None:
    """What is expected to be best first; others wait until these have said what they can."""
    trials = known(*SINGLES, *PAIRS)
    belief = belief_of(trials)
    asks = rising.above(belief, trials, 4)
    assert [a.recipe for a in asks] == [frozenset("abd"), frozenset("ab")]
    assert {a.rung for a in asks} == {"large"}
    first, second = trials.numbered(asks, PROBLEM.seed)
    trials = trials.ask(first, TRUNK)
    assert [a.recipe for a in rising.above(belief, trials, 4)] == [second.recipe]
    assert not rising.above(belief, trials.ask(second, TRUNK), 4)


def test_no_more_than_so_many_rise() -> None:
    """Then rungs are weighed together."""
    up = [ran(p, "large") for p in ("abd", "ab", "ad", "bd")]
    assert len(up) == rising.PROMOTED
    trials = known(*SINGLES, *PAIRS, *up[:-1])
    assert len(rising.above(belief_of(trials), trials, 4)) == 1
    trials = known(*SINGLES, *PAIRS, *up)
    assert not rising.above(belief_of(trials), trials, 4)


def test_where_little_carries_over_no_more_rise_than_the_first() -> None:
    """They were the most likely to be right."""
    up = [ran(p, "large", share=0.05) for p in ("abd", "ab")]
    trials = known(*SINGLES, *PAIRS, *up)
    assert belief_of(trials).mean_value(rows([frozenset("a")], tuple(GAINS)))[0] > 0.0
    assert not rising.above(belief_of(trials), trials, 4)


def test_what_rises_is_what_is_expected_where_it_counts() -> None:
    """After a large run that says the opposite of the small ones, what was bad below."""
    trials = known(*SINGLES, *PAIRS, ran("abd", "large", share=-2.0))
    assert [a.recipe for a in rising.above(belief_of(trials), trials, 4)] == [frozenset("c")]


def test_of_three_rungs_recipes_rise_one_by_one() -> None:
    """What ran at the lowest runs in the middle before anything runs at the top."""
    problem = replace(PROBLEM, lower=THREE)
    trials = known(*SINGLES, *PAIRS)
    asks = rising.above(belief_of(trials, problem), trials, 4)
    assert {a.rung for a in asks} == {"middle"}
    trials = known(*SINGLES, *PAIRS, *(ran(p, "middle") for p in ("abd", "ab", "ad", "bd")))
    asks = rising.above(belief_of(trials, problem), trials, 4)
    assert {a.rung for a in asks} == {"large"}
    assert asks[0].recipe == frozenset("abd")


def test_the_favourite_is_what_small_runs_tell_while_only_they_have_run() -> None:
    """That nobody knows yet what the large rung makes of a member speaks not against it."""
    often = [ran(p, "small", seed=seed) for p in ("ab", "abd") for seed in range(1, 7)]
    belief = belief_of(known(*SINGLES, *PAIRS, *often))
    lead = belief.draw_gains(rows([frozenset("abd"), frozenset("ab")], tuple(GAINS)), 1)
    assert (lead[:, 0] > lead[:, 1]).mean() < ask.HELPS
    assert ask.favourite(belief).row.tolist() == [1.0, 1.0, 0.0, 1.0]


def test_what_ran_above_is_left_only_for_what_is_surely_better() -> None:
    """A recipe that only small runs speak for is a guess beside one that ran where it counts."""
    belief = belief_of(known(*SINGLES, *PAIRS, ran("ab", "large")))
    assert belief.mean_value(rows([frozenset("abd")], tuple(GAINS)))[0] > belief.mean_value(
        rows([frozenset("ab")], tuple(GAINS))
    )
    assert ask.favourite(belief).row.tolist() == [1.0, 1.0, 0.0, 0.0]


def test_draws_above_other_rungs_have_the_posteriors_means() -> None:
    """Their spread is wide, their order is not chance."""
    trials = known(*SINGLES, *PAIRS)
    belief = belief_of(trials)
    x = rows([frozenset(p) for p in ("a", "ab", "abd", "cd")], tuple(GAINS))
    means = belief.mean_gains(x)
    assert np.allclose(belief.draw_gains(x, 1, compressed=True).mean(0), means)
    assert np.allclose(belief.draw_rungs(x, 1)[-1].mean(0), means)


def test_nothing_rises_that_is_expected_to_lose() -> None:
    """The trunk stays the best until something gains below."""
    trials = known(ran("c", "small"), ran("cd", "small"))
    assert not rising.above(belief_of(trials), trials, 4)
