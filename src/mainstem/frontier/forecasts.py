"""`mainstem forecast`: what recipes are predicted to measure at a scale that nobody has run.

A view: it reads every rung, says how far beyond the largest run it speaks, and refuses where there
are too few rungs. No decision is made from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.domain.errors import UsageError
from mainstem.domain.proposal import ProposalId
from mainstem.domain.recipe import in_order
from mainstem.engine.lineage import lineage
from mainstem.stats import extrapolation
from mainstem.stats.scaling import Runs, least_rungs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mainstem.domain.proposal import CommitId
    from mainstem.domain.recipe import Recipe
    from mainstem.domain.stack import Objective, Rung, Stack
    from mainstem.engine.record import Record
    from mainstem.frontier.climbs import Climb
    from mainstem.stats.extrapolation import Forecast

    Floats = NDArray[np.float64]
    Scale = tuple[float, ...]
    Own = Sequence[tuple[Scale, Climb]]

LEVEL = 0.8
"""Coverage of the intervals, as they are measured in docs/statistics.md."""

FRESH_RUNS = 3
"""A predicted value is the mean of so many fresh runs."""

COST = "cost"
"""The scale that every rung has."""


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """Two recipes that differ by one proposal."""

    proposal: ProposalId
    without: Recipe
    beside: Recipe


def forecast(
    stack: Stack,
    record: Record,
    runs: Sequence[Climb],
    *,
    trunk: CommitId,
    best: Sequence[str] | None,
    at: Mapping[str, float],
    named: Sequence[str] = (),
    seed: int = 0,
) -> dict[str, Any]:
    """The documented JSON of `mainstem forecast`.

    Args:
        stack: The stack's description.
        record: What the ledger holds.
        runs: What ran at which rung.
        trunk: The trunk's commit.
        best: The members of the best recipe so far; None where nobody knows.
        at: The scales to forecast at: numeric parameters of the rungs, or `cost`.
        named: The proposals to forecast; none for all that are open and have run at rungs enough.
        seed: Seeds the draws.

    Raises:
        NoSamplerError: emcee is not installed.
        UsageError: No such scale or proposal, scales that cannot be told apart, or too few rungs.
    """
    scales = _scales(stack, at, runs)
    whole = frozenset(lineage(record, trunk).members)
    ladders = _ladders(runs, scales)
    least = least_rungs(len(at))
    _refuse(stack, ladders.get(whole, []), least, at)
    enough = {recipe: own for recipe, own in ladders.items() if _rungs(own) >= least}
    pairs = _pairs(record, whole, ladders, named)
    able = [p for p in pairs if p.without in enough and p.beside in enough]
    order = sorted(enough, key=lambda r: (len(r), sorted(r)))
    target = np.array(list(at.values()))
    largest = np.max([scale for scale, _ in ladders[whole]], axis=0)
    shown = _shown(whole, best, [p.beside for p in able])
    found = {
        objective.name: _objective(objective, [(r, enough[r]) for r in order], able, target, seed)
        for objective in stack.objectives
    }
    named_rungs = {run.rung for run in runs}
    return {
        "stack": stack.name,
        "trunk": trunk,
        "at": dict(at),
        "level": LEVEL,
        "fresh_runs": FRESH_RUNS,
        "largest": dict(zip(at, largest.tolist(), strict=True)),
        "beyond": dict(zip(at, (target / largest).tolist(), strict=True)),
        "rungs": [
            {"name": r.name, "scale": dict(zip(at, scales[r.name], strict=True))}
            for r in stack.rungs
            if r.name in named_rungs
        ],
        "recipes": [
            {
                "recipe": list(in_order(recipe, [p.id for p in record.in_order()])),
                "is": kinds,
                **_span(ladders.get(recipe, []), at, least),
                "objectives": {name: one["recipes"][recipe] for name, one in found.items()}
                if recipe in enough
                else {},
            }
            for recipe, kinds in shown.items()
        ],
        "proposals": [
            {
                "id": pair.proposal,
                "without": list(in_order(pair.without, [p.id for p in record.in_order()])),
                **_span(ladders.get(pair.beside, []), at, least),
                "objectives": {name: one["pairs"][pair.proposal] for name, one in found.items()}
                if pair in able
                else {},
            }
            for pair in pairs
        ],
    }


def _scales(stack: Stack, at: Mapping[str, float], runs: Sequence[Climb]) -> dict[str, Scale]:
    """The scales of every rung that has run.

    Raises:
        UsageError: A rung has no such scale, or several scales cannot be told apart.
    """
    ran = {run.rung for run in runs}
    rungs = [rung for rung in stack.rungs if rung.name in ran]
    for key in at:
        if any(_scale(rung, key) is None for rung in stack.rungs):
            known = ", ".join(_numeric(stack))
            raise UsageError(
                f"--at {key}: not every rung has a number above 0 of that name; there are {known}"
            )
    found = {r.name: tuple(_scale(r, key) or 0.0 for key in at) for r in rungs}
    logs = np.log(np.array(list(found.values()))) if found else np.zeros((0, len(at)))
    if len(at) > 1 and np.linalg.matrix_rank(logs - logs.mean(0), tol=1e-6) < len(at):
        raise UsageError(
            f"--at {' and '.join(at)}: in the rungs that ran these rise together, so no run tells "
            "what each does: name one of them, or run rungs in which they differ"
        )
    return found


def _scale(rung: Rung, key: str) -> float | None:
    """A rung's scale of that name; None if it has none."""
    value = rung.cost if key == COST else rung.parameters.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        return None
    return float(value)


