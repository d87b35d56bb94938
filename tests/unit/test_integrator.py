from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from mainstem import Integrator, Objective, Purpose, Trial, VerdictKind

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping, Sequence

    from mainstem import Verdict

LOSS = Objective("loss", margin=1.0)
SIZE = Objective("size", margin=1.0, role="guard")
NAMES = ("a", "b", "c", "d")
EFFECTS = {(0,): 3.0, (1,): 2.0, (2,): -1.5, (0, 1): -1.0, (3,): 0.5}

Values = dict[str, float] | None


@dataclass(frozen=True, kw_only=True)
class World:
    """A truth over proposals known by their place, so that names play no part in it.

    Attributes:
        effects: The gain that each set of places adds to recipes that hold it.
        guilty: Sets of places that crash.
        sd: Run-to-run sd of the loss; the guard `size` has a tenth of it.
    """

    effects: Mapping[tuple[int, ...], float] = field(default_factory=lambda: EFFECTS)
    guilty: tuple[tuple[int, ...], ...] = ()
    sd: float = 0.5

    def run(self, trial: Trial, names: Sequence[str] = NAMES) -> Values:
        """What the trial measures; the same trial measures the same."""
        places = {names.index(name) for name in trial.recipe}
        if any(set(members) <= places for members in self.guilty):
            return None
        gain = sum(g for members, g in self.effects.items() if set(members) <= places)
        noise = np.random.default_rng([trial.seed, *sorted(places)]).standard_normal(2)
        return {"loss": 10.0 - gain + self.sd * noise[0], "size": 5.0 + 0.1 * self.sd * noise[1]}


def fresh(**changes: object) -> Integrator:
    """An integrator over the four proposals with a budget of 60."""
    known = {"proposals": NAMES, "objectives": [LOSS, SIZE], "budget": 60, "seed": 3}
    return Integrator(**{**known, **changes})  # type: ignore[arg-type]  # a dict of keywords has one type


def drive(
    integrator: Integrator,
    world: World,
    *,
    k: int = 4,
    shuffle: random.Random | None = None,
    run: Callable[[Trial], Values] | None = None,
    most: int = 1000,
) -> list[list[Trial]]:
    """Runs a campaign to its end (or for so many asks); the batches that were asked."""
    batches: list[list[Trial]] = []
    while not integrator.done and len(batches) < most:
        batch = integrator.ask(k)
        assert len(batch) <= k
        if not batch:
            assert integrator.done
            break
        batches.append(batch)
        told = list(batch)
        if shuffle is not None:
            shuffle.shuffle(told)
        for trial in told:
            integrator.tell(trial, run(trial) if run else world.run(trial, integrator.proposals))
    return batches


def words(verdicts: Mapping[str, Verdict]) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Verdicts as plain values."""
    return {name: (v.kind.value, v.reason, v.others) for name, v in verdicts.items()}


# ---- the whole way


def examples() -> list[str]:
    """Every Python example of the integrator's page."""
    page = Path(__file__).parents[2] / "docs" / "parts" / "integrator.md"
    return re.findall(
        r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )


@pytest.mark.parametrize("code", examples())
def test_the_examples_of_the_page_run(code: str) -> None:
    """What docs/parts/integrator.md shows is true: its assertions hold."""
    assert "assert" in code
    exec(compile(code, "docs/parts/integrator.md", "exec"), {})  # noqa: S102  # our own page


def test_a_campaign_finds_confirms_and_explains_the_best_set() -> None:
    """From proposals to a confirmed set with intervals that hold the truth, and verdicts."""
    integrator = fresh(budget=80)
    drive(integrator, World())
    best = integrator.recommend()
    assert best.confirmed
    assert {"a", "b"} <= best.recipe <= {"a", "b", "d"}
    assert best.probability > 0.99
    gain = best.gain["loss"]
    assert gain.low is not None
    assert gain.high is not None
    assert gain.low < 4.0 + (0.5 if "d" in best.recipe else 0.0) < gain.high
    verdicts = integrator.verdicts()
    assert verdicts["a"].kind is verdicts["b"].kind is VerdictKind.MERGE
    assert verdicts["c"].kind is VerdictKind.SHELVE


def test_what_is_known_before_anything_ran() -> None:
    """Nothing, and every question has an answer that says so."""
    integrator = fresh(objectives=[LOSS, Objective("size", role="guard", margin="5%")])
    assert integrator.recommend().recipe == frozenset()
    assert not integrator.recommend().confirmed
    assert integrator.effects() == integrator.candidates() == []
    assert (integrator.front().points, integrator.front().hypervolume) == ((), None)
    assert integrator.trunk() == integrator.noise_sd() == integrator.gain("a") == {}
    assert integrator.margins() == {"loss": 1.0}
    assert integrator.contribution("a") is None


