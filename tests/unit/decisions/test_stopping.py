from __future__ import annotations

import numpy as np
import pytest

from mainstem.decisions import stopping
from mainstem.decisions.stopping import Traced, may_stop, stoppers
from mainstem.domain.stack import Objective, Role
from mainstem.domain.trial import Purpose, Trial
from mainstem.stats import curves

NAMES = ("a", "b", "c", "d")
EFFECTS = {"a": 3.0, "b": -4.0, "c": 2.0, "d": -1.0}
STEPS = range(100, 1601, 100)
LOSS = Objective("loss", margin=1.0)
SIZE = Objective("size", margin=10.0, role=Role.GUARD)
NOISE = {"loss": 1.0, "size": 0.0}


def traced(recipe: str, seed: int, *, misleads: bool = False, size: bool = True) -> Traced:
    """A whole run; early values are higher by what all share, or say the opposite."""
    rng = np.random.default_rng([seed, *recipe.encode()])
    gain = sum(EFFECTS[name] for name in recipe)
    noise = rng.normal(0.0, 1.0)
    swing = rng.normal(0.0, 9.0) if misleads else 0.0
    points = []
    for step in STEPS:
        left = 1.0 - step / 1600
        loss = 50.0 - gain + noise + 30.0 * left + rng.normal(0.0, 0.5) * left
        points.append((step, loss + (2.0 * gain + swing) * left * misleads))
    sizes = [(0, 100.0 + len(recipe))] if size else [(1600, 100.0 + len(recipe))]
    return Traced(
        recipe=frozenset(recipe),
        values={"loss": points[-1][1], "size": sizes[-1][1]},
        curves={"loss": points, "size": sizes},
    )


def runs(**how: bool) -> list[Traced]:
    """Three of the trunk and twelve others."""
    recipes = ["", "", "", "a", "b", "c", "d", "ab", "ac", "bc", "acd", "ad", "abc", "cd", "abcd"]
    return [traced(recipe, seed, **how) for seed, recipe in enumerate(recipes)]


def rules(found: list[Traced], *recipes: str, objectives: tuple[Objective, ...] = (LOSS, SIZE)):  # type: ignore[no-untyped-def]  # noqa: ANN201 - as `stoppers`
    """The rules for recipes."""
    return stoppers(objectives, found, [frozenset(r) for r in recipes], NOISE, {})


def test_where_curves_keep_their_distance_a_trial_ends_early() -> None:
    """The guess is within the noise of a run; a size that is known from the start is exact."""
    (rule,) = rules(runs(), "ac")
    assert rule is not None
    assert (rule.last_step, rule.checkpoints[0].step <= 800) == (1600, True)
    new = traced("ac", 99)
    stopped = rule.look(new.curves)
    assert stopped is not None
    assert stopped.values["loss"] == pytest.approx(new.values["loss"], abs=2.0)
    assert stopped.values["size"] == new.values["size"]


def test_where_early_values_mislead_a_trial_runs_whole_for_long() -> None:
    """Nothing ends in the first half if recipes swing there by many times the noise."""
    for rule in rules(runs(misleads=True), "ac", "bd", "abd"):
        assert rule is None or rule.checkpoints[0].step > 800


@pytest.mark.parametrize("drop", [1, 9])
def test_too_few_runs_are_no_law(drop: int) -> None:
    """The trunk has to have run twice, and eight runs in all."""
    found = runs()[2:] if drop == 1 else runs()[:-drop]
    assert rules(found, "ac") == [None]


def test_runs_without_curves_teach_nothing() -> None:
    """A stack that reports no steps is left as it was."""
    bare = [Traced(recipe=run.recipe, values=run.values) for run in runs()]
    assert rules(bare, "ac") == [None]


def test_what_is_only_known_at_the_end_keeps_trials_whole() -> None:
    """A size that is reported last cannot be guessed: it decides exactly."""
    assert rules(runs(size=False), "ac") == [None]
    assert rules(runs(size=False), "ac", objectives=(LOSS,)) != [None]


def test_nothing_is_guessed_of_what_has_no_noise() -> None:
    """An objective that every run repeats to the last bit must not be blurred."""
    zero = {"loss": 0.0, "size": 0.0}
    assert stoppers((LOSS,), runs(), [frozenset("ac")], zero, {}) == [None]


def test_how_bad_a_bad_run_is_may_be_known_roughly() -> None:
    """Where the noise is small only what is far worse ends early; gains are measured to the end."""
    quiet, objective = {"loss": 0.05}, Objective("loss", margin=0.05)
    found = stoppers((objective,), runs(), [frozenset("a"), frozenset("b")], quiet, {})
    trunk = np.mean([run.values["loss"] for run in runs()[:3]])
    guesses = [c.guesses[0] for rule in found if rule is not None for c in rule.checkpoints]
    assert guesses
    for guess in guesses:
        assert all(guess.intercept + guess.slope * low > trunk + 0.2 for low, _ in guess.windows)


