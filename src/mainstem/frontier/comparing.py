"""What may be held against what: two numbers say nothing of each other unless measured alike.

The same name of a metric is not enough. Another harness or version of it, another scale or unit,
and the difference is one of measuring. So a reference is compared only where both sides state all
of it and state the same; what is not stated is not taken to be the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mainstem.domain.reference import Measured, Reference, Scale
    from mainstem.domain.stack import Objective, Rung


class Matter(StrEnum):
    """What keeps a reference from being compared."""

    METRIC = "metric"
    UNIT = "unit"
    HARNESS = "harness"
    VERSION = "version"
    SCALE = "scale"


@dataclass(frozen=True, kw_only=True)
class Mismatch:
    """One thing that keeps a reference from being compared.

    Attributes:
        matter: What differs or is not stated.
        said: How, in words, with both sides' values.
    """

    matter: Matter
    said: str


def own_scale(rung: Rung, measured: Measured | None) -> dict[str, Scale]:
    """What our own values are run at: the rung that confirms, its parameters, and what is stated.

    Args:
        rung: The rung that confirms.
        measured: What our own values are measured with; its scale has the last word.
    """
    stated = {} if measured is None else dict(measured.scale)
    return {"rung": rung.name, **rung.parameters, **stated}


def mismatches(
    reference: Reference, objective: Objective | None, measured: Measured | None, rung: Rung
) -> tuple[Mismatch, ...]:
    """Everything that keeps a reference from being compared with the trunk; nothing if it can be.

    Args:
        reference: The result elsewhere.
        objective: The objective that it is a value of; None if it is of none.
        measured: What our own values of that are measured with; None if nobody has said it.
        rung: The rung that confirms.
    """
    if objective is None:
        said = f"it is of {reference.metric}, which is no objective of this stack"
        return (Mismatch(matter=Matter.METRIC, said=said),)
    if measured is None:
        said = (
            f"frontier.toml does not say what our own {objective.name} is measured with: "
            f"add [measured.{objective.name}]"
        )
        return (Mismatch(matter=Matter.HARNESS, said=said), *_unit(reference, objective))
    return (
        *_unit(reference, objective),
        *_harness(reference, measured),
        *_scale(reference, measured, rung),
    )


def _unit(reference: Reference, objective: Objective) -> tuple[Mismatch, ...]:
    if reference.unit == objective.unit:
        return ()
    ours = objective.unit or "no unit in mainstem.toml"
    said = f"it is in {reference.unit or 'no unit'}, ours in {ours}"
    return (Mismatch(matter=Matter.UNIT, said=said),)


def _harness(reference: Reference, measured: Measured) -> tuple[Mismatch, ...]:
    """Who evaluated it; of another harness the version says nothing more."""
    if not reference.harness:
        said = f"its harness is not stated; ours is {measured.harness}"
        return (Mismatch(matter=Matter.HARNESS, said=said),)
    if reference.harness != measured.harness:
        said = f"evaluated by {reference.harness}, ours by {measured.harness}"
        return (Mismatch(matter=Matter.HARNESS, said=said),)
    if reference.version != measured.version:
        theirs = f"version {reference.version}" if reference.version else "a version not stated"
        said = f"evaluated by {theirs} of {measured.harness}, ours by {measured.version}"
        return (Mismatch(matter=Matter.VERSION, said=said),)
    return ()


def _scale(reference: Reference, measured: Measured, rung: Rung) -> tuple[Mismatch, ...]:
    """What it was run at: every key that the reference states."""
    if measured.any_scale:
        return ()
    if not reference.scale:
        return (Mismatch(matter=Matter.SCALE, said="its scale is not stated"),)
    ours = own_scale(rung, measured)
    return tuple(
        Mismatch(matter=Matter.SCALE, said=f"run at {key} {_shown(value)}, {_ours(ours, key)}")
        for key, value in reference.scale.items()
        if key not in ours or not _same(ours[key], value)
    )


def _same(one: Scale, other: Scale) -> bool:
    """Whether two values are equal, and a boolean is no number."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _ours(ours: Mapping[str, Scale], key: str) -> str:
    return f"ours at {_shown(ours[key])}" if key in ours else "ours at one that is not stated"


def _shown(value: Scale) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def best(references: Iterable[Reference], objective: Objective) -> Reference | None:
    """The best of references that can be compared; of equal ones the first. None if there is none.

    Args:
        references: Those of the objective that can be compared.
        objective: Which way is better.
    """
    return max(references, key=lambda one: objective.sign * one.value, default=None)
