from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.recipe import TRUNK, in_order, label


@given(st.permutations("abcdef"), st.sets(st.sampled_from("abcdef")))
def test_members_stand_in_the_order_of_proposing(order: list[str], recipe: set[str]) -> None:
    """Never in the order of their names."""
    assert list(in_order(recipe, order)) == [p for p in order if p in recipe]


def test_a_stranger_has_no_place() -> None:
    """A recipe that names what was never proposed is a fault of the caller."""
    with pytest.raises(KeyError):
        in_order({"a", "x"}, "ab")


def test_recipes_are_named_for_people() -> None:
    """Members joined, or the trunk."""
    assert label(TRUNK, "ab") == "trunk"
    assert label(frozenset("ba"), "ba") == "b + a"
