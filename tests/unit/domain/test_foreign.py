"""Values of files that somebody else wrote: what is a number, what is shown, what is refused."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.errors import ConfigurationError, Problem
from mainstem.domain.foreign import MOST_PROBLEMS, absent, csv_rows, number, quoted, refuse, shown


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_back_from_its_text(value: float) -> None:
    """As JSON has it and as a table has it."""
    assert number(value) == value
    assert number(f" {value!r} ") == value


@pytest.mark.parametrize("value", [True, None, [], "1_0", "x", "", math.inf, "nan", 10**400])
def test_what_is_no_finite_number_is_none(value: object) -> None:
    """Truth values and Python's own spellings are none either."""
    assert number(value) is None


@given(st.text(), st.integers(4, 40))
def test_what_is_shown_is_one_printable_line(text: str, most: int) -> None:
    """Nothing of it acts on a terminal, and a long one is cut."""
    found = shown(text, most)
    assert found.isprintable()
    assert len(found) <= most
    assert quoted([text]).isprintable()


def test_empty_cells_are_absent_and_zero_is_not() -> None:
    """A failed run has no value; a value of 0 is one."""
    assert [absent(v) for v in (None, "", 0, "0", False)] == [True, True, False, False, False]


def test_so_many_problems_are_said_and_the_rest_counted() -> None:
    """A file of a thousand wrong lines is told about in one screen."""
    problems = [Problem(where=f"a.csv:{k}", what="is wrong") for k in range(1000)]
    with pytest.raises(ConfigurationError) as caught:
        refuse(problems)
    assert len(caught.value.problems) == MOST_PROBLEMS + 1
    assert str(caught.value.problems[-1]) == "a.csv: and 980 more like these"


def test_rows_have_their_places_and_what_is_wrong_is_noted() -> None:
    """Empty lines are passed over; a row of another width and a broken quote are problems."""
    columns: list[str] = []
    problems: list[Problem] = []
    text = 'a, b\n1, 2\n\n3\n4,"5\n6"\n"7" 8,9\n'
    rows = list(csv_rows("x.csv", text, columns, problems, skipped=2))
    assert columns == ["a", "b"]
    assert rows == [("x.csv:4", {"a": "1", "b": "2"}), ("x.csv:8", {"a": "4", "b": "5\n6"})]
    assert [p.where for p in problems] == ["x.csv:6", "x.csv:9"]


def test_columns_without_a_name_or_with_one_twice_are_said() -> None:
    """Each once."""
    problems: list[Problem] = []
    assert list(csv_rows("x.csv", "a,a,,a\n", [], problems)) == []
    assert [p.what for p in problems] == [
        "the column a is there twice",
        "a column has no name in the first line",
    ]
