from __future__ import annotations

import math

import numpy as np
import pytest

from mainstem import Objective
from mainstem.decisions import estimates
from mainstem.decisions.belief import Belief, believe
from mainstem.decisions.confirm import Candidate, Pair, judge
from mainstem.decisions.problem import Problem, Result
from mainstem.stats import evidence

LOSS = Objective("loss", margin=1.0)
SIZE = Objective("size", margin=1.0, role="guard", unit="MB")
EFFECTS = {"a": 3.0, "b": 2.0, "c": -1.5, "ab": -1.0, "d": 0.5}


def result(recipe: str, seed: int, loss: float, size: float = 5.0) -> Result:
    """A finished run that nobody asked for."""
    values = {"loss": loss, "size": size}
    return Result(trial=None, recipe=frozenset(recipe), seed=seed, values=values)


def planted(*recipes: str) -> list[Result]:
    """Four runs of each recipe in a world of main effects and one interaction, noise sd 0.5."""
    out = []
    for seed in range(4):
        for recipe in recipes:
            gain = sum(g for members, g in EFFECTS.items() if set(members) <= set(recipe))
            noise = np.random.default_rng([seed, *map(ord, recipe)]).standard_normal(2)
            out.append(result(recipe, seed, 10.0 - gain + 0.5 * noise[0], 5.0 + 0.05 * noise[1]))
    return out


def belief_of(results: list[Result], *objectives: Objective, trunk: str = "") -> Belief:
    """What these results say about four proposals."""
    problem = Problem(
        proposals=tuple("abcd"), objectives=objectives or (LOSS, SIZE), trunk=frozenset(trunk)
    )
    belief = believe(problem, results)
    assert belief is not None
    return belief


def test_effects_are_in_gain_units_and_interactions_have_their_sign() -> None:
    """One effect per proposal and objective, one interaction per pair, above 0 is better."""
    belief = belief_of(planted("", "a", "b", "ab", "c", "d", "cd", "ac"))
    every = estimates.effects(belief, pairs=True)
    effects = {"".join(sorted(e.proposals)): e for e in every if e.objective == "loss"}
    assert set(effects) == {"a", "b", "c", "d", "ab", "ac", "ad", "bc", "bd", "cd"}
    for name, truth in (("a", 3.0), ("b", 2.0), ("c", -1.5), ("ab", -1.0), ("ac", 0.0)):
        assert effects[name].mean == pytest.approx(truth, abs=0.8)
        assert effects[name].low < effects[name].mean < effects[name].high
        assert effects[name].level == 0.9
    assert len(every) == 20
    assert estimates.effects(belief, pairs=False) == every[:8]
    assert estimates.effects(belief, singles=False, pairs=True) == every[8:]


def test_chosen_interactions_are_those_of_all_pairs() -> None:
    """To the last bit, in whatever order they are named; a single is no pair."""
    belief = belief_of(planted("", "a", "b", "ab", "c", "d", "cd", "ac"))
    every = estimates.effects(belief, pairs=True)
    among = [frozenset("da"), frozenset("bc"), frozenset("a")]
    chosen = estimates.effects(belief, pairs=True, among=among)
    assert chosen[:8] == every[:8]
    assert chosen[8:] == [e for e in every if e.proposals in among and len(e.proposals) == 2]
    assert len(chosen) == 8 + 2 * 2


