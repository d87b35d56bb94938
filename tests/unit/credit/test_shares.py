from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mainstem.credit.shares import shares
from mainstem.domain.stack import Objective
from mainstem.stats import shapley

LOSS = Objective("loss", margin=1.0, unit="bits/byte")
NAMES = ("a", "b", "c")


def splits(seed: int = 0, *, shift: float = 0.0, draws: int = 256) -> np.ndarray:
    """Draws of the split of a game of three members."""
    games = np.random.default_rng(seed).normal(size=(draws, 8))
    games += shift * shapley.coalitions(3).sum(1)
    return np.asarray(shapley.split(games))


@given(st.integers(0, 2**32 - 1), st.floats(-3.0, 3.0))
def test_values_and_their_parts_sum_to_the_gain(seed: int, shift: float) -> None:
    """Efficiency on the means: members, groups, percentages, and the parts of each value."""
    owners = {"a": {0: 1.0}, "b": {0: 0.25, 4: 0.75}, "c": {2: 0.5, 4: 0.5}}
    credit = shares(splits(seed, shift=shift), NAMES, LOSS, owners=owners)
    total = credit.total.mean
    assert sum(m.value.mean for m in credit.members) == pytest.approx(total, abs=1e-9)
    assert sum(g.value.mean for g in credit.groups) == pytest.approx(total, abs=1e-9)
    for member in credit.members:
        parts = member.alone.mean + sum(part.mean for part in member.beside.values())
        assert parts == pytest.approx(member.value.mean, abs=1e-9)
    given_percent = [m.percent for m in credit.members if m.percent is not None]
    assert sum(given_percent) == pytest.approx(100.0 if given_percent else 0.0, abs=1e-6)


def test_an_interval_is_that_of_the_draws() -> None:
    """The central 90% of each value's own draws; twice as wide if that is asked."""
    drawn = splits(3, shift=2.0)
    values = drawn.sum(2)[:, 1]
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    found = shares(drawn, NAMES, LOSS).members[1]
    assert (found.proposal, found.value.unit, found.value.level) == ("b", "bits/byte", 0.9)
    assert (found.value.low, found.value.high) == pytest.approx((low, high))
    assert found.value.mean == pytest.approx(values.mean())
    wide = shares(drawn, NAMES, LOSS, width=2.0).members[1].value
    assert (wide.low, wide.high) == pytest.approx((2 * low - middle, 2 * high - middle))
    assert wide.mean == found.value.mean


def test_an_interval_holds_its_mean_however_skewed_the_draws_are() -> None:
    """A few terrible draws pull the mean out of the central interval, which is then stretched."""
    drawn = np.zeros((100, 1, 1))
    drawn[0] = -1000.0
    found = shares(drawn, ["a"], LOSS).members[0].value
    assert found.mean == pytest.approx(-10.0)
    assert found.low == pytest.approx(-10.0)
    assert found.high == pytest.approx(0.0)


def test_percentages_stand_only_where_the_total_is_known_to_differ_from_nothing() -> None:
    """A part of what may be 0, or below, is no percentage."""
    surely = shares(splits(1, shift=5.0), NAMES, LOSS)
    assert surely.total.low is not None
    assert surely.total.low > 0.0
    member = surely.members[0]
    assert member.percent == pytest.approx(100.0 * member.value.mean / surely.total.mean)
    perhaps = shares(splits(1), NAMES, LOSS, owners={name: {0: 1.0} for name in NAMES})
    assert [m.percent for m in perhaps.members] == [None] * 3
    assert [g.percent for g in perhaps.groups] == [None]
    lost = shares(splits(1, shift=-5.0), NAMES, LOSS)
    assert lost.members[0].percent is not None
    assert lost.members[0].percent > 0.0  # of a loss, its part of it