def _numeric(stack: Stack) -> list[str]:
    """What can be forecast along."""
    keys = dict.fromkeys(key for rung in stack.rungs for key in rung.parameters)
    return [COST, *(k for k in keys if all(_scale(r, k) is not None for r in stack.rungs))]


def _ladders(
    runs: Sequence[Climb], scales: Mapping[str, Scale]
) -> dict[Recipe, list[tuple[Scale, Climb]]]:
    """The runs of every recipe with the scales of their rungs."""
    found: dict[Recipe, list[tuple[Scale, Climb]]] = {}
    for run in runs:
        found.setdefault(run.recipe, []).append((scales[run.rung], run))
    return found


def _rungs(own: Own) -> int:
    """At how many scales a recipe has run."""
    return len({scale for scale, _ in own})


def _refuse(
    stack: Stack,
    own: Own,
    least: int,
    at: Mapping[str, float],
) -> None:
    """Sees to it that the trunk has run at rungs enough.

    Raises:
        UsageError: It has not.
    """
    have = _rungs(own)
    if have >= least:
        return
    ran = ", ".join(dict.fromkeys(run.rung for _, run in own)) or "none"
    along = " and ".join(at)
    every = len({tuple(_scale(rung, key) for key in at) for rung in stack.rungs})
    how = (
        f"mainstem.toml has {every}: add [[rungs]] until there are {least}"
        if every < least
        else "let the others run too: name one as decisions.confirm_rung, `mainstem integrate`, "
        "and so on with the next"
    )
    raise UsageError(
        f"the trunk has run at {have} scales of {along} (rungs: {ran}), and a forecast needs "
        f"{least}: {how}"
    )


def _pairs(
    record: Record,
    whole: Recipe,
    ladders: Mapping[Recipe, Own],
    named: Sequence[str],
) -> list[_Pair]:
    """The proposals in question, each with and without it where most runs are.

    Raises:
        UsageError: There is no such proposal.
    """
    known = [str(p.id) for p in record.in_order()]
    for name in named:
        if name not in known:
            listed = ", ".join(known) or "none yet"
            raise UsageError(f"no such proposal: {name!r}; there are: {listed}")
    asked = named or [p.id for p in record.open_proposals()]
    return [_pair(ProposalId(name), whole, ladders) for name in dict.fromkeys(asked)]


