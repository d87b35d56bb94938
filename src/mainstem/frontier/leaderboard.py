"""The landscape of runs that somebody else made: what they say, which wins hold, what to run next.

A leaderboard shows the best of many noisy runs, which is better than it is (the winner's curse).
The landscape is learnt from all runs together, so each recipe is judged by its own runs and by
those of all others that share a change with it. Everything here is posterior, for reading and for
choosing the next run; only fresh pairs of a campaign confirm anything.
"""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.domain.errors import UsageError
from mainstem.domain.recipe import in_order
from mainstem.domain.stack import Role
from mainstem.frontier.runs import PLACES
from mainstem.integrator import Integrator
from mainstem.stats.effects import MOST_PAIRED
from mainstem.stats.manyruns import MOST_RUNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mainstem.domain.recipe import Recipe
    from mainstem.domain.verdict import Effect, Estimate
    from mainstem.frontier.runs import ForeignRun, ForeignRuns
    from mainstem.frontier.table import Table

SUPPORTED, REFUTED = 0.95, 0.5
"""A win is supported from this probability to be better than the baseline; not, up to that one."""

MOST_READ = 20_000
"""A file of more runs is refused."""

MOST_RECIPES = 1024
"""Where pairs of changes are learnt, the recipes nearest to the baseline, so many at most."""

MOST_WINS, MOST_PAIRS_SHOWN, MOST_NAMED = 20, 10, 6
_WITH_PAIRS = 40  # with more changes interactions are not listed: there are too many to read


def landscape(found: ForeignRuns, *, seed: int) -> tuple[Integrator, list[ForeignRun]]:
    """An integrator that has seen the runs, and those of them that it has seen.

    Args:
        found: The runs.
        seed: Seed of everything random.

    Raises:
        UsageError: There are too many runs, or a margin in percent of a baseline of 0.
    """
    if len(found.runs) > MOST_READ:
        raise UsageError(
            f"{len(found.runs)} runs are too many at once (at most {MOST_READ}): choose some with "
            "--only COLUMN=VALUE, or make a shorter file"
        )
    integrator = Integrator(
        proposals=found.changes,
        objectives=found.objectives,
        conflicts=found.conflicts,
        seed=seed,
    )
    used = _nearest(found)
    for run in used:
        integrator.observe(run.changes, run.seed, run.values)
    try:
        integrator.recommend()
    except ValueError as error:
        raise UsageError(str(error)) from None
    return integrator, used


def _nearest(found: ForeignRuns) -> list[ForeignRun]:
    """The runs that are learnt from: all, or those of the recipes with the fewest changes.

    Chosen by what was changed and never by what was measured, so that nothing is biased by it.
    """
    recipes = list(dict.fromkeys(run.changes for run in found.runs))
    many = len(found.changes) > MOST_PAIRED and len(recipes) > max(MOST_RUNS, len(found.changes))
    if many or len(recipes) <= MOST_RECIPES:
        return list(found.runs)
    kept = set(sorted(recipes, key=len)[:MOST_RECIPES])
    return [run for run in found.runs if run.changes in kept]


def report(table: Table, found: ForeignRuns, *, seed: int, ask: int) -> dict[str, Any]:
    """The documented JSON of `mainstem import` of runs.

    Args:
        table: The file.
        found: Its runs.
        seed: Seed of everything random.
        ask: How many runs to name that are worth running next.

    Raises:
        UsageError: See `landscape`.
    """
    integrator, used = landscape(found, seed=seed)
    by_recipe: dict[Recipe, list[ForeignRun]] = {}
    for run in used:
        by_recipe.setdefault(run.changes, []).append(run)
    best = integrator.recommend()
    claimed = _claimed(integrator, by_recipe)
    margins = integrator.margins()
    effects = integrator.effects(pairs=len(found.changes) <= _WITH_PAIRS)
    return {
        "shape": table.shape,
        "file": table.file,
        "sha256": table.sha256,
        "about": table.text("about"),
        "objectives": [
            {
                "name": o.name,
                "direction": o.direction,
                "role": o.role,
                "margin": margins[o.name],
                "unit": o.unit,
            }
            for o in found.objectives
        ],
        "runs": {
            "read": len(found.runs) + found.left_out,
            "used": len(used),
            "failed": sum(run.values is None for run in used),
            "recipes": len(by_recipe),
            "baseline": len(by_recipe.get(frozenset(), [])),
        },
        "changes": list(found.changes),
        "conflicts": [list(in_order(c, found.changes)) for c in found.conflicts],
        "baseline": _estimates(integrator.trunk()),
        "noise_sd": integrator.noise_sd(),
        "effects": _effects(integrator, found, effects, by_recipe),
        "interactions": _interactions(found, effects),
        "claimed": len(claimed),
        "wins": [_win(integrator, found, by_recipe, r) for r in claimed[:MOST_WINS]],
        "best": {
            "recipe": list(in_order(best.recipe, found.changes)),
            "gain": _estimates(best.gain),
            "probability": best.probability,
            "runs": len(by_recipe.get(best.recipe, [])),
        },
        "missing": _missing(found, by_recipe, claimed),
        "notes": _notes(found, used),
        "next": [
            {"recipe": list(in_order(t.recipe, found.changes)), "for": t.purpose, "seed": t.seed}
            for t in integrator.ask(ask)
        ],
    }


