"""What was run, recipe by recipe."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING

import pytest
from scipy import stats

from mainstem.board import ran
from mainstem.board.ran import Ran
from mainstem.domain.stack import Direction, Objective

if TYPE_CHECKING:
    from tests.unit.board.looking import Looking

LOSS = Objective("loss", margin=0.1, unit="nats")
SCORE = Objective("score", margin=0.1, direction=Direction.MAXIMIZE)


def of(*values: float) -> Ran:
    """Runs with these values of both objectives."""
    found = [{"loss": value, "score": value} for value in values]
    return Ran(recipe=("a",), trials=[f"c1.{k}" for k in range(len(values))], values=found)


def test_every_run_of_the_record_is_of_one_recipe(reader: Looking) -> None:
    """Those that failed too; members come in the order of proposing."""
    campaign = reader.record().latest()
    assert campaign is not None
    found = ran.by_recipe(campaign)
    told = {name for one in found.values() for name in (*one.trials, *one.failed)}
    assert told == set(campaign.finished)
    assert found[frozenset({"rope", "muon"})].recipe == ("muon", "rope")
    broken = [one for recipe, one in found.items() if {"muon", "old"} <= recipe]
    assert broken
    assert all(one.failed and not one.trials for one in broken)
    assert len(found[frozenset()].trials) > 1


def test_gains_of_all_are_those_of_each(reader: Looking) -> None:
    """None where nothing succeeded; each objective has its own."""
    campaign, (objective, *_) = reader.record().latest(), reader.stack.objectives
    assert campaign is not None
    found, by = ran.gains(campaign, objective), ran.by_recipe(campaign)
    trunk = by[frozenset()]
    assert found == {recipe: ran.gained(one, trunk, objective) for recipe, one in by.items()}
    assert found[frozenset()] == 0.0
    assert any(gain is None for gain in found.values())  # muon and old crash together
    other = Objective("not measured", margin=0.1)
    assert set(ran.gains(campaign, other).values()) == {None}


def test_without_a_campaign_nothing_ran() -> None:
    """And nobody holds anything."""
    assert ran.by_recipe(None) == {}
    assert ran.holders(None) == {}


def test_pairs_are_counted_as_one_by_one(reader: Looking) -> None:
    """Bits agree with looking at every run."""
    campaign = reader.record().latest()
    assert campaign is not None
    held = ran.holders(campaign)
    good = [a.trial.recipe for a, r in campaign.ended_trials() if r.values is not None]
    for a in campaign.proposals:
        for b in campaign.proposals:
            assert ran.together(held, a, b) == sum({a, b} <= recipe for recipe in good)
    assert ran.together(held, "muon", "old") == 0  # they crash together
    assert ran.together(held, "muon", "nobody") == 0


def test_with_whom_each_ran_is_what_its_runs_hold(reader: Looking) -> None:
    """Bit by bit, in whatever order proposals are numbered; crashed runs count for nothing."""
    campaign = reader.record().latest()
    assert campaign is not None
    held, order = ran.holders(campaign), list(reversed(campaign.proposals))
    found = ran.partners(campaign, order)
    for a, beside in zip(order, found, strict=True):
        ran_with = {b for k, b in enumerate(order) if beside >> k & 1}
        assert ran_with == {b for b in order if ran.together(held, a, b)}
    assert any(found)
    assert ran.partners(None, order) == [0] * len(order)


def test_means_have_the_interval_of_the_noise_of_all_runs() -> None:
    """As of a Gaussian with a known sd; of exact values none is left."""
    values, sd = [2.0, 2.1, 2.6], 0.3
    found = ran.mean(of(*values), LOSS, sd)
    assert found is not None
    low, high = stats.norm.interval(0.9, statistics.fmean(values), sd / math.sqrt(3))
    assert (found["low"], found["high"]) == pytest.approx((low, high))
    assert found["unit"] == "nats"
    exact = ran.mean(of(2.0), LOSS, 0.0)
    assert exact is not None
    assert exact["low"] == exact["high"] == 2.0
    unknown = ran.mean(of(2.0), LOSS, None)
    assert unknown is not None
    assert unknown["low"] is None
    assert ran.mean(of(), LOSS, sd) is None


def test_gains_are_above_0_where_it_is_better() -> None:
    """Whatever the direction; against the trunk itself there is none."""
    trunk, better = of(2.0, 2.2), of(1.9)
    loss, score = (ran.gain(better, trunk, o, 0.1) for o in (LOSS, SCORE))
    assert loss is not None
    assert score is not None
    assert loss["mean"] == pytest.approx(0.2)
    assert score["mean"] == pytest.approx(-0.2)
    half = 1.6448536 * 0.1 * math.sqrt(1 / 1 + 1 / 2)
    assert loss["high"] - loss["mean"] == pytest.approx(half)
    assert ran.gain(better, None, LOSS, 0.1) is None
    same = ran.gain(trunk, trunk, LOSS, 0.1)
    assert same is not None
    assert (same["mean"], same["low"]) == (0.0, 0.0)


def test_an_interaction_needs_all_four_recipes() -> None:
    """f(ab) - f(a) - f(b) + f(neither), as a gain."""
    neither, a, b, both = of(2.0), of(1.8), of(1.9), of(1.8, 1.6)
    found = ran.interaction((neither, a, b, both), LOSS, 0.1)
    assert found is not None
    assert found["mean"] == pytest.approx(-(1.7 - 1.8 - 1.9 + 2.0))
    assert found["high"] - found["mean"] == pytest.approx(1.6448536 * 0.1 * math.sqrt(3.5))
    assert ran.interaction((neither, a, None, both), LOSS, 0.1) is None
