"""What several commands say in the same words; numbers are as everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.override import OverrideKind
from mainstem.plots.numbers import (
    brief,
    cancels,
    decimals,
    digits,
    duration,
    estimate,
    is_nothing,
    number,
    of_total,
    percent,
    plural,
    recipe,
    size,
    sure,
    values,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "authors",
    "authors_column",
    "brief",
    "cancels",
    "confinement",
    "decimals",
    "digits",
    "duration",
    "estimate",
    "is_nothing",
    "not_repeatable",
    "number",
    "of_total",
    "percent",
    "plural",
    "recipe",
    "size",
    "standing",
    "sure",
    "values",
]


def confinement(record: Mapping[str, str]) -> list[str]:
    """What was asked for and what was enforced, a line each."""
    return [f"{what.replace('_', ' ')}: {how}" for what, how in record.items()]


def standing(proposal: Mapping[str, Any]) -> str:
    """A verdict; of a proposal that a later one or a person took out of the question, that."""
    if proposal["superseded_by"] is not None:
        return "superseded"
    override = proposal["override"]
    if override is None or proposal["merged"]:
        return str(proposal["verdict"])
    return OverrideKind(override).past


def not_repeatable(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What to know where the same files with the same seed measured something else; [] if none."""
    if not rows:
        return []
    row = rows[0]
    name, (value, other) = next(iter(row["objectives"].items()))
    before = "an earlier run of it" if row["other"] == row["trial"] else row["other"]
    more = f", and {plural(len(rows) - 1, 'other trial')} likewise" if len(rows) > 1 else ""
    said = (
        f"{row['trial']} measured {name} {value:.10g}, {before} {other:.10g}, of the same files "
        f"with the same seed{more}: this stack does not repeat itself, so a killed campaign may "
        "take another course"
    )
    return [said]


def authors(parts: Mapping[str, float]) -> str:
    """Authors with their parts of a proposal, such as `ada 75%, bob 25%`; of one, the name."""
    if len(parts) == 1:
        return next(iter(parts))
    return ", ".join(f"{handle} {part:.0%}" for handle, part in parts.items()) or "-"


def authors_column(row: Mapping[str, Any]) -> list[str]:
    """The cell of a proposal's authors, where they were asked for; else none."""
    return [authors(row["authors"])] if "authors" in row else []


def best_line(best: Mapping[str, Any]) -> str:
    """The best recipe in one sentence."""
    if not best["recipe"]:
        return "best so far: the trunk"
    gains = "; ".join(f"{name} {estimate(gain)}" for name, gain in list(best["gain"].items())[:1])
    how = "confirmed on fresh seeds" if best["confirmed"] else sure(best["probability"])
    return f"best so far ({how}): {recipe(best['recipe'])}: {gains}"