# ---- what is known


def _estimates(found: Mapping[str, Estimate]) -> dict[str, dict[str, Any]]:
    return {
        name: {"mean": e.mean, "low": e.low, "high": e.high, "level": e.level, "unit": e.unit}
        for name, e in found.items()
    }


def _effects(
    integrator: Integrator,
    found: ForeignRuns,
    effects: Sequence[Effect],
    by_recipe: Mapping[Recipe, Sequence[ForeignRun]],
) -> list[dict[str, Any]]:
    """The gain of each change alone on the baseline; exact where it ran and has no noise."""
    units = {o.name: o.unit for o in found.objectives}
    alone: dict[str, dict[str, Any]] = {change: {} for change in found.changes}
    for effect in effects:
        if len(effect.proposals) == 1:
            (change,) = effect.proposals
            alone[change][effect.objective] = {
                "mean": effect.mean,
                "low": effect.low,
                "high": effect.high,
                "level": effect.level,
                "unit": units[effect.objective],
            }
    often = Counter(c for recipe, runs in by_recipe.items() for c in recipe for _ in runs)
    ran = {change: len(by_recipe.get(frozenset({change}), [])) for change in found.changes}
    return [
        {
            "change": change,
            "gain": _estimates(integrator.gain({change})) if ran[change] else gain,
            "runs": often[change],
            "alone": ran[change],
        }
        for change, gain in alone.items()
    ]


def _interactions(found: ForeignRuns, effects: Sequence[Effect]) -> list[dict[str, Any]]:
    """The largest interactions whose interval leaves 0 out."""
    sure = [e for e in effects if len(e.proposals) == 2 and (e.low > 0.0 or e.high < 0.0)]
    return [
        {
            "pair": list(in_order(e.proposals, found.changes)),
            "objective": e.objective,
            "mean": e.mean,
            "low": e.low,
            "high": e.high,
        }
        for e in sorted(sure, key=lambda e: -abs(e.mean))[:MOST_PAIRS_SHOWN]
    ]


# ---- the wins that were recorded


def _gains(
    integrator: Integrator, by_recipe: Mapping[Recipe, Sequence[ForeignRun]], recipe: Recipe
) -> list[dict[str, float]]:
    """What each run of a recipe measured beyond the baseline's mean, above 0 is better."""
    base = integrator.trunk()
    return [
        {
            o.name: o.sign * (run.values[o.name] - base[o.name].mean) + 0.0  # no -0.0
            for o in integrator.objectives
        }
        for run in by_recipe[recipe]
        if run.values is not None
    ]


def _total(integrator: Integrator, gain: Mapping[str, float]) -> float:
    """A gain on all objectives to improve together, in margins."""
    margins = integrator.margins()
    return sum(
        gain[o.name] / margins[o.name] for o in integrator.objectives if o.role is Role.IMPROVE
    )


def _mean(gains: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([gain[name] for gain in gains])) for name in gains[0]}


def _claimed(
    integrator: Integrator, by_recipe: Mapping[Recipe, Sequence[ForeignRun]]
) -> list[Recipe]:
    """The recipes whose runs came out better than the baseline on average, the best first."""
    totals = {
        recipe: _total(integrator, _mean(gains))
        for recipe in by_recipe
        if recipe and (gains := _gains(integrator, by_recipe, recipe))
    }
    better = [recipe for recipe, total in totals.items() if total > 0.0]
    return sorted(better, key=lambda recipe: -totals[recipe])