def test_every_question_about_what_is_known_is_answered() -> None:
    """Once the trunk and some proposals have run, in units and by name."""
    integrator = fresh(budget=None)
    for seed in range(4):
        for recipe in ("", "a", "b", "ab", "c", "d", "abc"):
            integrator.observe(recipe, seed, World().run(Trial(0, frozenset(recipe), seed)))
    assert {"a", "b"} <= integrator.recommend().recipe
    adds = integrator.contribution("a")
    assert adds is not None
    assert adds["loss"].mean == pytest.approx(2.0, abs=0.8)
    assert integrator.contribution("c") is None
    assert integrator.gain("a")["loss"].mean == pytest.approx(3.0, abs=0.8)
    assert integrator.trunk()["loss"].mean == pytest.approx(10.0, abs=0.8)
    assert integrator.noise_sd()["loss"] == pytest.approx(0.5, rel=0.6)
    assert integrator.margins() == {"loss": 1.0, "size": 1.0}
    assert len(integrator.effects()) == 20
    assert len(integrator.effects(pairs=False)) == 8
    front = integrator.front()
    assert front.points[0].recipe == integrator.recommend().recipe
    assert len(front.points) == 1
    assert front.hypervolume is not None
    assert front.hypervolume.mean == pytest.approx(4.0, abs=1.0)


# ---- the same tells, the same asks


@settings(max_examples=5)
@given(order=st.randoms(use_true_random=False))
def test_the_order_of_tells_inside_a_batch_changes_nothing(order: random.Random) -> None:
    """Which slot finishes first decides nothing: asks and verdicts are bit-identical."""
    world = World(guilty=((2, 3),))
    straight, shuffled = fresh(budget=32), fresh(budget=32)
    assert drive(straight, world) == drive(shuffled, world, shuffle=order)
    assert words(straight.verdicts()) == words(shuffled.verdicts())
    assert straight.effects() == shuffled.effects()


@pytest.mark.parametrize("k", [1, 3, 4])
def test_the_same_seed_and_tells_give_the_same_asks(k: int) -> None:
    """No clock, no global generator; another seed gives another campaign."""
    np.random.seed(0)  # noqa: NPY002  # to show that the global state plays no part
    one = drive(fresh(budget=32), World(), k=k)
    np.random.seed(1)  # noqa: NPY002  # see above
    assert one == drive(fresh(budget=32), World(), k=k)
    assert one[0] != fresh(seed=4).ask(k)


@pytest.mark.parametrize("k", [1, 4])
def test_a_campaign_can_be_taken_up_after_every_batch(k: int) -> None:
    """Recorded asks and tells, replayed into a fresh integrator, lead to the same next ask."""
    world = World(guilty=((2, 3),))
    live = fresh(budget=28)
    batches = drive(live, world, k=k)
    for done in range(len(batches)):
        restored = fresh(budget=28)
        for batch in batches[:done]:
            restored.resume(batch)
            for trial in batch:
                restored.tell(trial, world.run(trial))
        assert restored.ask(k) == batches[done]


def test_what_was_worked_out_is_adopted_by_who_knows_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The answers are the other's and nothing is fitted; one result more, and nothing is taken."""
    world, first = World(), fresh()
    batches = drive(first, world, most=3)
    said = (first.recommend(), first.verdicts(), first.effects())
    second = fresh()
    for batch in batches:
        second.resume(batch)
        for trial in batch:
            second.tell(trial, world.run(trial))
    assert second.adopt(first)
    with monkeypatch.context() as patch:
        patch.setattr("mainstem.integrator.believe", None)
        assert (second.recommend(), second.verdicts(), second.effects()) == said
    (trial,) = second.ask(1)
    second.tell(trial, world.run(trial))
    assert not second.adopt(first)
    assert not first.adopt(fresh(seed=4))


def test_a_batch_that_was_cut_short_is_taken_up_where_it_stood() -> None:
    """Killed with half a batch finished, in any order: after the rest the next ask is the same."""
    world, live = World(), fresh()
    batches = drive(live, world)
    for done, batch in enumerate(batches[:-1]):
        restored = fresh()
        for before in batches[:done]:
            restored.resume(before)
        restored.resume(batch)
        for trial in reversed([t for before in batches[: done + 1] for t in before]):
            restored.tell(trial, world.run(trial))
        assert restored.ask(4) == batches[done + 1]


@pytest.mark.parametrize("names", [("zz", "y", "xx", "w"), ("b", "a", "d", "c")])
def test_renaming_proposals_renames_the_asks_and_changes_nothing_else(
    names: tuple[str, ...],
) -> None:
    """Blind: an id, or how ids sort, decides no trial, no seed and no verdict."""
    world = World(guilty=((2, 3),))
    renamed_to = dict(zip(NAMES, names, strict=True))
    plain = fresh(conflicts=[{"b", "d"}])
    renamed = fresh(proposals=names, conflicts=[{names[3], names[1]}])
    batches = drive(plain, world)
    expected = [
        [replace(t, recipe=frozenset(renamed_to[p] for p in t.recipe)) for t in batch]
        for batch in batches
    ]
    assert drive(renamed, world) == expected
    kinds = {renamed_to[p]: v.kind for p, v in plain.verdicts().items()}
    assert {p: v.kind for p, v in renamed.verdicts().items()} == kinds
    for one, other in zip(plain.effects(), renamed.effects(), strict=True):
        assert (one.mean, one.low, one.high) == (other.mean, other.low, other.high)


