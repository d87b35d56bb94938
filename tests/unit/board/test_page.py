"""What a visitor asks for, read with care."""

from __future__ import annotations

import pytest

from mainstem.board.page import Visit


@pytest.mark.parametrize(
    ("given", "read"),
    [("3", 3), ("", 1), ("-2", 1), ("0", 1), ("x", 1), ("\u0663", 1), ("9" * 40, 1)],
)
def test_a_number_that_is_none_is_the_default(given: str, read: int) -> None:
    """Digits of other scripts and numbers without end are none."""
    assert Visit(query={"page": given}).number("page", default=1, least=1) == read


def test_a_word_that_is_none_of_those_there_are_is_the_default() -> None:
    """An old link shows something rather than nothing."""
    visit = Visit(query={"sort": "nonsense", "text": "any"})
    assert visit.word("sort", among=("gain", "cost"), default="gain") == "gain"
    assert visit.word("text") == "any"
    assert visit.word("none", default="x") == "x"