def _win(
    integrator: Integrator,
    found: ForeignRuns,
    by_recipe: Mapping[Recipe, Sequence[ForeignRun]],
    recipe: Recipe,
) -> dict[str, Any]:
    """A recorded win: what was measured, and what the evidence says of it."""
    gains = _gains(integrator, by_recipe, recipe)
    measured, posterior = _mean(gains), integrator.gain(recipe)
    probability = integrator.probability(recipe)
    verdict = "cannot tell"
    if probability >= SUPPORTED:
        verdict = "supported"
    elif probability <= REFUTED:
        verdict = "not supported"
    return {
        "recipe": list(in_order(recipe, found.changes)),
        "runs": len(gains),
        "failed": len(by_recipe[recipe]) - len(gains),
        "best_run": max(gains, key=lambda gain: _total(integrator, gain)),
        "measured": measured,
        "gain": _estimates(posterior),
        "luck": {name: value - posterior[name].mean for name, value in measured.items()},
        "probability": probability,
        "verdict": verdict,
    }


# ---- what is missing


def _missing(
    found: ForeignRuns,
    by_recipe: Mapping[Recipe, Sequence[ForeignRun]],
    claimed: Sequence[Recipe],
) -> list[str]:
    """Runs that nobody made and that would tell most; in words."""
    said = []
    worked = {
        recipe: good
        for recipe, runs in by_recipe.items()
        if (good := [run for run in runs if run.values is not None])
    }
    if len(worked.get(frozenset(), [])) < 2:
        said.append("the baseline ran once: everything is compared with that one run")
    if all(len(runs) < 2 for runs in worked.values()):
        said.append("no recipe ran on two seeds: the noise is a guess")
    alone = [c for c in found.changes if frozenset({c}) not in worked]
    if alone:
        said.append(f"never ran alone: {_names(alone)}")
    if claimed and len(worked[claimed[0]]) < 2:
        said.append(f"the best ran once: {' + '.join(in_order(claimed[0], found.changes))}")
    never = _pairs_never_seen(found, worked)
    if never:
        said.append(f"pairs of changes that never ran together: {never}")
    broken = [recipe for recipe in by_recipe if recipe not in worked]
    if broken:
        said.append(f"recipes that failed in every run: {len(broken)}")
    return [*said, *_machines_without_baseline(worked)]


def _pairs_never_seen(found: ForeignRuns, worked: Iterable[Recipe]) -> int:
    """Pairs that may stand together and did in no run that worked."""
    seen = {
        frozenset(pair) for recipe in worked for pair in itertools.combinations(sorted(recipe), 2)
    }
    n = len(found.changes)
    return n * (n - 1) // 2 - len(seen | set(found.conflicts))


def _machines_without_baseline(worked: Mapping[Recipe, Sequence[ForeignRun]]) -> list[str]:
    """What a machine shifts would look like an effect of what ran there only."""
    every = [run.places.get("machine", "") for runs in worked.values() for run in runs]
    with_it = {run.places.get("machine", "") for run in worked.get(frozenset(), [])}
    alone = [name for name in dict.fromkeys(every) if name not in with_it]
    if not alone:
        return []
    names = _names([name or "(not named)" for name in alone])
    return [f"no run of the baseline on machine {names}: what it shifts looks like an effect"]


def _names(found: Sequence[str]) -> str:
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return ", ".join(found[:MOST_NAMED]) + more


def _notes(found: ForeignRuns, used: Sequence[ForeignRun]) -> list[str]:
    """How the file was read, and where its runs were made."""
    said = []
    for key in PLACES:
        often = Counter(run.places.get(key, "(not named)") for run in used)
        if set(often) != {"(not named)"}:
            counts = _names([f"{name} ({count})" for name, count in often.items()])
            said.append(f"measured with {key} {counts}")
    if found.left_out:
        said.append(f"left out by --only: {found.left_out} runs")
    if len(used) < len(found.runs):
        said.append(
            f"learnt from the {MOST_RECIPES} recipes nearest to the baseline: "
            f"{len(found.runs) - len(used)} runs of others are not used"
        )
    if found.constant:
        said.append(f"the same in every run: {_names(found.constant)}")
    if found.unused:
        said.append(f"nothing is made of: {_names(found.unused)}")
    return said