def test_maximising_is_minimising_the_negative() -> None:
    """Bit-identical asks: a direction is a sign and nothing else."""
    turned = Objective("loss", margin=1.0, direction="maximize")
    up, down = fresh(objectives=[turned, SIZE]), fresh()

    def negated(trial: Trial) -> Values:
        values = World().run(trial)
        return values and {"loss": -values["loss"], "size": values["size"]}

    assert drive(up, World(), run=negated) == drive(down, World())
    assert words(up.verdicts()) == words(down.verdicts())


# ---- trials


def test_one_by_one_the_trunk_still_comes_first() -> None:
    """Three runs of it, whatever the size of a batch."""
    batches = drive(fresh(), World(), k=1, most=4)
    assert [len(t.recipe) for [t] in batches][:3] == [0, 0, 0]
    assert batches[3][0].recipe


@pytest.mark.parametrize("k", [1, 2, 3, 7])
def test_confirmation_pairs_are_whole_and_share_a_fresh_seed(k: int) -> None:
    """Trunk and candidate, the same seed, which nothing before has used."""
    trials = [t for batch in drive(fresh(), World(), k=k) for t in batch]
    confirms = [t for t in trials if t.purpose is Purpose.CONFIRM]
    assert len(confirms) >= 6
    arms: dict[int, list[Trial]] = {}
    for trial in confirms:
        arms.setdefault(trial.seed, []).append(trial)
    assert all(len(pair) == 2 for pair in arms.values())
    assert all({len(t.recipe) == 0 for t in pair} == {True, False} for pair in arms.values())
    searched = [t.seed for t in trials if t.purpose is Purpose.SEARCH]
    assert len(set(searched)) == len(searched)
    assert not set(searched) & set(arms)
    assert all(0 <= t.seed < 2**31 for t in trials)
    assert [t.id for t in trials] == list(range(1, len(trials) + 1))


@settings(max_examples=10)
@given(budget=st.integers(1, 32), k=st.integers(1, 6))
def test_the_budget_is_a_total(budget: int, k: int) -> None:
    """Search, confirmation and crashed trials together never exceed it; then it is done."""
    integrator = fresh(budget=budget)
    batches = drive(integrator, World(guilty=((3,),)), k=k)
    assert sum(map(len, batches)) == integrator.spent <= budget
    assert integrator.done
    assert integrator.ask(k) == []


def test_without_a_budget_it_ends_by_itself() -> None:
    """It stops when more search does not pay and the verdicts are settled."""
    integrator = fresh(budget=None)
    drive(integrator, World(), most=60)
    assert integrator.done
    assert integrator.recommend().confirmed


def test_nothing_to_find_ends_without_a_merge() -> None:
    """Four proposals that only hurt: the trunk stays, and nothing is confirmed."""
    integrator = fresh(budget=None)
    drive(integrator, World(effects={(i,): -1.0 - i for i in range(4)}), most=60)
    assert integrator.done
    assert integrator.recommend().recipe == frozenset()
    assert {v.kind for v in integrator.verdicts().values()} == {VerdictKind.SHELVE}


def test_search_does_not_wait_for_running_trials() -> None:
    """Asks go on while others run; the trunk is not asked for a fourth time."""
    integrator = fresh()
    first = integrator.ask(4)
    for trial in first:
        integrator.tell(trial, World().run(trial))
    running = integrator.ask(2)
    more = integrator.ask(2)
    assert len(running) == len(more) == 2
    assert not integrator.done


def test_results_told_out_of_turn_count_as_running() -> None:
    """With the first trial missing the others do not act yet, and are not asked for again."""
    integrator, other = fresh(), fresh()
    for each, told in ((integrator, (1, 2, 3)), (other, (2,))):
        batch = each.ask(4)
        for place in told:
            each.tell(batch[place], World().run(batch[place]))
    assert integrator.ask(4) == other.ask(4) == []
    assert not integrator.done


def test_a_trunk_that_never_runs_ends_the_campaign() -> None:
    """Three crashes of the trunk: there is nothing to compare with."""
    integrator = fresh(budget=None)
    batches = drive(integrator, World(guilty=((),)))
    assert len(batches) == 1
    assert integrator.recommend().recipe == frozenset()
    assert {v.kind for v in integrator.verdicts().values()} == {VerdictKind.OPEN}


def test_no_proposals_are_no_campaign() -> None:
    """Nothing is asked until one is added."""
    integrator = fresh(proposals=())
    assert integrator.ask(4) == []
    assert integrator.done
    assert integrator.verdicts() == {}
    integrator.add("late")
    assert not integrator.done
    assert len(integrator.ask(4)) == 4


# ---- faults


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"proposals": ("a", "b", "a")}, "proposals named twice: 'a'"),
        ({"budget": 0}, "budget is 0"),
        ({"conflicts": [{"a", "nobody"}]}, "unknown proposals: 'nobody'"),
        ({"conflicts": [set()]}, "a conflict needs at least one proposal"),
    ],
)
def test_a_question_that_is_not_well_put_is_refused(
    changes: dict[str, object], message: str
) -> None:
    """At once, before anything is asked."""
    with pytest.raises(ValueError, match=message):
        fresh(**changes)


