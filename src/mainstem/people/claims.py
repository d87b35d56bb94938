"""Claims that can be held to something: `NAME +NUMBER`, in gain units, and whether they held.

A claim is free text, and most of it is for people. Only this form is read, by which an author says
how much a proposal gains on an objective: `val_bpb +0.01`, `val_bpb +0.01 bits/byte, tokens_s +40`.
Above 0 is better, whatever the direction of the objective, as everywhere in Mainstem.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_PART = re.compile(r"(?P<name>\S+)\s+\+(?P<gain>(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)(\s+[^\d\s].*)?")


def gains_of(claim: str) -> dict[str, float] | None:
    """The gain that a claim names of each objective; None where it is not of this form."""
    found: dict[str, float] = {}
    for part in claim.split(","):
        match = _PART.fullmatch(part.strip())
        if match is None or match["name"] in found:
            return None
        found[match["name"]] = float(match["gain"])
    return found


def held(claimed: Mapping[str, float], measured: Mapping[str, Mapping[str, Any]]) -> bool | None:
    """Whether what was measured falls short of a claim by less than a margin, on every objective.

    Args:
        claimed: Gains, by objective.
        measured: `mean` and `margin` by objective: the `gain` of `engine.evidence`.

    Returns:
        None where an objective was not measured.
    """
    if not claimed.keys() <= measured.keys():
        return None
    return all(
        measured[name]["mean"] > gain - measured[name]["margin"] for name, gain in claimed.items()
    )
