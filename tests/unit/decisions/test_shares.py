from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from mainstem.decisions.shares import LEAST_LINE, Claims, entering, kept_back, level, places

if TYPE_CHECKING:
    from collections.abc import Sequence

OWNERS = st.lists(st.integers(0, 6), min_size=1, max_size=40)


def claims(
    owners: Sequence[int], weights: dict[int, float] | None = None, *, least_line: int = 1
) -> Claims:
    """Proposals of one owner each; any line is long enough, unless another is named."""
    each = [{owner: 1.0} for owner in owners]
    return Claims(owners=each, weights=weights or {}, least_line=least_line)


FLOOD = [0, *range(1, 11), *[0] * 39]
"""One owner files 40 of 50, and the first of all."""


def test_who_files_forty_of_fifty_has_one_place_like_the_others() -> None:
    """The others' campaign is the one that they would have had beside one of the forty."""
    found = claims(FLOOD, least_line=LEAST_LINE)
    assert level(found) == 1.0
    assert entering(found, set()) == list(range(11))


@pytest.mark.parametrize(("filed", "waits"), [(32, 0), (33, 32), (34, 33)])
def test_a_short_line_is_not_worth_a_turn(filed: int, waits: int) -> None:
    """Ten file one each: with 31 beyond the one place of a flood all enter, with 32 they wait."""
    found = claims([*range(1, 11), *[0] * filed], least_line=32)
    assert len(found.owners) - len(entering(found, set())) == waits


def test_filing_little_by_little_gets_no_more_in() -> None:
    """What is in the campaign counts as asked: who was let in with a short line fills no longer."""
    inside: set[int] = set()
    owners = list(range(1, 11))
    while len(owners) < 70:
        owners += [0] * 10
        found = claims(owners, least_line=LEAST_LINE)
        inside |= set(entering(found, inside))
    assert len(inside) <= 10 + LEAST_LINE
    assert inside >= set(range(10))


def test_a_team_may_ask_for_longer_lines_than_any() -> None:
    """Then nobody waits, whoever files what."""
    assert entering(claims(FLOOD, least_line=51), set()) == list(range(50))


def test_two_floods_do_not_make_a_level() -> None:
    """Several who file much do not open the door for one another."""
    found = claims([*range(2, 12), *[0] * 40, *[1] * 40])
    assert entering(found, set()) == [*range(10), 10, 50]


def test_of_two_the_smaller_ask_is_the_level() -> None:
    """Where one of two files ten and the other forty, both have ten places."""
    found = claims([0] * 40 + [1] * 10)
    assert places(found) == {0: 10.0, 1: 10.0}


def test_who_waits_enters_when_those_before_are_decided() -> None:
    """What is decided asks for nothing: of the rest everybody enters who is left alone with it."""
    rest = FLOOD[11:]
    assert entering(claims(rest), set()) == list(range(39))


def test_a_proposal_in_the_campaign_takes_its_place() -> None:
    """Whoever has a place taken gets no second one by filing again."""
    found = claims([0, 1, 2, 3, 0, 0, 4])
    assert entering(found, {0, 1, 2, 3}) == [6]


def test_a_weight_is_a_larger_claim() -> None:
    """An owner of weight 3 has three times the places; nobody has less than one."""
    found = claims(
        [*[0] * 9, *(owner for owner in range(1, 6) for _ in range(2))], {0: 3.0, 5: 0.1}
    )
    assert places(found) == {0: 6.0, 1: 2.0, 2: 2.0, 3: 2.0, 4: 2.0, 5: 1.0}


def test_authors_share_what_a_proposal_takes() -> None:
    """A proposal of two authors takes half a place of each, and needs room of one of them."""
    both = {0: 0.5, 1: 0.5}
    owners = [{0: 1.0}, both, {0: 1.0}, {2: 1.0}, {3: 1.0}, {4: 1.0}]
    found = Claims(owners=owners, weights={}, least_line=1)
    assert entering(found, set()) == [0, 1, 3, 4, 5]


def test_what_is_nobodys_waits_for_nobody() -> None:
    """A proposal whose authors are not known is not held up."""
    found = Claims(owners=[{}, {0: 1.0}, {}], weights={})
    assert entering(found, set()) == [0, 1, 2]


def test_the_budget_of_those_who_wait_is_kept() -> None:
    """39 of 40 of one of eleven equal claims."""
    assert kept_back(claims(FLOOD), range(11, 50)) == pytest.approx(39 / 40 / 11)
    assert kept_back(claims(FLOOD), []) == 0.0


@given(OWNERS, st.permutations(range(7)))
def test_who_the_owners_are_changes_nothing(owners: list[int], names: list[int]) -> None:
    """Only which proposals belong together counts."""
    renamed = [names[owner] for owner in owners]
    assert entering(claims(owners), set()) == entering(claims(renamed), set())
    late = [k for k in range(len(owners)) if k not in entering(claims(owners), set())]
    assert kept_back(claims(owners), late) == pytest.approx(kept_back(claims(renamed), late))


@given(OWNERS)
def test_all_come_in_turn(owners: list[int]) -> None:
    """Every turn lets somebody in, each owner among them who waits, until nobody waits."""
    left = list(range(len(owners)))
    turns = 0
    while left:
        entered = entering(claims([owners[k] for k in left]), set())
        assert {owners[left[k]] for k in entered} == {owners[k] for k in left}
        left = [k for at, k in enumerate(left) if at not in entered]
        turns += 1
    assert turns <= 7


@given(OWNERS)
def test_equal_asks_never_wait(owners: list[int]) -> None:
    """Where everybody files the same number nobody is held back."""
    each = [owner for owner in sorted(set(owners)) for _ in range(3)]
    assert entering(claims(each), set()) == list(range(len(each)))


@given(OWNERS)
def test_places_are_max_min_fair(owners: list[int]) -> None:
    """Nobody has more than they ask for, and who has less has as much as anybody."""
    found = claims(owners)
    asked, given_places = found.asked(), places(found)
    most = max(given_places.values())
    for owner, amount in given_places.items():
        assert amount <= asked[owner]
        assert amount == asked[owner] or amount == most