def test_what_is_refused_leaves_no_trace() -> None:
    """A wrong tell, observation or replay changes nothing: the right one still counts."""
    integrator, other = fresh(), fresh()
    (trial,) = integrator.ask(1)
    other.resume([trial])
    for wrong in (
        lambda: integrator.tell(trial, {"loss": 1.0}),
        lambda: integrator.tell(replace(trial, seed=trial.seed + 1), None),
        lambda: integrator.observe("a", 1, {"loss": math.nan, "size": 1.0}),
        lambda: integrator.resume([trial]),
    ):
        with pytest.raises(ValueError, match=r"missing|not asked|nan|follow"):
            wrong()
    for each in (integrator, other):
        each.tell(trial, {"loss": 1.0, "size": 2.0})
        each.tell(trial, {"loss": 1.0, "size": 2.0})  # a repeated delivery is harmless
    assert integrator.trunk() == other.trunk() != {}
    assert integrator.ask(4) == other.ask(4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda it: it.ask(0), "ask for at least one trial, not 0"),
        (lambda it: it.observe("x", 1, None), "unknown proposals: 'x'"),
        (lambda it: it.observe("a", 1, None, rung="large"), "rung 'large'"),
        (lambda it: it.add("a"), "proposals named twice: 'a'"),
        (lambda it: it.move_trunk("x"), "unknown proposals: 'x'"),
        (lambda it: it.forbid("ax"), "unknown proposals: 'x'"),
        (lambda it: it.gain("x"), "unknown proposals: 'x'"),
        (lambda it: it.contribution("x"), "unknown proposals: 'x'"),
        (lambda it: it.void([Trial(7, frozenset(), 1)]), "trial 7 is not pending here"),
        (lambda it: (it.move_trunk("a"), it.move_trunk("b")), "the trunk only grows"),
    ],
)
def test_wrong_calls_are_refused(call: Callable[[Integrator], object], message: str) -> None:
    """Each with the value that was given."""
    with pytest.raises(ValueError, match=message):
        call(fresh())


# ---- a moving world


def test_observed_runs_inform_the_search_but_never_a_confirmation() -> None:
    """Thirty observed runs at a huge gain: the recipe is favoured, and still needs fresh pairs."""
    integrator = fresh()
    for seed in range(15):
        integrator.observe((), seed, {"loss": 10.0 + 0.1 * (seed % 3), "size": 5.0})
        integrator.observe("a", seed, {"loss": 2.0 + 0.1 * (seed % 3), "size": 5.0})
    best = integrator.recommend()
    assert "a" in best.recipe
    assert best.probability > 0.99
    assert not best.confirmed
    assert integrator.candidates() == []
    assert integrator.spent == 0


def test_observed_runs_of_the_trunk_are_the_opening() -> None:
    """What `check` has measured is not measured again."""
    integrator = fresh()
    for seed in range(3):
        integrator.observe((), seed, {"loss": 10.0 + 0.1 * seed, "size": 5.0})
    assert all(trial.recipe for trial in integrator.ask(4))


def test_news_reopen_a_campaign_that_had_ended() -> None:
    """An observation, a proposal, a conflict: there may be something to do again."""
    world = World(effects={(i,): -2.0 for i in range(3)})
    for news in (
        lambda it: it.observe("a", 1, {"loss": 8.0, "size": 5.0}),
        lambda it: it.add("e"),
        lambda it: it.forbid("ab"),
        lambda it: it.move_trunk("a"),
    ):
        integrator = fresh(proposals=("a", "b"), budget=None)
        drive(integrator, world, most=60)
        assert integrator.done
        news(integrator)
        assert not integrator.done
        drive(integrator, world, most=60)
        assert integrator.done


def test_an_added_proposal_joins_the_campaign() -> None:
    """Late and good: it is tried, confirmed and merged with the others."""
    world = World(effects={**EFFECTS, (4,): 6.0})
    integrator = fresh(budget=120)
    drive(integrator, world, most=3)
    integrator.add("late")
    drive(integrator, world)
    assert "late" in integrator.recommend().recipe
    assert integrator.verdicts()["late"].kind is VerdictKind.MERGE


def test_a_moved_trunk_is_in_every_recipe_from_then_on() -> None:
    """It is opened anew, compared with, and its members have no verdict any more."""
    integrator = fresh(budget=120)
    drive(integrator, World(), most=3)
    integrator.move_trunk("a")
    after = drive(integrator, World())
    assert [t.recipe for t in after[0]].count(frozenset("a")) <= 3
    assert all("a" in t.recipe for batch in after for t in batch)
    assert set(integrator.verdicts()) == {"b", "c", "d"}
    assert integrator.recommend().gain["loss"].mean == pytest.approx(1.25, abs=1.0)


def until_confirming(integrator: Integrator, world: World) -> frozenset[str]:
    """Drives until a candidate's first pairs are told; the candidate."""
    while True:
        batch = integrator.ask(4)
        assert batch, "nothing came to confirmation"
        for trial in batch:
            integrator.tell(trial, world.run(trial))
        arms = [t.recipe for t in batch if t.purpose is Purpose.CONFIRM and t.recipe]
        if arms:
            return arms[-1]


def test_a_candidate_that_turns_out_to_conflict_gets_no_more_pairs() -> None:
    """Forbidden in the middle of its confirmation, it is never asked again."""
    world, integrator = World(effects={(0,): 1.5, (1,): 1.2}), fresh(budget=120)
    candidate = until_confirming(integrator, world)
    integrator.forbid(candidate)
    after = [t.recipe for batch in drive(integrator, world) for t in batch]
    assert after
    assert not any(candidate <= recipe for recipe in after)


