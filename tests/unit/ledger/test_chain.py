from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, strategies as st

from mainstem.ledger.chain import GENESIS, canonical, check_kind, entry_hash

texts = st.text(st.characters(), max_size=8)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
)


def test_the_documented_lines() -> None:
    """The example in docs/parts/ledger.md, computed here with nothing but hashlib."""
    body = '{"a":1,"é":[1e-05,null,true,"\\n"]}'
    assert canonical({"é": (1e-5, None, True, "\n"), "a": 1}) == body
    content = "\n".join(["0" * 64, "1", "2024-01-02T03:04:05.678Z", "check-finished", body])
    expected = hashlib.sha256(content.encode()).hexdigest()
    found = entry_hash(
        GENESIS, seq=1, at="2024-01-02T03:04:05.678Z", kind="check-finished", body=body
    )
    assert found == expected
    assert found == "7009fbfaa2fd7e12ba24ec259d5e0bac6f0031dfe73ddebb857d551d64a0500c"


@given(st.dictionaries(texts, values, max_size=4))
def test_canonical_is_a_fixed_point(body: dict[str, Any]) -> None:
    """Reading canonical JSON and writing it again changes nothing, whatever the content."""
    text = canonical(body)
    assert canonical(json.loads(text)) == text
    assert "\n" not in text
    assert text.encode("utf-8").decode("utf-8") == text


@given(st.dictionaries(texts, values, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_matter(body: dict[str, Any], random: Any) -> None:
    """Two dictionaries with equal content have one canonical form."""
    items = list(body.items())
    random.shuffle(items)
    assert canonical(dict(items)) == canonical(body)


def test_records_become_plain_json() -> None:
    """Tuples are lists, text enums text, mappings objects, numbered keys text in text order."""

    class Kind(StrEnum):
        MERGE = "merge"

    assert canonical({"a": (Kind.MERGE, MappingProxyType({"b": 1}))}) == '{"a":["merge",{"b":1}]}'
    assert canonical({"n": {10: 1, 9: 2}}) == '{"n":{"10":1,"9":2}}'


@pytest.mark.parametrize(
    "body",
    [
        {"x": float("nan")},
        {"x": [float("inf")]},
        {"x": {"y": float("-inf")}},
        {"x": {1, 2}},
        {"x": b"bytes"},
        {"x": {1: "a", "1": "b"}},
        {"x": 10**5000},
    ],
)
def test_what_is_not_json_is_refused(body: dict[str, Any]) -> None:
    """NaN, infinities, sets, bytes, two keys that become one: never written, said at once."""
    with pytest.raises(ValueError, match="a ledger entry is not JSON"):
        canonical(body)


def test_endless_nesting_is_refused() -> None:
    """A structure without end is an error, not a crash of the process."""
    loop: list[Any] = []
    loop.append(loop)
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for value in (loop, deep):
        with pytest.raises(ValueError, match="a ledger entry is not JSON"):
            canonical({"x": value})


def test_kinds_are_plain_words() -> None:
    """A kind with a line break could shift the hashed fields against each other."""
    check_kind("trial-finished")
    check_kind("x2")
    for bad in ("", "Trial", "a b", "a\n1", "-a", "a-", "é"):
        with pytest.raises(ValueError, match="kind"):
            check_kind(bad)


@pytest.mark.parametrize(
    "change", [{"seq": 2}, {"at": "2"}, {"kind": "b"}, {"body": "[]"}, {"previous": "1" * 64}]
)
def test_every_field_is_hashed(change: dict[str, Any]) -> None:
    """A change of any field changes the hash."""
    fields: dict[str, Any] = {"previous": GENESIS, "seq": 1, "at": "1", "kind": "a", "body": "{}"}

    def digest(given: dict[str, Any]) -> str:
        return entry_hash(given.pop("previous"), **given)

    assert digest(fields | change) != digest(dict(fields))
