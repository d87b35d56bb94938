"""A replay as documented JSON: numbers first, then the sentences that they allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.lab import prices, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.lab.landscapes.recorded import Recording
    from mainstem.lab.prices import Price, Spread
    from mainstem.lab.replay import Question, Replayed
    from mainstem.lab.sensitivity import Sensitivity

UNIT = "margins"
"""What trunks are worth is counted in."""


def report(
    question: Question,
    played: Sequence[Replayed],
    *,
    stack: str,
    campaign: str,
    sensitivity: Sensitivity | None = None,
) -> dict[str, Any]:
    """The documented JSON of `mainstem lab --replay`.

    Args:
        question: What was asked.
        played: What became of it; the first way is the reference.
        stack: The stack's name.
        campaign: The recorded campaign's id.
        sensitivity: What assumptions matter; None: not asked.
    """
    recording = question.recording
    first = played[0]
    found: dict[str, Any] = {
        "stack": stack,
        "record": {
            "campaign": campaign,
            "rung": recording.rung,
            "proposals": list(recording.proposals),
            "components": list(recording.components),
            "runs": recording.runs,
            "recipes": len(recording.ran),
            "spent": recording.spent,
            "too_small": too_small(recording),
        },
        "budget": question.budget,
        "seed": question.seed,
        "worlds": len(np.unique(np.concatenate([one.world for one in played]))),
        "level": prices.LEVEL,
        "unit": UNIT,
        "objectives": [
            {"name": o.name, "role": o.role, "margin": o.margin, "unit": o.unit}
            for o in recording.objectives
        ],
        "staff": _staff(question),
        "reference": first.name,
        "policies": [_policy(question, one, None if one is first else first) for one in played],
        "assumptions": None if sensitivity is None else sensitivity.as_json(),
    }
    found["said"] = words.said(found)
    return found


def too_small(recording: Recording) -> str | None:
    """Why a record says nothing of ways of working; None if it may say something.

    Every proposal needs a run in some recipe of its own, so that at least what each does can be
    told apart; and twice as many runs as there are effects, or all of it is what was assumed.
    """
    n, recipes, runs = len(recording.proposals), len(recording.ran), recording.runs
    if n < 2:
        return f"it has {n} proposal{'' if n == 1 else 's'} that can be merged: nothing to combine"
    if recipes < n + 1:
        return f"it ran {recipes} recipes, and {n} proposals take {n + 1} to be told apart"
    if runs < 2 * n:
        return f"it has {runs} runs, and {n} proposals take {2 * n} for a first look at each"
    return None


def _staff(question: Question) -> dict[str, Any]:
    """Who works in the simulated campaigns."""
    people = question.organisation.contributors
    return {
        "people": len(people),
        "students": sum(one.student for one in people),
        "judgement": float(np.mean([one.judgement for one in people])),
        "skill": float(np.mean([one.skill for one in people])),
    }


def _policy(question: Question, one: Replayed, reference: Replayed | None) -> dict[str, Any]:
    """One way: its course, what it ends with, its price, and what of that was never run."""
    recording = question.recording
    cost = None if reference is None else prices.price(reference, one)
    names = [o.name for o in recording.objectives]
    units = [o.unit for o in recording.objectives]
    return {
        "name": one.name,
        "campaigns": len(one.final),
        "gain": _spread(prices.spread(one.final, one.world)),
        "objectives": {
            name: {**_spread(prices.spread(one.gain[:, j], one.world)), "unit": units[j]}
            for j, name in enumerate(names)
        },
        "merged": float(one.merged.mean()),
        "breaks_a_margin": float(one.broke.mean()),
        "course": _course(question, one),
        "price": None if cost is None else _price(cost),
        "reached_by_reference_at": None
        if reference is None
        else prices.reached(reference, one, question.grid),
        "extrapolated": {
            "trunks": 1.0 - float(one.ran.mean()),
            "runs": 1.0 - float(one.backed.mean()),
        },
    }


def _course(question: Question, one: Replayed) -> list[dict[str, Any]]:
    """What the trunk was worth by each number of runs."""
    tail = 0.5 - 0.5 * prices.LEVEL
    low, high = np.quantile(one.worth, [tail, 1.0 - tail], axis=0)
    means = one.worth.mean(axis=0)
    return [
        {"runs": int(runs), "mean": float(m), "low": float(lo), "high": float(hi)}
        for runs, m, lo, hi in zip(question.grid, means, low, high, strict=True)
    ]


def _spread(found: Spread) -> dict[str, Any]:
    return {
        "mean": found.mean,
        "low": found.low,
        "high": found.high,
        "mean_low": found.mean_low,
        "mean_high": found.mean_high,
    }


def _price(found: Price) -> dict[str, Any]:
    return {
        **_spread(found.spread),
        "ahead": found.ahead,
        "campaigns": found.campaigns,
        "decided": found.decided,
    }
