"""What `mainstem.toml` says, in sentences: what runs, what counts, and what a trial may do.

Read by people who did not write the file. The address of a store may hold a password, so of a store
only the kind is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.stack import Direction, MetricsSource, Role
from mainstem.plots.axes import short
from mainstem.plots.numbers import digits, duration, number, size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.domain.stack import Objective, Resources, Rung, Stack

_CONFINED = ("profile", "asked", "enforced", "not_enforced", "opened", "not_opened", "private")


def objectives(stack: Stack, checked: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """Every objective in words, those to improve first.

    Args:
        stack: The stack's description.
        checked: `objectives` of the last `mainstem check`; None if there was none.
    """
    ranked = sorted(stack.objectives, key=lambda o: o.role is not Role.IMPROVE)
    return [_objective(o, (checked or {}).get(o.name)) for o in ranked]


def _objective(objective: Objective, seen: Mapping[str, Any] | None) -> dict[str, str]:
    better = "higher" if objective.direction is Direction.MAXIMIZE else "lower"
    improve = objective.role is Role.IMPROVE
    return {
        "name": objective.name,
        "unit": objective.unit,
        "role": objective.role.value,
        "asked": f"to improve: {better} is better" if improve else f"guarded: {better} is better",
        "margin": _margin(objective, seen),
        "means": "the smallest gain that matters" if improve else "the loss that is tolerated",
        "noise": _noise(seen),
    }


def _margin(objective: Objective, seen: Mapping[str, Any] | None) -> str:
    """The margin as it was written, and a percentage also in the metric's unit."""
    if not objective.is_relative:
        return f"{objective.margin} {objective.unit}".rstrip()
    said = f"{objective.margin} of the trunk's mean"
    if seen is None:
        return said
    return f"{said}: {short(seen['margin'])} {objective.unit}".rstrip()


def _noise(seen: Mapping[str, Any] | None) -> str:
    """What `check` saw of the trunk over seeds."""
    if seen is None:
        return "not measured yet"
    if seen["deterministic"]:
        return f"{short(seen['mean'])} on every seed"
    if seen["sd"] is None:
        return f"{short(seen['mean'])} in one run"
    places = digits(seen["sd"], seen["mean"])
    mean, sd = number(seen["mean"], places), number(seen["sd"], places)
    return f"{mean} on average, sd {sd} over seeds"


def rungs(stack: Stack) -> list[dict[str, str]]:
    """Every rung in words, as they stand in the file."""
    playing = {rung.name for rung in stack.rungs_in_play}
    confirms = stack.confirm_rung.name
    return [
        {
            "name": rung.name,
            "cost": f"{rung.cost:g}",
            "role": "confirms" if rung.name == confirms else _search(rung, playing),
            "parameters": ", ".join(f"{key} {value}" for key, value in rung.parameters.items()),
            "resources": _resources(rung.resources),
        }
        for rung in stack.rungs
    ]


def _search(rung: Rung, playing: set[str]) -> str:
    return "searches" if rung.name in playing else "is not used"


def _resources(asked: Resources) -> str:
    parts = [f"{asked.cpus} cores" if asked.cpus != 1 else "1 core"]
    if asked.gpus:
        parts.append(f"{asked.gpus} accelerators" if asked.gpus != 1 else "1 accelerator")
    if asked.memory_bytes is not None:
        parts.append(f"{size(asked.memory_bytes)} of memory")
    if asked.time_s is not None:
        parts.append(duration(asked.time_s))
    return ", ".join(parts)


def facts(stack: Stack) -> list[tuple[str, str]]:
    """The rest of the file: what each setting is called, and what it says."""
    run, clusters = stack.run, stack.clusters
    found = [
        ("A trial may take", duration(stack.timeout_s)),
        ("Metrics", _metrics(stack)),
        ("False merges", f"at most {100.0 * stack.decisions.alpha:g}% of campaigns have any"),
        ("Threads", f"{run.threads} for numeric libraries"),
        ("Network", "trials may use it" if run.network else "trials may not use it"),
        ("Passed on", ", ".join(run.env) or "no variable of the environment"),
        ("Private", ", ".join(run.private) or "no file is kept from trials"),
        ("Ending early", _early(early=run.early_stopping)),
        ("Record", "PostgreSQL" if stack.store.startswith("postgres") else "SQLite, in .mainstem"),
    ]
    if clusters.slurm_options:
        found.append(("SLURM", " ".join(clusters.slurm_options)))
    return found


def _metrics(stack: Stack) -> str:
    if stack.metrics.source is MetricsSource.JSON:
        return "JSON lines in the file that MAINSTEM_METRICS names"
    return "regular expressions over what is printed"


def _early(*, early: bool) -> str:
    if early:
        return "search trials end as soon as enough is known of them"
    return "every trial runs whole"


def confinement(found: Mapping[str, str]) -> list[tuple[str, str]]:
    """What was asked for and what was enforced (a CONFINEMENT), by what it is called."""
    keys = [key for key in _CONFINED if key in found]
    keys += [key for key in found if key not in _CONFINED]
    return [(key.replace("_", " "), str(found[key])) for key in keys]
