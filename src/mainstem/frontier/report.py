"""`mainstem frontier`: per objective trunk, best reference, gap, trend, forecast and prospects."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.domain.stack import Role
from mainstem.engine.views.estimates import estimate
from mainstem.frontier import claims as claimed, comparing, gaps, pace, ranking, trunk as trunks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.domain.proposal import CommitId, TreeId
    from mainstem.domain.reference import Frontier, Reference
    from mainstem.domain.stack import Objective, Stack
    from mainstem.engine.ports import Entry
    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.engine.restore import Restored
    from mainstem.frontier.comparing import Mismatch
    from mainstem.frontier.gaps import Gap
    from mainstem.frontier.ranking import Prospect
    from mainstem.frontier.trunk import Step, TrunkRun

_DAY_S = 86400.0
_SEED = 0  # of the forecast's draws: the same record gives the same dates


@dataclass(frozen=True, kw_only=True)
class World:
    """What a report is made from.

    Attributes:
        stack: The stack's description.
        frontier: What `frontier.toml` says.
        record: What the ledger holds.
        entries: The whole ledger.
        latest: The latest campaign and its state, if any.
        trunk: The trunk's commit.
        tree: The trunk's tree.
        now: The present (ISO 8601, UTC).
    """

    stack: Stack
    frontier: Frontier
    record: Record
    entries: Sequence[Entry]
    latest: tuple[CampaignRecord | None, Restored | None]
    trunk: CommitId
    tree: TreeId
    now: str


def report(world: World) -> dict[str, Any]:
    """The documented JSON of `mainstem frontier`."""
    stack, record = world.stack, world.record
    own = trunks.runs(stack, record, world.tree)
    steps = trunks.steps(record, world.entries, world.trunk)
    found = ranking.prospects(stack, record, world.latest, trunk=world.trunk, tree=world.tree)
    names = {one.name for one in stack.objectives}
    return {
        "stack": stack.name,
        "trunk": {"commit": world.trunk, "runs": len(own), "trials": [run.trial for run in own]},
        "as_of": world.now,
        "rung": stack.confirm_rung.name,
        "level": gaps.LEVEL,
        "since": world.entries[0].at if world.entries else None,
        "merges": [_step(step) for step in steps],
        "objectives": [_objective(world, one, own, steps, found) for one in stack.objectives],
        "elsewhere": [
            _reference(one, comparing.mismatches(one, None, None, stack.confirm_rung))
            for one in world.frontier.references
            if one.objective not in names
        ],
        "claims": claimed.claims(stack, record, world.latest),
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "at": step.at,
        "commit": step.commit,
        "recipe": list(step.recipe),
        "gain": {name: dict(value) for name, value in step.gain.items()},
        "forced": list(step.forced),
    }


def _objective(
    world: World,
    objective: Objective,
    own: Sequence[TrunkRun],
    steps: Sequence[Step],
    found: Sequence[Prospect],
) -> dict[str, Any]:
    """One objective: where the trunk is, where the best reference is, and what lies between."""
    values = np.array([run.values[objective.name] for run in own])
    trunk = gaps.mean_of(values, objective.unit) if len(values) else None
    rows = _against(world, objective)
    best = comparing.best((one for one, against in rows if not against), objective)
    gap = None if best is None or trunk is None else gaps.gap(values, best, objective)
    margin = None if trunk is None else objective.margin_at(trunk.mean)
    forecast = _forecast(world, objective, steps, gap, compared=best is not None)
    return {
        "objective": objective.name,
        "direction": objective.direction,
        "role": objective.role,
        "unit": objective.unit,
        "margin": margin,
        "trunk": None if trunk is None else estimate(trunk),
        "references": [_reference(one, against) for one, against in rows],
        "reference": None if best is None else best.id,
        "gap": None if gap is None or margin is None else _gap(gap, margin),
        "forecast": forecast,
        "prospects": _prospects(objective, gap, found),
    }


def _against(world: World, objective: Objective) -> list[tuple[Reference, tuple[Mismatch, ...]]]:
    """An objective's references, each with what keeps it from being compared."""
    measured = world.frontier.measured.get(objective.name)
    return [
        (one, comparing.mismatches(one, objective, measured, world.stack.confirm_rung))
        for one in world.frontier.references
        if one.objective == objective.name
    ]


def _reference(one: Reference, against: Sequence[Mismatch]) -> dict[str, Any]:
    return {
        "id": one.id,
        "objective": one.objective or None,
        "metric": one.metric,
        "value": one.value,
        "unit": one.unit,
        "spread": one.spread,
        "seeds": one.seeds,
        "standard_error": one.standard_error,
        "scale": dict(one.scale),
        "harness": one.harness or None,
        "version": one.version or None,
        "date": one.date.isoformat(),
        "source": one.source,
        "obtained": one.obtained,
        "gain": one.gain,
        "note": one.note or None,
        "comparable": not against,
        "mismatches": [{"matter": m.matter, "said": m.said} for m in against],
    }


