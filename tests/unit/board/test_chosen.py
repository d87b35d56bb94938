"""Ids in one word of an address."""

from __future__ import annotations

from hypothesis import given, strategies as st

from mainstem.board.chosen import chosen, joined


@given(st.lists(st.text(min_size=1), unique=True))
def test_whatever_is_joined_is_read_again(ids: list[str]) -> None:
    """Commas, blanks and quotes in a name change nothing."""
    assert chosen(joined(ids)) == tuple(ids)


def test_common_names_are_read_as_they_are() -> None:
    """Somebody can write an address by hand; a name that comes twice counts once."""
    assert joined(["team/muon@2", "rope"]) == "team/muon@2,rope"
    assert chosen("rope,,muon,rope") == ("rope", "muon")
    assert chosen("") == ()
