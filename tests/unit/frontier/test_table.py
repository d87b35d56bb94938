"""Files that somebody else wrote: rows, or one clear error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.errors import ConfigurationError
from mainstem.domain.foreign import number, shown
from mainstem.frontier.table import Shape, Table, parse_table, read_table

if TYPE_CHECKING:
    from pathlib import Path


def read(text: str, name: str = "f.csv") -> Table:
    """A file of this text."""
    return parse_table(name, text.encode())


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("seed,loss\n1,2.0\n", Shape.RUNS),
        ("date,value\n2026-01-01,2.0\n", Shape.RECORDS),
        ("\ufeffrecord;value\n1;2.0\n", Shape.RECORDS),
        ("seed\tloss\n1\t2.0\n", Shape.RUNS),
        ('[{"record": 1, "value": 2}]', Shape.RECORDS),
        ('{"runs": [{"seed": 1}]}', Shape.RUNS),
        ('{"records": [{"value": 1}], "about": "x"}', Shape.RECORDS),
    ],
)
def test_the_shape_is_seen_from_the_file(text: str, shape: Shape) -> None:
    """Whatever the file is called; a seed makes runs, a date or number makes records."""
    assert read(text, "any").shape is shape


def test_rows_know_where_they_stand() -> None:
    """The line of a CSV file also after a cell of two lines; the number in a JSON list."""
    found = read('seed,note\n1,"a\nb"\n\n2,c\n')
    assert [row.where for row in found.rows] == ["f.csv:3", "f.csv:5"]
    assert found.rows[0].cells["note"] == "a\nb"
    rows = read('{"runs": [{"seed": 1}, {"seed": 2}]}', "f.json").rows
    assert [row.where for row in rows] == ["f.json, run 1", "f.json, run 2"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "f: holds no row"),
        (b"seed,loss\n", "f: holds no row"),
        (b"\xff\xfe", "f: is not UTF-8"),
        (b"a,b\n1,2\n", "f: missing columns: runs need `seed`"),
        (b"seed,seed\n1,2\n", "f:1: the column seed is there twice"),
        (b"seed,\n1,2\n", "f:1: a column has no name"),
        (b"seed,loss\n1\n", "f:2: has 1 cells for 2 columns"),
        (b'seed,loss\n1,"2\n', "is no CSV"),
        (b"{", "f:1: is no JSON"),
        (b"[1]", "f, row 1: is no object"),
        (b"{}", "f: needs a list `records` or a list `runs`"),
        (b'{"runs": 3}', "f: `runs` is no list"),
        (b'{"runs": [{"seed": NaN}]}', "f: holds NaN, which is no number"),
        (b'{"runs": [{"seed": 1, "seed": 2}]}', "f: an object has the key seed twice"),
        (b"[" * 100_000, "f: is no JSON"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(content: bytes, said: str) -> None:
    """One line for each thing."""
    with pytest.raises(ConfigurationError) as caught:
        parse_table("f", content)
    assert said in str(caught.value)


def test_of_many_problems_some_are_said_and_the_rest_counted() -> None:
    """A file of another kind does not fill the screen."""
    with pytest.raises(ConfigurationError) as caught:
        read("seed,loss\n" + "1\n" * 50)
    lines = str(caught.value).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "f.csv: and 30 more like these"


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """By its name, with the system's reason; a folder is no file."""
    with pytest.raises(ConfigurationError, match=r"gone.csv: cannot be read: No such file"):
        read_table(tmp_path / "gone.csv")
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        read_table(tmp_path)


@pytest.mark.fuzz
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """Rows, or an error that names the file."""
    said = "name"
    try:
        assert parse_table("name", content).rows
    except ConfigurationError as error:
        said = str(error)
    assert said.startswith("name")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_refused(value: object) -> None:
    """Whatever stands in it, infinities included."""
    said = "name"
    try:
        assert parse_table("name", json.dumps(value).encode()).rows
    except ConfigurationError as error:
        said = str(error)
    assert said.startswith("name")


@given(st.text())
def test_what_is_shown_is_one_line_that_a_terminal_only_prints(text: str) -> None:
    """No control character, no line end; plain text stays as it is."""
    assert shown(text).isprintable()
    assert shown(text) == text or not text.isprintable()


@pytest.mark.parametrize(
    ("value", "found"),
    [(1, 1.0), ("2.5e-3", 0.0025), (" 3 ", 3.0), ("1_0", None), (True, None), ("nan", None),
     ("inf", None), (None, None), ("x", None), (10**400, None), ([1], None)],
)  # fmt: skip
def test_a_number_is_a_finite_one(value: object, found: float | None) -> None:
    """Of JSON or of a text; nothing else is taken for one."""
    assert number(value) == found