def _gap(gap: Gap, margin: float) -> dict[str, Any]:
    """A gap in its unit and in margins; of a margin of 0 (a percentage of nothing) no margins."""
    in_margins = None if margin == 0.0 else gaps.scaled(gap.value, 1.0 / margin, "margins")
    return {
        "value": estimate(gap.value),
        "in_margins": None if in_margins is None else estimate(in_margins),
        "standing": gap.standing,
        "spread_assumed": gap.assumed,
    }


def _forecast(
    world: World,
    objective: Objective,
    steps: Sequence[Step],
    gap: Gap | None,
    *,
    compared: bool,
) -> dict[str, Any]:
    """When the trunk is there at the present pace, or why nobody can say."""
    gained = [step.gain[objective.name]["mean"] for step in steps if objective.name in step.gain]
    days = _days(world)
    pace_of = {"merges": len(gained), "days": days, "gained": float(sum(gained))}
    nothing = {"date": None, "low": None, "high": None, "level": None, "never": None}
    why = _no_forecast(objective, gained, gap, compared=compared)
    if why is not None or gap is None:
        return {**pace_of, **nothing, "why_none": why}
    passage = pace.forecast(np.array(gained), days=days, gap=gap, rng=np.random.default_rng(_SEED))
    dates = {
        "date": _after(world.now, passage.median),
        "low": _after(world.now, passage.low),
        "high": _after(world.now, passage.high),
        "level": passage.level,
        "never": passage.never,
    }
    why = None
    if dates["date"] is None:
        why = (
            "the gains so far do not tell progress from none: at this pace the chance that the "
            f"trunk is ever there is {1.0 - passage.never:.0%}"
        )
    return {**pace_of, **dates, "why_none": why}


def _no_forecast(
    objective: Objective, gained: Sequence[float], gap: Gap | None, *, compared: bool
) -> str | None:
    """Why there is no forecast; None if there can be one."""
    if not compared:
        return "no reference can be compared"
    if gap is None:
        return "no run of today's trunk with today's settings: `mainstem check` makes some"
    if gap.value.mean <= 0.0:
        return "the gap is closed"
    if len(gained) < pace.LEAST_MERGES:
        few = f"{len(gained)} merge{'' if len(gained) == 1 else 's'} with a measured gain"
        return f"{few} so far, and a pace takes {pace.LEAST_MERGES}"
    if sum(gained) <= 0.0:
        return f"no progress: the merges so far gained nothing on {objective.name}"
    noisy = "one run of the trunk does not tell its noise: `mainstem check` makes more"
    return noisy if gap.parts is None else None


def _days(world: World) -> float:
    """Since the first line of the record, in days, a second at least."""
    if not world.entries:
        return 0.0
    first, now = (dt.datetime.fromisoformat(at) for at in (world.entries[0].at, world.now))
    return max((now - first).total_seconds(), 1.0) / _DAY_S


def _after(now: str, days: float | None) -> str | None:
    """The day after so many days; None for never and for what no calendar holds."""
    if days is None:
        return None
    try:
        return (dt.datetime.fromisoformat(now) + dt.timedelta(days=days)).date().isoformat()
    except OverflowError:
        return None


def _prospects(
    objective: Objective, gap: Gap | None, found: Sequence[Prospect]
) -> list[dict[str, Any]]:
    """Open and shelved proposals by expected gap closed per cost; none where there is no gap."""
    if objective.role is not Role.IMPROVE or gap is None or gap.value.mean <= 0.0:
        return []
    left = gap.value.mean
    return [
        {
            "id": one.id,
            "verdict": one.verdict.kind,
            "gain": estimate(one.gain[objective.name]),
            "closes": part,
            "closes_share": part / left,
            "pairs": one.pairs,
            "cost": one.cost,
            "per_cost": None if one.cost is None else part / one.cost,
            "runs": one.runs,
        }
        for one, part in ranking.ranked(found, objective.name, left)
    ]


def claim_of(world: World, reference: Reference) -> float | str:
    """The effect that a reference claims, above 0; or why it claims none.

    What its source states; else, if it can be compared, the gap between it and the trunk.

    Args:
        world: What is known.
        reference: A reference of an objective of the stack.
    """
    if reference.gain is not None:
        return reference.gain
    objective = next(one for one in world.stack.objectives if one.name == reference.objective)
    measured = world.frontier.measured.get(reference.objective)
    against = comparing.mismatches(reference, objective, measured, world.stack.confirm_rung)
    if against:
        said = "; ".join(one.said for one in against)
        return f"its value cannot be compared with the trunk's: {said}"
    own = trunks.runs(world.stack, world.record, world.tree)
    if not own:
        return "no run of today's trunk is known to compare its value with: run `mainstem check`"
    values = np.array([run.values[objective.name] for run in own])
    gap = gaps.gap(values, reference, objective).value.mean
    return gap if gap > 0.0 else "the trunk is as good as its value already"
