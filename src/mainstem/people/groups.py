"""Groups of people that are large enough to be spoken of: a small one would be a person.

Whoever is one of two of a kind can be told from the figures of that kind. So kinds and teams of
fewer than three people are put together, before anything is counted; nothing is left out, as a
difference to the total would tell it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

SMALLEST = 3
"""People of whom a group consists at least."""

EVERYBODY = "everybody"


def pooled(label_of: Mapping[str, str], counted: Collection[str]) -> dict[str, str]:
    """The group of each person.

    Labels of fewer people are put together; if they are too few even then, the smallest of the
    others joins them. What is put together depends on how many people have a label and in which
    order the labels come, never on what they are.

    Args:
        label_of: The label of each person, in an order that no name decides.
        counted: The people that figures are of: so many of a group are needed.

    Returns:
        A group's name is that of its labels; `EVERYBODY` where there is only one group.
    """
    size: dict[str, int] = {}
    for person, label in label_of.items():
        size[label] = size.get(label, 0) + (person in counted)
    small = [label for label, count in size.items() if count < SMALLEST]
    large = [label for label in size if label not in small]
    if small and sum(size[label] for label in small) < SMALLEST and large:
        joined = min(large, key=lambda label: size[label])
        large.remove(joined)
        small.append(joined)
    if len(large) + bool(small) < 2:
        return dict.fromkeys(label_of, EVERYBODY)
    together = " or ".join(label for label in size if label in small)
    return {person: together if label in small else label for person, label in label_of.items()}