def test_a_trunk_that_moves_ends_the_confirmation_that_was_running() -> None:
    """The candidate lacks what the trunk has: nothing without it is asked."""
    world, integrator = World(effects={(0,): 1.5, (1,): 1.2}), fresh(budget=120)
    until_confirming(integrator, world)
    integrator.move_trunk("d")
    after = [t.recipe for batch in drive(integrator, world) for t in batch]
    assert all("d" in recipe for recipe in after)


def test_forbidden_sets_are_not_asked_and_their_running_trials_are_void() -> None:
    """They cost nothing, and what they would have said is ignored."""
    world, integrator = World(), fresh()
    drive(integrator, world, most=2)
    batch = integrator.ask(4)
    victim = max(batch, key=lambda t: len(t.recipe))
    spent = integrator.spent
    integrator.forbid(victim.recipe)
    void = [t for t in batch if victim.recipe <= t.recipe]
    assert all(integrator.is_void(t) for t in void)
    assert integrator.spent == spent - len(void)
    for trial in batch:
        if not integrator.is_void(trial):
            integrator.tell(trial, world.run(trial))
    after = [t for b in drive(integrator, world) for t in b]
    assert after
    assert not any(victim.recipe <= t.recipe for t in after)


def test_conflicts_that_the_trunk_completes_are_not_asked() -> None:
    """With a in the trunk, b cannot be run at all, from the first batch on."""
    integrator = fresh(conflicts=[{"a", "b"}])
    integrator.move_trunk("a")
    trials = [t for batch in drive(integrator, World()) for t in batch]
    assert trials
    assert not any("b" in t.recipe for t in trials)


def merged(seed: int = 3, *, world: World | None = None, **changes: object) -> Integrator:
    """An integrator whose trunk holds `a` and `b`, after 30 runs about it."""
    world, rng = world or World(sd=0.1), np.random.default_rng(seed)
    integrator = fresh(seed=seed, **changes)
    for k in range(30):
        row = rng.random(4) < (0.0 if k < 3 else 0.5)
        recipe = frozenset(name for name, held in zip(NAMES, row, strict=True) if held)
        integrator.observe(recipe, k, world.run(Trial(1, recipe, k)))
    integrator.move_trunk({"a", "b"})
    for k in range(3):
        integrator.observe("ab", 90 + k, world.run(Trial(1, frozenset("ab"), 90 + k)))
    return integrator


def test_credit_divides_the_trunks_gain_over_the_root() -> None:
    """3 and 2 alone, 4 together: each bears half of the overlap of 1, and the sum is the gain."""
    loss, size = merged().credit()
    assert (loss.objective, size.objective) == ("loss", "size")
    assert [m.proposal for m in loss.members] == ["a", "b"]
    assert [m.value.mean for m in loss.members] == pytest.approx([2.5, 1.5], abs=0.3)
    assert loss.members[0].beside["b"].mean == pytest.approx(-0.5, abs=0.3)
    assert sum(m.value.mean for m in loss.members) == pytest.approx(loss.total.mean, abs=1e-9)
    assert loss.total.mean == pytest.approx(4.0, abs=0.4)
    assert loss.members[0].percent is not None
    assert [m.percent for m in size.members] == [None, None]


def test_credit_of_any_recipe_and_of_groups() -> None:
    """Members in the order of proposing, whatever is asked; groups share by their weights."""
    owners = {"a": {0: 0.5, 1: 0.5}, "c": {1: 1.0}}
    loss = merged().credit(["c", "a"], owners=owners)[0]
    a, c = (member.value.mean for member in loss.members)
    assert [m.proposal for m in loss.members] == ["a", "c"]
    assert (a, c) == pytest.approx((3.0, -1.5), abs=0.4)
    assert [g.value.mean for g in loss.groups] == pytest.approx([a / 2, a / 2 + c])


def test_coalitions_are_gains_over_the_root_in_units() -> None:
    """Coalition 0 is the root; bit i is member i in the order of proposing."""
    draws = merged().coalitions(["b", "a"])
    assert draws is not None
    assert draws.shape == (256, 4, 2)
    assert not draws[:, 0].any()
    assert draws[:, :, 0].mean(0) == pytest.approx([0.0, 3.0, 2.0, 4.0], abs=0.4)


def test_a_coalition_that_cannot_stand_is_worth_the_root() -> None:
    """Named by the caller, forbidden, or seen to crash; its supersets are as good as ever."""
    closed = merged().coalitions("abc", impossible=["b"])
    assert closed is not None
    assert not closed[:, 2].any()
    assert closed[:, 3].any()
    first, second = merged().credit(impossible=["b"])[0].members
    assert first.value.mean == pytest.approx(3.5, abs=0.4)  # `b` adds 1 to `a` and nothing alone
    assert second.value.mean == pytest.approx(0.5, abs=0.4)
    forbidding = merged()
    forbidding.forbid("cd")
    forbidden = forbidding.coalitions("cd")
    crashed = merged(world=World(sd=0.1, guilty=((2, 3),))).coalitions("cd")
    assert forbidden is not None
    assert crashed is not None
    for draws in (forbidden, crashed):
        assert not draws[:, 3].any()
        assert draws[:, 2].any()


