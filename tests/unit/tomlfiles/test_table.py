from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mainstem.domain.errors import ConfigurationError
from mainstem.tomlfiles.table import Source, Table, shown, suggestion


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\n", '"a\\n"'),
        (True, "true"),
        (1.5, "1.5"),
        ({"a": 1}, "a table"),
        ([1], "a list"),
        (dt.date(2024, 1, 2), "2024-01-02"),
        (dt.time(7, 32), "07:32:00"),
        pytest.param(10**5000, "a very large number", id="huge"),
        ("x" * 100, '"' + "x" * 59 + "..."),
    ],
)
def test_values_are_shown_as_the_file_has_them(value: Any, text: str) -> None:
    """A message shows what a person wrote, in one line of bounded length."""
    assert shown(value) == text


def test_only_near_words_are_suggested() -> None:
    """A slip of the pen is recognised, also in its case; a foreign word is not guessed at."""
    assert suggestion("Directon", ["direction", "role"]) == ' (did you mean "direction"?)'
    assert suggestion("zebra", ["direction", "role"]) == ""


def test_a_place_without_a_line_has_that_of_the_nearest_around_it() -> None:
    """A missing key is shown at its table, a missing table at the top of the file."""
    source = Source(where="f", lines={("a",): 7, ("a", "b"): 9})
    assert [source.line(place) for place in [("a", "b", 0), ("a", "x"), ("y", "z"), ()]] == [
        9, 7, 1, 1
    ]  # fmt: skip  # beside the places


def test_problems_are_settled_in_order_and_once() -> None:
    """Nothing wrong raises nothing; the same problem found twice is said once."""
    source = Source(where="f", lines={("a",): 2, ("b",): 1})
    source.settle()
    for place in ("a", "b", "a"):
        source.problem((place,), f"{place} is wrong")
    with pytest.raises(ConfigurationError) as error:
        source.settle()
    assert str(error.value) == "f:1: b is wrong\nf:2: a is wrong"


def test_a_wrong_value_reads_as_its_default() -> None:
    """Reading goes on after a problem, so that the rest of the file is read too."""
    data = {"n": "x", "f": 1, "t": 1, "c": "z", "q": 1, "w": 2.0, "l": 1, "s": 1, "a": {}}
    table = Table(data=data, place=("t",), source=Source(where="f", lines={}))
    assert table.number("n", 0.5, above=0.0) == 0.5
    assert table.flag("f", default=True) is True
    assert table.text("t", "main") == "main"
    assert table.choice("c", "a", ["a", "b"]) == "a"
    assert table.whole("w", 3, least=1) == 3
    assert table.texts("l", lambda _: None) == ()
    assert table.table("s").data == {}
    assert table.tables("a") == []
    assert len(table.source.found) == 8
