"""What a budget can decide, from the noise that was measured on the trunk."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mainstem.decisions import budget as budgeting
from mainstem.domain.errors import UsageError
from mainstem.domain.stack import Role
from mainstem.engine import record as records

MOST_TRIALS = 2000
"""Budgets beyond this are not looked at for the least one that decides."""

if TYPE_CHECKING:
    from mainstem.domain.stack import Stack
    from mainstem.engine.record import Record


def plan(stack: Stack, record: Record, *, budget: int, slots: int) -> dict[str, Any]:
    """What `budget` trials can decide about the open proposals.

    All of them at the rung that confirms: what a search at cheaper ones saves depends on how well
    they agree with it, which no check can know.

    Raises:
        UsageError: The trunk has not been checked with these settings.
    """
    setup = records.setup_digest(stack.at(stack.confirm_rung))
    check = next((c for c in reversed(record.checks) if c["setup"] == setup), None)
    if check is None:
        raise UsageError(
            "plan needs the trunk's noise, which has not been measured with these settings: "
            "run `mainstem check` first"
        )
    sds = {name: float(seen["sd"] or 0.0) for name, seen in check["objectives"].items()}
    for name, seen in check["objectives"].items():
        if seen["sd"] is None:
            raise UsageError(
                f"plan needs the noise of {name}, and `mainstem check` ran one seed only: "
                "run `mainstem check --runs 4`"
            )
    proposals = record.open_proposals()
    improve = [o.name for o in stack.objectives if o.role is Role.IMPROVE]
    planned = partial(
        budgeting.plan,
        proposals=len(proposals),
        sds=sds,
        improve=len(improve),
        alpha=stack.decisions.alpha,
        margins={name: float(seen["margin"]) for name, seen in check["objectives"].items()},
    )
    found = planned(budget=budget)
    decides = (
        trials
        for trials in range(1, MOST_TRIALS + 1)
        if any(planned(budget=trials).detectable[name] is not None for name in improve)
    )
    return {
        "budget": budget,
        "proposals": len(proposals),
        "detectable": dict(found.detectable),
        "keeps": dict(found.keeps),
        "improve": improve,
        "least_budget": next(decides, None),
        "power": found.power,
        "search_trials": found.search,
        "confirmation_pairs": found.pairs,
        "margins": {name: seen["margin"] for name, seen in check["objectives"].items()},
        "units": {o.name: o.unit for o in stack.objectives},
        "sd": sds,
        "trial_s": check["trial_s"],
        "wall_s": check["trial_s"] * budget / max(slots, 1),
        "rungs": [
            {"rung": rung.name, "share": rung.cost / stack.confirm_rung.cost}
            for rung in stack.rungs_in_play
        ],
    }