def test_credit_of_a_deterministic_objective_is_exact() -> None:
    """What was counted is divided as it was counted."""
    integrator = fresh(objectives=[LOSS, Objective("params", margin=5.0, role="guard")])
    world = World(sd=0.1)
    recipes = ["", "", "", "a", "b", "ab", "ab", "c", "abc"]
    for k, recipe in enumerate(recipes):
        measured = world.run(Trial(1, frozenset(recipe), k))
        assert measured is not None
        params = 100.0 + 3.0 * ("a" in recipe) + 2.0 * (set("ab") <= set(recipe))
        integrator.observe(recipe, k, {"loss": measured["loss"], "params": params})
    params = integrator.credit("ab")[1]
    for member, value in zip(params.members, (-4.0, -1.0), strict=True):
        assert (member.value.low, member.value.mean, member.value.high) == pytest.approx(
            (value, value, value)
        )


def test_credit_hears_the_landscape_without_its_warp_too() -> None:
    """Four changes lose 3 each, and no three of them ran together: -12 is in reach.

    The landscape that decides puts what all lose together far below. That does not matter there:
    nobody would run it.
    """
    integrator = fresh()
    world = World(effects={(k,): -3.0 for k in range(4)}, sd=0.3)
    pairs = ["", *NAMES, "ab", "ac", "ad", "bc", "bd", "cd"]
    for k, recipe in enumerate([*pairs, *pairs, "", "", ""]):
        integrator.observe(recipe, k, world.run(Trial(1, frozenset(recipe), k)))
    draws = integrator.coalitions(NAMES)
    assert draws is not None
    decides, as_it_is = np.median(draws[:, -1, 0].reshape(2, -1), axis=1)
    assert decides < -15.0
    assert as_it_is == pytest.approx(-12.0, abs=2.0)


def test_credit_before_any_run_and_of_nothing() -> None:
    """Nothing is known, and nothing is divided; unknown proposals are refused."""
    integrator = fresh()
    assert integrator.credit("ab") == ()
    assert integrator.coalitions("ab") is None
    assert integrator.belongs() == {}
    with pytest.raises(ValueError, match="x"):
        integrator.credit("x")
    loss = merged().credit([])[0]
    assert (loss.total.mean, loss.members) == (0.0, ())


def test_credit_in_all_is_the_sum_of_what_is_to_be_improved_in_margins() -> None:
    """Values and parts of them; a guard has no part in it, groups and percentages are there."""
    speed = Objective("speed", margin=2.0, direction="maximize")
    integrator = fresh(objectives=[LOSS, speed, Objective("params", margin=5.0, role="guard")])
    world = World(sd=0.1)
    for k, recipe in enumerate(["", "", "a", "b", "ab", "ab", "c", "abc"]):
        measured = world.run(Trial(1, frozenset(recipe), k))
        assert measured is not None
        values = {"speed": 4.0 * ("b" in recipe) + 0.01 * k, "params": 100.0 + 9.0 * len(recipe)}
        integrator.observe(recipe, k, {"loss": measured["loss"], **values})
    owners = {"a": {0: 1.0}, "b": {1: 1.0}}
    loss, fast, _ = integrator.credit("ab", owners=owners)
    found = integrator.credit_in_all("ab", owners=owners)
    assert found is not None
    assert found.total.unit == "margins"
    for one, slow, quick in zip(found.members, loss.members, fast.members, strict=True):
        parts = slow.value.mean / LOSS.margin_at(0.0) + quick.value.mean / 2.0
        assert one.value.mean == pytest.approx(parts)
    assert [g.value.mean for g in found.groups] == [m.value.mean for m in found.members]
    assert found.members[0].percent is not None
    assert fresh().credit_in_all("ab") is None


def test_one_member_that_turns_anothers_loss_into_a_gain_made_it_possible() -> None:
    """What cannot be merged by itself gains nothing there; `a` gains in any case."""
    found = merged().made_possible(impossible=["b"])
    chance = {(one.by, one.proposal): one.probability for one in found}
    assert {one.objective for one in found} == {"loss"}
    assert chance.keys() == {("a", "b"), ("b", "a")}
    assert chance["a", "b"] > 0.95
    assert chance["b", "a"] < 0.05
    open_to_all = merged().made_possible()
    assert max(one.probability for one in open_to_all) < 0.05
    assert fresh().made_possible("ab") == []


def test_more_than_twelve_members_are_sampled_and_not_enumerated() -> None:
    """`coalitions` refuses them and says so; `credit` divides them, and knows its error."""
    names = [f"p{k:02d}" for k in range(13)]
    integrator = Integrator(proposals=names, objectives=[LOSS], seed=1)
    rng = np.random.default_rng(0)
    for k in range(40):
        row = rng.random(13) < min(k, 5) / 10
        recipe = [name for name, there in zip(names, row, strict=True) if there]
        gain = sum(1.0 + names.index(name) for name in recipe)
        integrator.observe(recipe, k, {"loss": 100.0 - gain + 0.1 * rng.standard_normal()})
    with pytest.raises(ValueError, match="13 members have 2\\^13 coalitions; at most 12"):
        integrator.coalitions(names)
    pytest.importorskip("shapiq")
    (loss,) = integrator.credit(names)
    held = [m.value.low <= 1.0 + k <= m.value.high for k, m in enumerate(loss.members)]
    assert sum(held) >= 10  # of 13 intervals of 90%
    assert sum(m.value.mean for m in loss.members) == pytest.approx(loss.total.mean, abs=1e-9)
    assert all(0.0 < m.error < 0.2 for m in loss.members)


