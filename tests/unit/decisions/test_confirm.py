from __future__ import annotations

import numpy as np
import pytest

from mainstem import Objective
from mainstem.decisions.belief import Scale
from mainstem.decisions.confirm import Candidate, Outcome, Pair, judge, pairs_needed
from mainstem.decisions.problem import Problem, Result
from mainstem.stats import evidence

LOSS = Objective("loss", margin=1.0)
SECOND = Objective("speed", margin=1.0, direction="maximize")
GUARD = Objective("size", margin=1.0, role="guard")


def weigh(
    *objectives: Objective,
    gains: list[list[float]] | None,
    number: int = 1,
    exact: tuple[bool, ...] | None = None,
    crashed: str = "",
) -> Candidate:
    """Judges a candidate whose pairs gained so much per objective (above 0 is better)."""
    problem = Problem(proposals=("a",), objectives=objectives)
    sign = np.array([o.sign for o in objectives])
    names = [o.name for o in objectives]
    pairs = []
    for seed, gain in enumerate(gains or []):
        old = dict.fromkeys(names, 5.0)
        new = {n: 5.0 + s * g for n, s, g in zip(names, sign, gain, strict=True)}
        pairs.append(
            Pair(
                seed=seed,
                trunk=Result(
                    trial=2 * seed,
                    recipe=frozenset(),
                    seed=seed,
                    values=None if crashed == "trunk" else old,
                ),
                candidate=Result(
                    trial=2 * seed + 1,
                    recipe=frozenset("a"),
                    seed=seed,
                    values=None if crashed == "candidate" else new,
                ),
            )
        )
    return judge(
        problem,
        number=number,
        recipe=frozenset("a"),
        baseline=frozenset(),
        pairs=tuple(pairs),
        scale=Scale(
            trunk=np.full(len(names), 5.0),
            margin=np.array([o.margin for o in objectives]),
            sign=sign,
        ),
        exact=exact or (False,) * len(names),
    )


def steady(gain: float, pairs: int, seed: int = 0) -> list[float]:
    """Noisy gains of sd 1 around a mean."""
    return (gain + np.random.default_rng(seed).standard_normal(pairs)).tolist()


def test_a_clear_gain_is_confirmed_and_no_gain_is_not() -> None:
    """Twenty pairs at three sds suffice; twenty pairs at none do not."""
    assert weigh(LOSS, gains=[[g] for g in steady(3.0, 20)]).outcome is Outcome.CONFIRMED
    assert weigh(LOSS, gains=[[g] for g in steady(0.0, 20)]).outcome is Outcome.RUNNING


def test_nothing_is_confirmed_without_pairs() -> None:
    """No evidence is a log e-value of 0, far below any threshold."""
    found = weigh(LOSS, GUARD, gains=None)
    assert found.outcome is Outcome.RUNNING
    assert [test.log_margin for test in found.tests] == [0.0, 0.0]


def test_confirmed_exactly_when_the_evidence_reaches_the_threshold() -> None:
    """The first pair at which the log e-value passes log(pi^2 k^2 / 6 alpha), and no earlier."""
    gains = steady(1.5, 30)
    bar = np.log(np.pi**2 / 6.0 / 0.05)
    first = int(np.argmax(evidence.log_path(np.array(gains), bar) >= bar)) + 1
    for pairs in range(31):
        found = weigh(LOSS, gains=[[g] for g in gains[:pairs]])
        assert (found.outcome is Outcome.CONFIRMED) == (pairs >= first)


def test_what_was_proved_once_stays_proved() -> None:
    """An e-process may fall again; what it rejected while high stays rejected (Ville)."""
    good = steady(1.5, 30)
    assert weigh(LOSS, gains=[[g] for g in [*good, *steady(-3.0, 15)]]).outcome is Outcome.CONFIRMED


def test_later_candidates_face_a_higher_threshold() -> None:
    """Candidate k must show k^2 times the evidence of the first, so all together spend alpha."""
    first, third = (weigh(LOSS, gains=[[1.0]], number=k).log_threshold for k in (1, 3))
    assert first == pytest.approx(np.log(np.pi**2 / 6.0 / 0.05))
    assert third - first == pytest.approx(np.log(9.0))
    gains = steady(1.5, 30)
    bars = [np.log(evidence.spending(k) / 0.05) for k in (1, 9)]
    pairs = 1 + int(np.argmax(evidence.log_path(np.array(gains), bars[0]) >= bars[0]))
    assert evidence.log_path(np.array(gains), bars[1])[pairs - 1] < bars[1]
    some = [[g] for g in gains[:pairs]]
    assert weigh(LOSS, gains=some, number=1).outcome is Outcome.CONFIRMED
    assert weigh(LOSS, gains=some, number=9).outcome is Outcome.RUNNING