def test_a_trial_is_not_told_what_others_make_of_it() -> None:
    """Where early values say nothing, the recipe may say all: no run is needed for that, or one."""
    found = []
    for run in runs():
        rng = np.random.default_rng([8, *map(ord, sorted(run.recipe)), len(found)])
        loss = [(s, v if s == 1600 else rng.normal(60.0, 9.0)) for s, v in run.curves["loss"]]
        found.append(Traced(recipe=run.recipe, values=run.values, curves={"loss": loss}))
    assert rules(found, "ac", "ab", "b", objectives=(LOSS,)) == [None] * 3


def test_where_curves_cross_a_trial_is_carried_on_by_its_trend(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What gains starts worse by more: a trial ends earlier than by its level alone, as rightly."""
    found = [crossing("".join(sorted(run.recipe)), seed) for seed, run in enumerate(runs()[:9])]
    new = crossing("abd", 99)
    (rule,) = rules(found, "abd", objectives=(LOSS,))
    monkeypatch.setattr(curves, "TRENDS", (0.0,))
    (by_level,) = rules(found, "abd", objectives=(LOSS,))
    assert rule is not None
    stopped = rule.look(new.curves)
    assert stopped is not None
    assert stopped.values["loss"] == pytest.approx(new.values["loss"], abs=2.0)
    later = None if by_level is None else by_level.look(new.curves)
    assert later is None or later.step > stopped.step
    guess = next(c for c in rule.checkpoints if c.step == stopped.step).guesses[0]
    assert guess.since is not None
    assert guess.trend > 0.3


@pytest.mark.parametrize("late", [0, 1, 2])
def test_a_spike_where_a_trial_ends_is_not_taken_for_its_level(late: int) -> None:
    """Nor, of a curve that falls by much between two reports, where it stood one or two ago."""
    found = [falling("".join(sorted(run.recipe)), seed) for seed, run in enumerate(runs())]
    (rule,) = rules(found, "ac", objectives=(LOSS,))
    assert rule is not None
    new = falling("ac", 99)
    calm = rule.look(new.curves)
    assert calm is not None
    assert calm.values["loss"] == pytest.approx(new.values["loss"], abs=2.0)
    spiked = [(s, v + 15.0 * (s == calm.step - 100 * late)) for s, v in new.curves["loss"]]
    told = next(c for c in rule.checkpoints if c.step == calm.step).guesses[0]
    assert told.final({"loss": spiked}, calm.step) == pytest.approx(calm.values["loss"], abs=1.5)


def falling(recipe: str, seed: int) -> Traced:
    """A whole run that falls by several noises between two reports until late."""
    rng = np.random.default_rng([10, seed, *recipe.encode()])
    end = 50.0 - sum(EFFECTS[name] for name in recipe) + rng.normal(0.0, 0.5)
    points = []
    for step in STEPS:
        left = np.sqrt(1600 / step) - 1.0
        points.append((step, float(end + 60.0 * left + rng.normal(0.0, 0.3) * (step < 1600))))
    final = {"loss": points[-1][1]}
    return Traced(recipe=frozenset(recipe), values=final, curves={"loss": points})


def crossing(recipe: str, seed: int) -> Traced:
    """A whole run that starts worse by three times what it gains in the end, and more noisy."""
    rng = np.random.default_rng([9, seed, *recipe.encode()])
    gain = sum(EFFECTS[name] for name in recipe)
    noise = rng.normal(0.0, 0.5)
    points = []
    for step in STEPS:
        left = np.sqrt(1600 / step) - 1.0
        loss = 50.0 - gain + noise + (30.0 + 3.0 * gain) * left + rng.normal(0.0, 0.3) * left
        points.append((step, float(loss)))
    final = {"loss": points[-1][1]}
    return Traced(recipe=frozenset(recipe), values=final, curves={"loss": points})


def test_the_rule_does_not_depend_on_the_order_of_runs() -> None:
    """Only on what was measured; the last bits of sums apart."""
    found = runs()
    (one,), (two,) = rules(found, "ac"), rules(found[:3] + found[:2:-1], "ac")
    assert [c.step for c in one.checkpoints] == [c.step for c in two.checkpoints]
    for left, right in zip(one.checkpoints, two.checkpoints, strict=True):
        assert left.guesses[0].intercept == pytest.approx(right.guesses[0].intercept)
        assert left.guesses[0].slope == pytest.approx(right.guesses[0].slope)


def test_trunk_confirmation_and_every_sixth_are_whole() -> None:
    """What error rates hang on, and what is learnt from."""

    def may(number: int, recipe: str, purpose: Purpose = Purpose.SEARCH) -> bool:
        return may_stop(Trial(number, frozenset(recipe), 7, None, purpose))

    assert may(5, "ab")
    assert not may(5, "")
    assert not may(5, "ab", Purpose.CONFIRM)
    assert [may(number, "ab") for number in range(1, 13)] == [*[True] * 5, False] * 2
    assert not may_stop(Trial(5, frozenset("a"), 7), frozenset("a"))


def test_old_runs_are_let_go() -> None:
    """What is learnt from is bounded: the work grows with its third power."""
    many = [traced("" if seed % 3 == 0 else "ab", seed) for seed in range(150)]
    assert rules(many, "ab")[0] == rules(many[-stopping.MOST_RUNS :], "ab")[0]