def test_of_many_runs_chosen_interactions_are_read_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no remainder is left open, fewer recipes give the same draws but for rounding."""
    monkeypatch.setattr("mainstem.stats.effects.MOST_PAIRED", 10)
    monkeypatch.setattr("mainstem.stats.manyruns.MOST_RUNS", 50)
    rng = np.random.default_rng(5)
    names = [f"p{i:02}" for i in range(20)]
    problem = Problem(proposals=tuple(names), objectives=(LOSS, SIZE))
    results = [Result(trial=None, recipe=frozenset(), seed=0, values={"loss": 10.0, "size": 5.0})]
    for seed in range(1, 150):
        recipe = frozenset(rng.choice(names, size=int(rng.integers(0, 5)), replace=False).tolist())
        loss = 10.0 - 2.0 * ("p00" in recipe) + 3.0 * ({"p03", "p07"} <= recipe)
        values = {"loss": loss + 0.5 * rng.standard_normal(), "size": 5.0 + 0.1 * rng.random()}
        results.append(Result(trial=None, recipe=recipe, seed=seed, values=values))
    belief = believe(problem, results)
    assert belief is not None
    assert belief.settled
    every = {(e.proposals, e.objective): e for e in estimates.effects(belief, pairs=True)}
    among = [frozenset({"p03", "p07"}), frozenset({"p18", "p19"})]
    chosen = estimates.effects(belief, pairs=True, among=among)[40:]
    assert {e.proposals for e in chosen} == set(among)
    for effect in chosen:
        other = every[effect.proposals, effect.objective]
        assert effect.mean == pytest.approx(other.mean, rel=1e-9, abs=1e-9)
        assert effect.low == pytest.approx(other.low, rel=1e-9, abs=1e-9)


def test_what_is_in_the_trunk_has_no_effect_of_its_own() -> None:
    """Effects are those of what can still be merged."""
    belief = belief_of(planted("a", "ab", "ac"), trunk="a")
    singles = estimates.effects(belief, pairs=False)
    assert {e.proposals for e in singles} == {frozenset(p) for p in "bcd"}


def test_the_trunk_s_own_values_are_raw_with_a_t_interval() -> None:
    """The numbers a person knows from their own runs; crashes and other recipes play no part."""
    problem = Problem(proposals=("a",), objectives=(LOSS, SIZE))
    crash = Result(trial=None, recipe=frozenset(), seed=8, values=None)
    runs = [result("", s, loss) for s, loss in enumerate((10.0, 11.0, 12.0))]
    trunk = estimates.trunk(problem, [crash, result("a", 9, 0.0), *runs])
    assert trunk["loss"].mean == pytest.approx(11.0)
    assert trunk["loss"].high == pytest.approx(11.0 + 2.920 / math.sqrt(3.0), abs=1e-3)
    assert (trunk["size"].low, trunk["size"].high, trunk["size"].unit) == (5.0, 5.0, "MB")
    assert estimates.trunk(problem, [crash]) == {}


def test_a_deterministic_objective_is_reported_exactly() -> None:
    """No interval is put around what is known to the last bit; what has not run is not known."""
    runs = [result("", s, 10.0 + 0.1 * s) for s in range(3)]
    belief = belief_of([*runs, result("a", 0, 7.0, 5.25), result("ab", 0, 6.0, 5.5)])
    gain = estimates.gain(belief, frozenset("a"))
    assert (gain["size"].low, gain["size"].mean, gain["size"].high) == (-0.25, -0.25, -0.25)
    assert gain["loss"].low is not None
    assert gain["loss"].low < gain["loss"].mean
    adds = estimates.contribution(belief, frozenset("ab"), "b")["size"]
    assert (adds.low, adds.mean, adds.high) == (-0.25, -0.25, -0.25)


def test_what_a_member_adds_is_leave_one_out() -> None:
    """Next to the rest of the set, where the interaction counts: 2 - 1 for b, 3 - 1 for a."""
    belief = belief_of(planted("", "a", "b", "ab", "c", "d", "abc"))
    for member, truth in (("a", 2.0), ("b", 1.0)):
        adds = estimates.contribution(belief, frozenset("ab"), member)
        assert adds["loss"].mean == pytest.approx(truth, abs=0.8)


def test_percent_margins_follow_the_trunk_s_first_runs() -> None:
    """Ten percent of a mean of 10 is 1, and stays 1; before it has run they are not known."""
    percent = Objective("loss", margin="10%")
    losses = enumerate((9.0, 10.0, 11.0, 90.0))
    belief = belief_of([result("", s, loss) for s, loss in losses], percent, SIZE)
    assert estimates.margins(belief.problem, belief) == {"loss": pytest.approx(1.0), "size": 1.0}
    assert estimates.margins(belief.problem, None) == {"size": 1.0}


def test_noise_is_in_the_objective_s_unit() -> None:
    """Not in margins: whatever the margin is, the sd is that of the runs."""
    for margin in (1.0, 0.1):
        belief = belief_of(planted("", "a", "b", "ab"), Objective("loss", margin=margin), SIZE)
        assert estimates.noise_sd(belief)["loss"] == pytest.approx(0.5, rel=0.6)


def candidate_of(belief: Belief, gains: list[float]) -> Candidate:
    """Recipe a after pairs that gained so much of the loss, and half a unit of an exact size."""
    pairs = tuple(
        Pair(seed=s, trunk=result("", s, 10.0), candidate=result("a", s, 10.0 - gain, 4.5))
        for s, gain in enumerate(gains)
    )
    return judge(
        belief.problem,
        number=1,
        recipe=frozenset("a"),
        baseline=frozenset(),
        pairs=pairs,
        scale=belief.scale,
        exact=(False, True),
    )


def test_a_confirmed_gain_comes_from_fresh_pairs_alone() -> None:
    """Its mean is theirs, its interval time-uniform, whatever the search has seen."""
    belief = belief_of(planted("", "a", "b"))
    gains = [2.0, 2.3, 2.2, 1.9, 2.1, 2.15, 2.05, 2.25] * 2
    best = estimates.recommend(belief, [candidate_of(belief, gains)])
    assert best.confirmed
    assert best.recipe == frozenset("a")
    assert best.gain["loss"].mean == pytest.approx(np.mean(gains))
    low, high = evidence.confidence_interval(np.array(gains), 0.9)
    assert (best.gain["loss"].low, best.gain["loss"].high) == pytest.approx((low, high))


def test_a_mean_that_earlier_looks_rejected_is_moved_to_their_end() -> None:
    """The interval never grows by a pair, so the mean of all may fall outside: never shown so."""
    belief = belief_of(planted("", "a", "b"))
    gains = [0.1, -0.1, 0.05, 0.0, -0.05, 0.1, -0.1, 0.0, 0.05, 5.0, 5.2]
    _, high = evidence.confidence_interval(np.array(gains), 0.9)
    assert high is not None
    assert high < np.mean(gains)
    gain = estimates.fresh_gain(belief, candidate_of(belief, gains))["loss"]
    assert gain.mean == gain.high == pytest.approx(high)


def test_one_pair_tells_an_exact_gain() -> None:
    """While that of a noisy objective has no bounds yet."""
    belief = belief_of(planted("", "a", "b"))
    gain = estimates.fresh_gain(belief, candidate_of(belief, [2.0]))
    assert (gain["size"].low, gain["size"].mean, gain["size"].high) == (0.5, 0.5, 0.5)
    assert gain["loss"].low is gain["loss"].high is None


def test_before_a_confirmation_the_favourite_is_recommended() -> None:
    """With its posterior gain, and its probability of being better and within every margin."""
    best = estimates.recommend(belief_of(planted("", "a", "b", "ab", "c")), [])
    assert not best.confirmed
    assert {"a", "b"} <= best.recipe
    assert best.probability > 0.95
    assert best.gain["loss"].mean == pytest.approx(4.0, abs=0.8)