def test_two_chances_to_gain_halve_the_alpha_of_each() -> None:
    """With J objectives to improve a gain needs J times the evidence; a margin does not."""
    gains = steady(1.5, 30)
    bar = np.log(evidence.spending(1) / 0.05)
    pairs = 1 + int(np.argmax(evidence.log_path(np.array(gains), bar) >= bar))
    assert evidence.log_path(np.array(gains), bar + np.log(2.0))[pairs - 1] < bar + np.log(2.0)
    alone = weigh(LOSS, gains=[[g] for g in gains[:pairs]])
    both = weigh(LOSS, SECOND, gains=[[g, 0.0] for g in gains[:pairs]])
    assert alone.tests[0].gains
    assert not both.tests[0].gains
    assert both.tests[0].keeps


def test_one_gain_of_several_is_enough_if_every_margin_holds() -> None:
    """The other improve objective need only not be worse by more than its margin."""
    clear, flat, worse = steady(5.0, 30), steady(0.1, 30, 1), steady(-3.0, 30, 2)
    fine = weigh(LOSS, SECOND, gains=[list(row) for row in zip(clear, flat, strict=True)])
    assert fine.outcome is Outcome.CONFIRMED
    spoiled = weigh(LOSS, SECOND, gains=[list(row) for row in zip(clear, worse, strict=True)])
    assert spoiled.outcome is Outcome.RUNNING


@pytest.mark.parametrize(("loss", "confirmed"), [(-0.2, True), (-1.0, False), (-3.0, False)])
def test_a_guard_must_be_proved_to_hold(loss: float, *, confirmed: bool) -> None:
    """Within its margin of 1 it passes; at the margin or beyond it blocks, whatever is gained."""
    rows = [list(row) for row in zip(steady(5.0, 40), steady(loss, 40, 3), strict=True)]
    found = weigh(LOSS, GUARD, gains=rows)
    assert (found.outcome is Outcome.CONFIRMED) is confirmed
    assert found.tests[0].gains
    assert found.tests[1].log_gain == float("-inf")


def test_a_deterministic_objective_is_decided_by_one_pair() -> None:
    """The smallest gain is certain where nothing is left to chance."""
    found = weigh(LOSS, gains=[[1e-9]], exact=(True,))
    assert found.outcome is Outcome.CONFIRMED
    assert found.tests[0].exact
    assert weigh(LOSS, gains=[[0.0]], exact=(True,)).outcome is Outcome.RUNNING


@pytest.mark.parametrize(("loss", "blocked"), [(-1.0, False), (-1.0 - 1e-9, True)])
def test_a_deterministic_guard_breaks_at_its_margin(loss: float, *, blocked: bool) -> None:
    """A loss of the margin is tolerated, more is not; no further pair can change that."""
    found = weigh(LOSS, GUARD, gains=[[3.0, loss]], exact=(False, True))
    assert found.blocked is blocked
    assert found.tests[1].keeps is not blocked


def test_pairs_that_disagree_refute_that_an_objective_is_deterministic() -> None:
    """What three runs of the trunk suggested, the pairs themselves may disprove."""
    found = weigh(LOSS, gains=[[1.0], [0.5]], exact=(True,))
    assert not found.tests[0].exact
    assert found.outcome is Outcome.RUNNING


def test_a_candidate_that_crashes_is_out() -> None:
    """A crash is no number: it blocks the candidate, whatever was proved before."""
    found = weigh(LOSS, gains=[[9.0]] * 3, exact=(True,), crashed="candidate")
    assert found.outcome is Outcome.CRASHED
    assert found.blocked


def test_a_pair_whose_trunk_crashed_is_left_out() -> None:
    """Nothing can be compared with it, and the candidate is not to blame."""
    found = weigh(LOSS, gains=[[9.0]] * 3, crashed="trunk")
    assert found.outcome is Outcome.RUNNING
    assert found.pairs == ()


def test_the_skewness_of_the_differences_is_shown() -> None:
    """The reader sees how far the noise is from what the Gaussian null assumes."""
    gains = np.random.default_rng(0).exponential(size=30)
    skewness = weigh(LOSS, gains=[[g] for g in gains]).tests[0].skewness
    assert skewness == pytest.approx(evidence.skewness(gains))


@pytest.mark.parametrize(
    ("mean", "sd", "expected"),
    [
        ([-0.1], [1.0], float("inf")),  # no gain is never confirmed
        ([0.5, -1.2], [1.0, 1.0], float("inf")),  # nor is a broken guard
        ([0.5], [0.0], 1.0),  # without noise one pair decides
    ],
)
def test_pairs_needed_at_the_extremes(mean: list[float], sd: list[float], expected: float) -> None:
    """What cannot be confirmed takes for ever, what is certain takes one pair."""
    assert pairs_needed(np.array(mean), np.array(sd), improve=(0,), log_threshold=3.5) == expected


def test_pairs_needed_are_those_of_the_hardest_test() -> None:
    """A guard close to its margin sets the pace, not the easy gain."""
    easy = pairs_needed(np.array([2.0, 0.0]), np.ones(2), improve=(0,), log_threshold=3.5)
    hard = pairs_needed(np.array([2.0, -0.7]), np.ones(2), improve=(0,), log_threshold=3.5)
    assert hard == pytest.approx(evidence.pairs_to_decide(0.3 / np.sqrt(2.0), 3.5))
    assert hard > 3.0 * easy