def test_credit_changes_nothing_that_is_asked() -> None:
    """Reading credit between the steps of a campaign leaves it bit-identical."""

    def play(*, read: bool) -> list[Trial]:
        integrator, asked = fresh(budget=24), []
        while not integrator.done:
            for trial in integrator.ask(4):
                asked.append(trial)
                integrator.tell(trial, World().run(trial))
            if read:
                integrator.credit(NAMES)
                integrator.credit_in_all(NAMES)
                integrator.made_possible(NAMES)
                integrator.belongs()
        return asked

    assert play(read=True) == play(read=False)


def test_belongs_tells_what_gains_from_what_does_not() -> None:
    """Probabilities of adding half a margin to the rest of the favoured recipe, never certain."""
    integrator = merged()
    found = integrator.belongs()
    assert list(found) == list(NAMES)
    assert all(0.0 < p < 1.0 for p in found.values())
    assert found["a"] > 0.9
    assert found["c"] < 0.1


def test_what_cannot_stand_beside_the_best_set_does_not_belong_into_it() -> None:
    """However much it gains alone; known from git, or from crashes."""
    integrator = Integrator(proposals=["a", "b"], objectives=[Objective("gain", margin=1.0)])
    for seed in range(4):
        integrator.observe([], seed, {"gain": 10.0 + 0.01 * seed})
        integrator.observe(["a"], seed, {"gain": 4.0 + 0.01 * seed})
        integrator.observe(["b"], seed, {"gain": 7.0 + 0.01 * seed})
        integrator.observe(["a", "b"], seed, {"gain": 1.0 + 0.01 * seed})
    assert integrator.belongs()["b"] > 0.9
    integrator.forbid(["a", "b"])
    assert integrator.recommend().recipe == {"a"}
    assert integrator.belongs()["b"] < 0.01


def test_what_people_keep_out_belongs_as_the_runs_say() -> None:
    """With a veto taken as lifted every belief is the one of before; the conflict stays."""
    integrator = Integrator(proposals=["a", "b"], objectives=[Objective("gain", margin=1.0)])
    for seed in range(4):
        integrator.observe([], seed, {"gain": 10.0 + 0.01 * seed})
        integrator.observe(["a"], seed, {"gain": 4.0 + 0.01 * seed})
        integrator.observe(["b"], seed, {"gain": 7.0 + 0.01 * seed})
    integrator.forbid(["a", "b"])
    before = integrator.belongs()
    integrator.forbid(["a"])
    vetoed = integrator.belongs()
    assert {p: round(chance) for p, chance in before.items()} == {"a": 1, "b": 0}
    assert {p: round(chance) for p, chance in vetoed.items()} == {"a": 0, "b": 1}
    assert integrator.belongs(lifted=["a"]) == before


# ---- rungs


def two_rungs(seed: int = 0, budget: float | None = 40) -> Integrator:
    """Five proposals, a rung of a tenth of the cost, and one that decides."""
    return Integrator(
        proposals="abcde",
        objectives=[Objective("loss", margin=1.0)],
        seed=seed,
        budget=budget,
        rungs={"small": 2.0, "large": 20.0, "huge": 200.0},
        confirm_rung="large",
    )


def shrunk(trial: Trial) -> dict[str, float]:
    """Effects that are twice as large at the small rung, with noise."""
    effects = {"a": -4.0, "b": -3.0, "c": 2.0, "d": 0.0, "e": 5.0}
    scale = 2.0 if trial.rung == "small" else 1.0
    noise = float(np.random.default_rng(trial.seed).normal())
    return {"loss": 50.0 + scale * sum(effects[p] for p in trial.recipe) + 0.3 * noise}


def played(integrator: Integrator, k: int = 4) -> list[Trial]:
    """Every trial of a whole campaign."""
    trials: list[Trial] = []
    while batch := integrator.ask(k):
        for trial in batch:
            integrator.tell(trial, shrunk(trial))
        trials += batch
    return trials


def test_a_campaign_over_rungs_searches_below_and_confirms_where_it_counts() -> None:
    """Most runs are cheap, none is dearer than what decides, and every pair is at that rung."""
    integrator = two_rungs()
    trials = played(integrator)
    assert {t.rung for t in trials} == {"small", "large"}
    assert {t.rung for t in trials if t.purpose is Purpose.CONFIRM} == {"large"}
    best = integrator.recommend()
    assert best.confirmed
    assert frozenset("ab") <= best.recipe <= frozenset("abd")  # d does nothing
    assert sum(t.rung == "small" for t in trials) >= 5
    assert integrator.verdicts()["e"].kind is VerdictKind.SHELVE