def _pair(
    proposal: ProposalId,
    whole: Recipe,
    ladders: Mapping[Recipe, Own],
) -> _Pair:
    """With and without it: the trunk if that has run at as many rungs as any other recipe."""
    bases = [whole - {proposal}, *(recipe - {proposal} for recipe in ladders if proposal in recipe)]

    def common(base: Recipe) -> tuple[int, int]:
        with_it, without = ladders.get(base | {proposal}, []), ladders.get(base, [])
        here = {scale for scale, _ in with_it} & {scale for scale, _ in without}
        return len(here), -len(base ^ (whole - {proposal}))

    best = max(dict.fromkeys(bases), key=common)
    return _Pair(proposal=proposal, without=best, beside=best | {proposal})


def _shown(
    whole: Recipe, best: Sequence[str] | None, others: Sequence[Recipe]
) -> dict[Recipe, list[str]]:
    """The recipes of the report, each with what it is."""
    found: dict[Recipe, list[str]] = {whole: ["trunk"]}
    if best is not None:
        chosen = whole | frozenset(ProposalId(p) for p in best)
        found.setdefault(chosen, []).append("best")
    for recipe in others:
        found.setdefault(recipe, [])
    return found


def _span(
    own: Own,
    at: Mapping[str, float],
    least: int,
) -> dict[str, Any]:
    """Where a recipe has run: how many scales and runs, from where to where."""
    each = list(zip(*(scale for scale, _ in own), strict=True))
    return {
        "rungs": _rungs(own),
        "rungs_needed": least,
        "runs": len(own),
        "span": {key: [min(of), max(of)] for key, of in zip(at, each, strict=False)},
    }


def _objective(
    objective: Objective,
    recipes: Sequence[tuple[Recipe, Own]],
    pairs: Sequence[_Pair],
    target: Floats,
    seed: int,
) -> dict[str, Any]:
    """What is predicted of one objective: by recipe, and by proposal."""
    data = [
        Runs(
            scales=np.array([scale for scale, _ in own], dtype=np.float64),
            values=np.array([run.values[objective.name] for _, run in own]),
            seeds=np.array([run.seed for _, run in own], dtype=np.int64),
        )
        for _, own in recipes
    ]
    place = {recipe: k for k, (recipe, _) in enumerate(recipes)}
    name = np.frombuffer(objective.name.encode(), dtype=np.uint8).tolist()
    alone, both = extrapolation.forecasts(
        data,
        target,
        np.random.default_rng([seed, *name]),
        pairs=[(place[p.without], place[p.beside]) for p in pairs],
        runs=FRESH_RUNS,
    )
    return {
        "recipes": {
            recipe: _value(found, objective)
            for (recipe, _), found in zip(recipes, alone, strict=True)
        },
        "pairs": {p.proposal: _gain(f, objective) for p, f in zip(pairs, both, strict=True)},
    }


def _estimate(draws: Floats, unit: str) -> dict[str, Any]:
    """Draws as an estimate; its `mean` is their median, which no tail moves."""
    middle, low, high = extrapolation.interval(draws, LEVEL)
    return {"mean": middle, "low": low, "high": high, "level": LEVEL, "unit": unit}


def _value(found: Forecast, objective: Objective) -> dict[str, Any]:
    """A recipe's predicted values, raw."""
    return {
        "now": _estimate(found.now[:, 0], objective.unit),
        "value": _estimate(found.fresh[:, 0], objective.unit),
        "true": _estimate(found.then[:, 0], objective.unit),
    }


def _gain(found: Forecast, objective: Objective) -> dict[str, Any]:
    """What a proposal gains at the largest rung and at the target, and what becomes of it."""
    now, then = (objective.sign * (x[:, 1] - x[:, 0]) for x in (found.now, found.then))
    margin = objective.margin_at(float(np.median(found.then[:, 0])))
    return {
        "now": _estimate(now, objective.unit),
        "then": _estimate(then, objective.unit),
        "margin": margin,
        "gains": float(np.mean(then > 0.0)),
        "gains_margin": float(np.mean(then >= margin)),
        "outlook": str(extrapolation.outlook(now, then, margin)),
    }
