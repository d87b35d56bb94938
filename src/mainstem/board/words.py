"""What pages of proposals say in words, the same everywhere."""

from __future__ import annotations

from mainstem.domain.verdict import VerdictKind
from mainstem.plots import numbers

MEANING = {
    VerdictKind.MERGE: "proved on fresh seeds: it improves the model, with every margin kept",
    VerdictKind.SHELVE: "no gain given the trunk: kept warm, and judged again when the trunk moves",
    VerdictKind.REWORK: "it gains, but not beside what is named here",
    VerdictKind.BROKEN: "a run with it fails",
    VerdictKind.OPEN: "not decided yet",
}
"""A verdict for somebody who has never seen one."""


def amount(value: float, unit: str = "") -> str:
    """A margin or another round number with its unit."""
    return f"{numbers.number(value, numbers.digits(value))} {unit}".rstrip()


def raw(value: float) -> str:
    """A value as it was measured: whole numbers whole, others with six digits."""
    whole = value == round(value) and abs(value) < 1e15
    return f"{value:,.0f}" if whole else f"{value:.6g}"