def test_trials_below_count_by_their_cost() -> None:
    """A trial at a tenth of the cost is a tenth of a trial, and the budget is kept."""
    integrator = two_rungs()
    trials = played(integrator)
    cost = sum(0.1 if t.rung == "small" else 1.0 for t in trials)
    assert integrator.spent == pytest.approx(cost)
    assert cost <= 40.0 + 1e-9


def test_a_campaign_over_rungs_is_repeatable() -> None:
    """The same seed and the same tells give the same asks, resumed or not."""
    whole, other = played(two_rungs(seed=3)), two_rungs(seed=3)
    other.resume(whole[:8])
    for trial in whole[:8]:
        other.tell(trial, shrunk(trial))
    assert played(other) == whole[8:]


def test_one_named_rung_is_as_none() -> None:
    """A stack of one rung is asked the same, by its name."""
    objectives = [Objective("loss", margin=1.0)]
    plain = Integrator(proposals="abcde", objectives=objectives, budget=30)
    named = Integrator(proposals="abcde", objectives=objectives, budget=30, rungs={"only": 3.0})
    one, other = played(plain), played(named)
    assert [(t.recipe, t.seed, t.purpose) for t in one] == [
        (t.recipe, t.seed, t.purpose) for t in other
    ]
    assert {t.rung for t in one} == {None}
    assert {t.rung for t in other} == {"only"}
    assert isinstance(plain.spent, int)


def test_runs_below_never_confirm_and_a_trunk_above_is_needed() -> None:
    """However many small runs are observed, nothing is known where it counts before a run there."""
    integrator = two_rungs()
    for seed in range(20):
        trial = Trial(1, frozenset("ab" if seed % 2 else ""), seed, "small")
        integrator.observe(trial.recipe, seed, shrunk(trial), rung="small")
    assert integrator.effects() == []
    assert not integrator.recommend().confirmed
    assert {t.rung for t in integrator.ask(2)} == {"large"}


def test_a_crash_below_is_no_crash_where_the_recipe_ran() -> None:
    """A small run that fails says something; a run that decides says more."""
    integrator = two_rungs()
    for seed in range(3):
        for rung in ("small", "large"):
            trial = Trial(1, frozenset(), seed, rung)
            integrator.observe((), seed, shrunk(trial), rung=rung)
            trial = Trial(1, frozenset("a"), seed, rung)
            values = None if rung == "small" else shrunk(trial)
            integrator.observe("a", seed, values, rung=rung)
    assert integrator.verdicts()["a"].kind is not VerdictKind.BROKEN


@pytest.mark.parametrize(
    ("rungs", "confirm", "says"),
    [
        ({"small": 1.0, "large": 0.0}, None, "rung 'large' costs 0.0: give a number above 0"),
        ({"small": 1.0}, "large", "confirm_rung is 'large': there is no such rung; 'small'"),
        (None, "large", "no rungs are given"),
        ({"small": float("nan")}, None, "costs nan"),
    ],
)
def test_rungs_that_cannot_be_are_refused(
    rungs: dict[str, float] | None, confirm: str | None, says: str
) -> None:
    """Which rung, which value, and what is known."""
    objectives = [Objective("loss", margin=1.0)]
    with pytest.raises(ValueError, match=says):
        Integrator(proposals="a", objectives=objectives, rungs=rungs, confirm_rung=confirm)


def test_an_observed_run_at_an_unknown_rung_is_refused() -> None:
    """The rungs that there are, by name; a rung above the one that decides is none of them."""
    with pytest.raises(ValueError, match=r"rung 'huge': the rungs are 'large', 'small'"):
        two_rungs().observe("a", 0, {"loss": 1.0}, rung="huge")


def test_the_probability_of_any_recipe_is_that_of_the_recommended_one() -> None:
    """The same posterior: high of what wins, low of what loses, 0 of the trunk and of nothing."""
    integrator = Integrator(
        proposals=["win", "lose"], objectives=[Objective("loss", margin=0.02)], seed=3
    )
    assert integrator.probability({"win"}) == 0.0
    for seed in range(4):
        for recipe, loss in ((set(), 2.0), ({"win"}, 1.9), ({"lose"}, 2.1)):
            integrator.observe(recipe, seed, {"loss": loss + 0.003 * seed})
    assert integrator.probability({"win"}) > 0.95
    assert integrator.probability({"lose"}) < 0.05
    assert integrator.probability(()) == 0.0
    best = integrator.recommend()
    assert best.recipe == {"win"}
    assert integrator.probability(best.recipe) == pytest.approx(best.probability, abs=0.05)
    with pytest.raises(ValueError, match="unknown proposals"):
        integrator.probability({"gone"})


@pytest.mark.parametrize(
    ("above", "kind"), [(False, VerdictKind.MERGE), (True, VerdictKind.BROKEN)]
)
def test_what_crashes_below_is_broken_only_if_it_crashes_where_it_counts(
    above: bool, kind: VerdictKind
) -> None:
    """The small rung says what to look at; a run that decides says what is so."""
    integrator = two_rungs(budget=60)
    while batch := integrator.ask(4):
        for trial in batch:
            crashes = "a" in trial.recipe and (above or trial.rung == "small")
            integrator.tell(trial, None if crashes else shrunk(trial))
    assert integrator.verdicts()["a"].kind is kind
