from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

from mainstem.ledger.chain import GENESIS, entry_hash
from mainstem.ledger.verification import verify_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.ledger.chain import Row


def chain(length: int) -> list[Row]:
    """A whole chain."""
    rows, previous = [], GENESIS
    for seq in range(1, length + 1):
        line = {"at": f"t{seq}", "kind": "a", "body": f'{{"n":{seq}}}'}
        previous = entry_hash(previous, seq=seq, **line)
        rows.append((seq, line["at"], line["kind"], line["body"], previous))
    return rows


def renumbered(rows: Sequence[Row]) -> list[Row]:
    """The same contents, numbered from 1 without gaps."""
    return [(seq, *row[1:]) for seq, row in enumerate(rows, start=1)]


def test_a_whole_chain_is_silent() -> None:
    """No alteration, no line; an empty ledger is whole."""
    assert verify_rows(chain(50), ever=50) == []
    assert verify_rows([]) == []


@pytest.mark.parametrize(("field", "value"), [(1, "t0"), (2, "b"), (3, '{"n":99}'), (3, "\udcff")])
def test_an_altered_line_is_named(field: int, value: str) -> None:
    """Whatever was altered in a line, that line is named and no other."""
    rows: list[Any] = chain(9)
    rows[4] = (*rows[4][:field], value, *rows[4][field + 1 :])
    (line,) = verify_rows(rows)
    assert line.startswith("line 5 (")
    assert "altered" in line


def test_a_line_with_a_forged_hash_shows_at_the_next() -> None:
    """Who alters a line and computes its hash anew breaks the line behind it."""
    rows = chain(9)
    forged = entry_hash(rows[3][4], seq=5, at="t5", kind="a", body="{}")
    rows[4] = (5, "t5", "a", "{}", forged)
    (line,) = verify_rows(rows)
    assert line.startswith("line 6 (a)")
    assert "the line before" in line


def test_missing_lines_are_named() -> None:
    """A gap is named by its first and last line, also at the beginning and at the end."""
    rows = chain(9)
    assert verify_rows(rows[:3] + rows[4:]) == ["line 4 is missing"]
    assert verify_rows(rows[:3] + rows[6:]) == ["lines 4 to 6 are missing"]
    assert verify_rows(rows[2:]) == ["lines 1 to 2 are missing"]
    assert verify_rows(rows[:8], ever=9) == ["line 9 is missing at the end"]
    assert verify_rows([], ever=2) == ["lines 1 to 2 are missing at the end"]


def test_moved_lines_are_named() -> None:
    """Lines that changed places are named with where they were; the ones around them are not."""
    rows = chain(9)
    rows[3], rows[5] = rows[5], rows[3]
    assert verify_rows(renumbered(rows)) == [
        "line 4 (a) was moved: it was written as line 6",
        "line 6 (a) was moved: it was written as line 4",
    ]


def test_very_many_altered_lines_are_said_in_few_words() -> None:
    """A line taken out and all others renumbered is a range, not a thousand messages."""
    rows = chain(200)
    (line,) = verify_rows(renumbered(rows[:49] + rows[50:]))
    assert line.startswith("lines 50 to 199 were altered")
    every_second = [row if row[0] % 2 else (*row[:3], "{}", row[4]) for row in rows]
    assert len(verify_rows(every_second)) == 100


@given(st.data())
def test_no_single_alteration_passes(data: st.DataObject) -> None:
    """Altering, removing, doubling or exchanging any lines of a chain is always seen."""
    rows = chain(data.draw(st.integers(2, 40)))
    at = data.draw(st.integers(0, len(rows) - 2))
    how = data.draw(st.sampled_from(["alter", "remove", "renumber", "insert", "exchange"]))
    if how == "alter":
        rows[at] = (*rows[at][:3], "{}", rows[at][4])
    elif how == "remove":
        del rows[at]
    elif how == "renumber":
        del rows[at]
        rows = renumbered(rows)
    elif how == "insert":
        rows = renumbered([*rows[: at + 1], rows[at], *rows[at + 1 :]])
    else:
        other = data.draw(st.integers(at + 1, len(rows) - 1))
        rows[at], rows[other] = rows[other], rows[at]
        rows = renumbered(rows)
    assert verify_rows(rows) != []
