"""The records of a leaderboard: their order, their values, and what is wrong with them."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.errors import ConfigurationError, MainstemError, UsageError
from mainstem.domain.stack import Direction
from mainstem.frontier.records import Records, in_bits_per_byte, records_of
from mainstem.frontier.table import Row, Shape, Table, parse_table

HEAD = "record,date,label,contributor,value,values\n"


def read(text: str, **given: str) -> Records:
    """The records of a file of this text."""
    return records_of(parse_table("f", text.encode()), given or None)


def test_they_stand_in_order_of_date_then_number_and_undated_ones_last() -> None:
    """Not in the order of the file."""
    found = read(
        HEAD + "4,2026-01-02,,,1,\n3,,,,1,\n2,2026-01-02,,,1,\n9,2026-01-01,,,1,\n1,,,,1,\n"
    )
    assert [r.number for r in found.rows] == [9, 2, 4, 1, 3]


def test_the_value_is_the_mean_of_the_seeds_else_what_is_stated() -> None:
    """Also where both are there."""
    found = read(HEAD + "1,2026-01-01,a,x,9.0,1.0; 2.0 6.0\n2,2026-01-02,b,y,4.5,\n")
    assert [(r.value, r.stated, len(r.seeds)) for r in found.rows] == [(3.0, 9.0, 3), (4.5, 4.5, 0)]


def test_the_metric_is_the_one_with_seeds_or_the_one_that_is_named() -> None:
    """`X` beside `seed_X`; a name with the call wins, and brings unit and direction."""
    text = '{"unit": "bits per byte of x", "records": [{"acc": 1, "bpb": 2, "seed_bpb": [2, 3]}]}'
    found = read(text)
    assert (found.metric, found.unit, found.rows[0].value) == ("bpb", "bits per byte of x", 2.5)
    assert (found.direction, found.sign) == (Direction.MINIMIZE, -1.0)
    named = read(text, name="acc", direction="maximize", unit="share")
    assert (named.metric, named.unit, named.sign, named.rows[0].value) == ("acc", "share", 1.0, 1.0)
    with pytest.raises(UsageError, match="has no column loss; it has acc, bpb, seed_bpb"):
        read(text, name="loss")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1,2026-01-01,,,nan,", "value is nan, not a finite number"),
        ("1,2026-01-01,,,,", "has neither value nor a value per seed"),
        ("1,2026-01-01,,,1,1;x", "values is 1;x, not finite numbers"),
        ("1,2026-13-01,,,1,", "date is 2026-13-01, not a day"),
        ("a,2026-01-01,,,1,", "record is a, not a whole number"),
        ("1,2026-01-01,,,1,\n1,2026-01-02,,,1,", "record 1 is there twice"),
    ],
)
def test_a_bad_row_is_named(row: str, said: str) -> None:
    """With its line."""
    with pytest.raises(ConfigurationError) as caught:
        read(HEAD + row + "\n")
    assert said in str(caught.value)
    assert str(caught.value).startswith("f:")


def test_without_a_value_there_is_nothing_to_read() -> None:
    """Said with what to do."""
    with pytest.raises(ConfigurationError, match="nothing says which column is the value"):
        read("date,loss\n2026-01-01,1\n")


def test_hostile_text_is_only_text() -> None:
    """What a terminal would act on is escaped."""
    found = read('[{"record": 1, "value": 1, "label": "\\u001b[2J<b>", "contributor": "a\\nb"}]')
    assert found.rows[0].label == r"\x1b[2J<b>"
    assert found.rows[0].contributor == r"a\nb"


@given(st.lists(st.dictionaries(
    st.sampled_from(["record", "date", "value", "values", "label"]),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.lists(st.floats() | st.text(max_size=3), max_size=3),
), min_size=1, max_size=4))  # fmt: skip
def test_any_rows_are_read_or_refused(rows: list[dict[str, object]]) -> None:
    """Finite values in order, or an error."""
    columns = tuple(dict.fromkeys(key for row in rows for key in row))
    table = Table(
        file="f",
        sha256="",
        shape=Shape.RECORDS,
        rows=tuple(Row(where=f"f:{at}", cells=row) for at, row in enumerate(rows)),
        columns=columns,
    )
    said = "f"
    try:
        assert all(abs(r.value) < float("inf") for r in records_of(table, None).rows)
    except MainstemError as error:
        said = str(error)
    assert said.startswith("f")


@pytest.mark.parametrize(
    ("unit", "is_it"),
    [
        ("bits per byte of the text", True),
        ("bits/byte", True),
        ("bit / byte", True),
        ("nats", False),
        ("", False),
        ("kilobits per byte", False),
    ],
)
def test_bits_per_byte_are_known_by_their_unit(unit: str, *, is_it: bool) -> None:
    """Whatever follows."""
    assert in_bits_per_byte(unit) is is_it
