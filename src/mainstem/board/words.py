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


TERMS = {
    "trial": "one run of a recipe with a seed",
    "campaign": "trials and decisions for a set of open proposals, under a budget",
    "margin": "the smallest change that matters; of a guard, the loss that is tolerated",
    "guard": "an objective that must not get worse by more than its margin",
    "best set": "the proposals that together gain most with every guard kept",
    "landscape": "the model of what every set of proposals measures, fitted to all runs at once",
    "fresh pairs": (
        "runs of the trunk and of a set with the same new seed, asked for once the set was chosen"
    ),
    "e-value": (
        "what a bet against 'there is none' has won: it starts at 1, and gets large where there is"
    ),
    "Pareto front": "the sets that no other set beats on everything that is to be improved",
    "frontier": "results elsewhere that can be compared with the trunk's",
    "rung": "a scale of runs, such as their number of steps; one of them confirms",
}
"""What words of ours mean: told where a page first says one, and all of them on About."""


def amount(value: float, unit: str = "") -> str:
    """A margin or another round number with its unit."""
    return f"{numbers.number(value, numbers.digits(value))} {unit}".rstrip()


def raw(value: float) -> str:
    """A value as it was measured: whole numbers whole, others with six digits."""
    whole = value == round(value) and abs(value) < 1e15
    return f"{value:,.0f}" if whole else f"{value:.6g}"
