"""What a visitor asks for, read with care."""

from __future__ import annotations

import pytest

from mainstem.board.page import NotHereError, Visit, unknown


@pytest.mark.parametrize(
    ("given", "read"),
    [("3", 3), ("", 1), ("-2", 1), ("0", 1), ("x", 1), ("\u0663", 1), ("9" * 40, 1)],
)
def test_a_number_that_is_none_is_the_default(given: str, read: int) -> None:
    """Digits of other scripts and numbers without end are none."""
    assert Visit(query={"page": given}).number("page", default=1, least=1) == read


def test_what_is_chosen_must_be_there() -> None:
    """A value that is unknown is named with those that there are; an empty one chooses nothing."""
    visit = Visit(query={"objective": "nonsense", "state": "", "verdict": "merge,nonsense"})
    with pytest.raises(NotHereError, match=r"no objective 'nonsense'.* there are: loss, params$"):
        visit.one_of("objective", ("loss", "params"), default="loss")
    with pytest.raises(NotHereError, match="no verdict 'nonsense'"):
        visit.several_of("verdict", ("merge", "open"))
    assert visit.one_of("state", ("merged",), default="all") == "all"
    assert visit.one_of("other", ("merged",), default="") == ""
    assert visit.several_of("verdict", ("merge", "nonsense")) == ("merge", "nonsense")
    assert visit.several_of("state", ()) == ()


def test_of_many_that_there_are_some_are_named() -> None:
    """A refusal stays readable."""
    assert unknown("component", "x", [f"c{k}" for k in range(30)]).endswith("c19 and 10 more")
    assert unknown("component", "x", ()).endswith("there are: none yet")


def test_a_word_that_is_none_of_those_there_are_is_the_default() -> None:
    """How a table is arranged is no question: an old link shows it as it is arranged first."""
    visit = Visit(query={"sort": "nonsense", "text": "any"})
    assert visit.word("sort", among=("gain", "cost"), default="gain") == "gain"
    assert visit.word("text") == "any"
    assert visit.word("none", default="x") == "x"
