from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.reference import Obtained, Reference, ReferenceId
from mainstem.tomlfiles.frontier import parse_frontier
from mainstem.tomlfiles.references import appended, entry
from tests.unit.tomlfiles.test_frontier import GOOD, STACK, TODAY

LINES = (
    st.text(st.characters(exclude_categories=["C", "Zl", "Zp", "Zs"]) | st.just(" "), min_size=1)
    .map(str.strip)
    .filter(bool)
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SCALES = st.dictionaries(
    LINES,
    st.booleans() | LINES | NUMBERS | st.integers(-(2**60), 2**60),
    max_size=3,
)
REFERENCES = st.builds(
    Reference,
    id=LINES.map(ReferenceId),
    objective=st.sampled_from(["acc", "loss"]),
    metric=LINES,
    value=NUMBERS,
    unit=st.just("nats"),
    spread=st.none() | st.floats(0, 1e300),
    seeds=st.none() | st.integers(1, 99),
    standard_error=st.none() | st.floats(0, 1e300),
    scale=SCALES,
    harness=st.just("") | LINES,
    version=st.just("") | LINES,
    date=st.dates(dt.date(1950, 1, 1), TODAY),
    source=st.just("https://example.org/a?b=c"),
    obtained=st.sampled_from(Obtained),
    gain=st.none() | st.floats(1e-300, 1e300),
    note=st.just("") | LINES,
)


def read(text: str) -> tuple[Reference, ...]:
    """The references of a text."""
    folder = Path("nowhere")
    return parse_frontier(text, "f.toml", STACK, today=TODAY, folder=folder).references


@given(REFERENCES)
def test_what_is_written_reads_back_as_itself(one: Reference) -> None:
    """Quotes, hashes, brackets and newlines of any text stay text."""
    assert read(entry(one)) == (one,)


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "# a word", "\r\n"])
def test_what_a_person_wrote_stays(end: str) -> None:
    """To the last character, also where the file does not end in a newline or ends in a comment."""
    before = GOOD + end
    one = read(GOOD)[0]
    new = Reference(**{**vars_of(one), "id": ReferenceId("new"), "value": 1.0})
    after = appended(before, [new])
    assert after.startswith(before)
    assert read(after) == (*read(before), new)


def vars_of(one: Reference) -> dict[str, object]:
    """A reference's fields."""
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def test_nothing_is_added_where_nothing_came() -> None:
    """Not even a newline."""
    assert appended("x = 1", []) == "x = 1"
    assert not appended("", [])


def test_a_new_file_begins_with_its_first_reference() -> None:
    """Without an empty line before it."""
    (one, _) = read(GOOD)
    assert appended("", [one]).startswith("[[references]]\nid = ")
