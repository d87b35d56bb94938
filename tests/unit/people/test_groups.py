"""Groups that are large enough to be spoken of."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, strategies as st

from mainstem.people.groups import EVERYBODY, SMALLEST, pooled

labels = st.lists(st.sampled_from(["staff", "student", "agent", "guest", ""]), max_size=20)


@pytest.mark.parametrize(
    ("found", "groups"),
    [
        ("aaabbb", {"a": "a", "b": "b"}),
        ("aaabbbccd", {"a": "a", "b": "b", "c": "c or d", "d": "c or d"}),
        ("aaabbbccdd", {"a": "a", "b": "b", "c": "c or d", "d": "c or d"}),
        ("aaaabbbc", {"a": "a", "b": "b or c", "c": "b or c"}),
        ("aaab", {"a": EVERYBODY, "b": EVERYBODY}),
        ("ab", {"a": EVERYBODY, "b": EVERYBODY}),
        ("aaaa", {"a": EVERYBODY}),
    ],
)
def test_small_groups_are_put_together(found: str, groups: dict[str, str]) -> None:
    """With each other, and with the smallest of the others where that is not enough."""
    people = {f"p{k}": label for k, label in enumerate(found)}
    assert pooled(people, people.keys()) == {p: groups[label] for p, label in people.items()}


@given(labels, st.data())
def test_no_group_is_smaller_than_is_spoken_of(found: list[str], data: st.DataObject) -> None:
    """Counted are those that figures are of; whoever has one label is in one group."""
    people = {f"p{k}": label for k, label in enumerate(found)}
    counted = data.draw(st.sets(st.sampled_from(sorted(people)))) if people else set()
    groups = pooled(people, counted)
    assert groups.keys() == people.keys()
    sizes = Counter(groups[p] for p in counted)
    if set(groups.values()) != {EVERYBODY}:
        assert all(sizes[group] >= SMALLEST for group in groups.values())
    for label in people.values():
        assert len({groups[p] for p, own in people.items() if own == label}) == 1


@given(labels)
def test_what_labels_are_called_changes_nothing(found: list[str]) -> None:
    """Other words in the same places make the same groups."""
    people = {f"p{k}": label for k, label in enumerate(found)}
    other = {p: label[::-1] + "!" for p, label in people.items()}
    one, two = pooled(people, people.keys()), pooled(other, other.keys())
    assert [[one[p] == one[q] for q in people] for p in people] == [
        [two[p] == two[q] for q in people] for p in people
    ]