def test_two_members_part_what_they_do_together() -> None:
    """Each gains 3 alone and both 4: they overlap by 2, and each bears 1."""
    game = np.array([[0.0, 3.0, 3.0, 4.0]])
    first, second = shares(shapley.split(game), ["a", "b"], LOSS).members
    assert (first.value.mean, second.value.mean) == pytest.approx((2.0, 2.0))
    assert first.alone.mean == pytest.approx(3.0)
    assert first.beside["b"].mean == pytest.approx(-1.0)
    assert "a" not in first.beside


def test_what_makes_others_possible_earns_part_of_theirs() -> None:
    """`b` cannot stand without `a`, so a set of `b` alone is worth the root: `a` earns half."""
    game = np.array([[0.0, 0.0, 0.0, 6.0]])
    first, second = shares(shapley.split(game), ["a", "b"], LOSS).members
    assert (first.value.mean, second.value.mean) == pytest.approx((3.0, 3.0))


def test_a_gain_without_noise_is_one_number_whatever_was_rounded() -> None:
    """What members did is uncertain; that together it came to nothing, or to 3,072, is not."""
    for gain in (0.0, 3072.0):
        games = np.random.default_rng(4).normal(scale=500.0, size=(256, 8))
        games[:, -1] = games[:, 0] + gain
        credit = shares(np.asarray(shapley.split(games)), NAMES, LOSS)
        assert credit.total.low == credit.total.mean == credit.total.high
        assert credit.total.mean == (gain if gain == 0.0 else pytest.approx(gain, rel=1e-12))
        value = credit.members[0].value
        assert value.high is not None
        assert value.low is not None
        assert value.high - value.low > 500.0


def test_a_group_is_summed_inside_each_draw() -> None:
    """What one member gains and another loses by the same doubt leaves no doubt about their sum."""
    doubt = np.random.default_rng(0).normal(size=256)
    drawn = np.zeros((256, 2, 2))
    drawn[:, 0, 0], drawn[:, 1, 1] = 5.0 + doubt, 2.0 - doubt
    owners = {"a": {7: 1.0}, "b": {7: 1.0}}
    (group,) = shares(drawn, ["a", "b"], LOSS, owners=owners).groups
    assert (group.group, group.percent) == (7, pytest.approx(100.0))
    assert (group.value.low, group.value.high) == pytest.approx((7.0, 7.0))


def test_renaming_groups_moves_no_figure() -> None:
    """A group is a number, and which number is all the same."""
    drawn = splits(5, shift=1.0)
    one = shares(drawn, NAMES, LOSS, owners={"a": {0: 1.0}, "b": {1: 1.0}, "c": {0: 0.5, 1: 0.5}})
    other = shares(drawn, NAMES, LOSS, owners={"a": {9: 1.0}, "b": {3: 1.0}, "c": {9: 0.5, 3: 0.5}})
    assert one.members == other.members
    assert {g.group: g.value for g in other.groups} == {
        {0: 9, 1: 3}[g.group]: g.value for g in one.groups
    }


@pytest.mark.parametrize(
    ("owners", "said"),
    [
        ({"a": {0: 1.0}, "b": {0: 1.0}}, "nobody owns c"),
        ({"a": {0: 0.9}, "b": {0: 1.0}, "c": {0: 1.0}}, "shares of a are .*must sum to 1"),
        ({"a": {0: 1.5, 1: -0.5}, "b": {0: 1.0}, "c": {0: 1.0}}, "none below 0"),
        ({"a": {}, "b": {0: 1.0}, "c": {0: 1.0}}, "shares of a are"),
    ],
)
def test_owners_own_all_of_every_member(owners: dict[str, dict[int, float]], said: str) -> None:
    """Nothing of the gain is lost between owners."""
    with pytest.raises(ValueError, match=said):
        shares(splits(), NAMES, LOSS, owners=owners)


def test_no_member_is_no_gain() -> None:
    """A trunk that holds nothing has a gain of 0 and no percentages."""
    credit = shares(np.zeros((4, 0, 0)), [], LOSS, owners={})
    assert (credit.total.mean, credit.members, credit.groups) == (0.0, (), ())
