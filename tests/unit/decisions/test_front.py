from __future__ import annotations

import numpy as np
import pytest

from mainstem import Objective
from mainstem.decisions.belief import Belief, believe
from mainstem.decisions.front import Front, front
from mainstem.decisions.problem import Problem, Result

QUALITY = Objective("quality", margin=0.1, direction="maximize")
SPEED = Objective("speed", margin=2.0, direction="maximize", unit="it/s")
SIZE = Objective("size", margin=10.0, role="guard")
# a and b pull apart, c is next to nothing, d gains on both and breaks the guard; in margins.
EFFECTS = {"a": (5.0, -3.0, 0.0), "b": (-2.0, 5.0, 0.0), "c": (0.2, 0.1, 0.0), "d": (9, 9, -4.0)}
DESIGN = ("", "a", "b", "c", "d", "ab", "ac", "bc", "abc", "ad")


def measured(
    *recipes: str, sds: tuple[float, float, float] = (0.3, 0.3, 0.3), crashes: str = "-"
) -> list[Result]:
    """Four runs of each recipe in an additive world, noise in margins; some recipes crash."""
    out = []
    for seed in range(4):
        for recipe in recipes:
            noise = np.random.default_rng([seed, *map(ord, recipe)]).standard_normal(3)
            gain = np.sum([EFFECTS[p] for p in recipe], axis=0) + noise * sds
            values = {
                "quality": 1.0 + 0.1 * gain[0],
                "speed": 50.0 + 2.0 * gain[1],
                "size": 300.0 - 10.0 * gain[2],
            }
            told = None if crashes in recipe else values
            out.append(Result(trial=None, recipe=frozenset(recipe), seed=seed, values=told))
    return out


def belief_of(results: list[Result], *objectives: Objective) -> Belief:
    """What these results say about four proposals."""
    problem = Problem(proposals=tuple("abcd"), objectives=objectives or (QUALITY, SPEED, SIZE))
    belief = believe(problem, results)
    assert belief is not None
    return belief


def recipes(found: Front) -> list[str]:
    """The recipes of a front, in order."""
    return ["".join(sorted(point.recipe)) for point in found.points]


def test_both_ends_and_the_middle_of_a_trade_are_named() -> None:
    """Of two objectives that pull apart; the near equals with c, and d, stay out."""
    found = front(belief_of(measured(*DESIGN)), frozenset("ab"))
    assert [recipe.replace("c", "") for recipe in recipes(found)] == ["ab", "b", "a"]
    assert found.points[0].recipe == frozenset("ab")
    for point in found.points:
        assert point.probability > 0.9
        assert set(point.gain) == {"quality", "speed", "size"}
    ab = found.points[0].gain
    assert ab["quality"].mean == pytest.approx(0.3, abs=0.05)
    assert ab["speed"].mean == pytest.approx(4.0, abs=1.0)
    assert found.points[0].runs == 4


def test_what_breaks_a_guard_is_not_named_and_beats_nobody() -> None:
    """Though it is the best on everything; where the guard allows it, it is the front alone."""
    loose = Objective("size", margin=100.0, role="guard")
    results = measured(*DESIGN, "abd", "bd", "cd", "abcd")
    tight = front(belief_of(results), frozenset("ab"))
    assert not any("d" in recipe for recipe in recipes(tight))
    assert all(point.probability > 0.9 for point in tight.points)
    allowed = front(belief_of(results, QUALITY, SPEED, loose), frozenset("ad"))
    assert all("d" in recipe for recipe in recipes(allowed))


def test_an_exact_guard_is_kept_or_broken_for_sure() -> None:
    """Without noise the gain of what ran is that of its runs, and a margin kept exactly is kept."""
    at_the_margin = Objective("size", margin=40.0, role="guard")
    results = measured(*DESIGN, sds=(0.3, 0.3, 0.0))
    kept = front(belief_of(results, QUALITY, SPEED, at_the_margin), frozenset("ad"))
    assert kept.points[0].recipe == frozenset("ad")
    assert kept.points[0].probability > 0.95
    size = kept.points[0].gain["size"]
    assert (size.low, size.mean, size.high) == (-40.0, -40.0, -40.0)
    broken = front(belief_of(results), frozenset("ad"))
    assert broken.points[0].probability == 0.0
    assert not any("d" in recipe for recipe in recipes(broken)[1:])


def test_noise_lowers_the_probability_of_being_on_the_front() -> None:
    """What few noisy runs say of b is that it may be beaten; the precise objective stays sharp."""
    sure = front(belief_of(measured(*DESIGN, sds=(0.05, 0.05, 0.1))), frozenset("ab"))
    noisy = front(belief_of(measured(*DESIGN, sds=(0.05, 4.0, 0.1))), frozenset("ab"))
    assert sure.points[0].probability > 0.95
    assert noisy.points[0].probability < 0.9
    widths = [
        noisy.points[0].gain[o.name].high - noisy.points[0].gain[o.name].low  # type: ignore[operator]  # posterior intervals are closed
        for o in (QUALITY, SPEED)
    ]
    assert widths[0] / 0.1 < 0.5
    assert widths[1] / 2.0 > 2.0


def test_the_hypervolume_is_what_the_front_adds_to_the_trunk() -> None:
    """With one objective the gain of the best; with two, what is dominated beyond the trunk."""
    one = front(belief_of(measured(*DESIGN), QUALITY, SIZE), frozenset("a"))
    assert recipes(one) == ["a"]
    assert one.hypervolume is not None
    assert one.hypervolume.unit == "margins"
    assert one.hypervolume.mean == pytest.approx(5.0, abs=0.5)
    two = front(belief_of(measured(*DESIGN)), frozenset("ab"))
    # From one margin below the trunk: ab (3, 2) has 4 x 3, and b is worse by more on quality.
    assert two.hypervolume is not None
    assert two.hypervolume.unit == "margins^2"
    assert two.hypervolume.mean == pytest.approx(4.0 * 3.0 - 1.0, abs=2.5)
    assert two.hypervolume.low is not None
    assert two.hypervolume.high is not None
    assert two.hypervolume.low < 11.0 < two.hypervolume.high


def test_a_proposal_that_never_ran_or_crashes_is_in_no_recipe_of_the_front() -> None:
    """Nothing is known of the one, and the other is no choice."""
    unseen = front(belief_of(measured("", "a", "b", "ab")), frozenset("ab"))
    assert not any({"c", "d"} & set(recipe) for recipe in recipes(unseen))
    crashed = front(belief_of(measured(*DESIGN, crashes="a")), frozenset("b"))
    assert not any("a" in recipe for recipe in recipes(crashed))


def test_where_nothing_gains_the_trunk_is_the_front() -> None:
    """With nothing added to its volume."""
    results = [
        *measured("", "c"),
        *(
            Result(
                trial=None,
                recipe=frozenset("b"),
                seed=s,
                values={"quality": 0.2, "speed": 30.0 + s, "size": 300.0},
            )
            for s in range(4)
        ),
    ]
    found = front(belief_of(results), frozenset())
    assert recipes(found) == [""]
    assert found.hypervolume is not None
    assert found.hypervolume.mean == 0.0
