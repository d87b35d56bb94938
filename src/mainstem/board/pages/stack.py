"""Stack: the parts of the recipe, where its gains came from, and what the stack's file says."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from mainstem.board import components, settings
from mainstem.board.page import Page
from mainstem.board.reader import Question
from mainstem.board.render import place
from mainstem.domain.stack import Role
from mainstem.domain.verdict import VerdictKind
from mainstem.plots import axes, grid
from mainstem.plots.forms import either
from mainstem.plots.numbers import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.board.components import Component, Gain
    from mainstem.board.page import Visit
    from mainstem.board.reader import Reader

STATES = (
    VerdictKind.OPEN.value,
    components.MERGED,
    VerdictKind.MERGE.value,
    VerdictKind.SHELVE.value,
    VerdictKind.REWORK.value,
    VerdictKind.BROKEN.value,
    components.CLOSED,
)
"""Where proposals can be, in the order in which a component lists them."""

_MAIN = 2  # objectives with a column in the main table
_NAMED = 40  # proposals of a component that are named


def content(reader: Reader, visit: Visit) -> dict[str, Any]:
    """What the page shows; nothing is asked of it."""
    del visit
    stack, record = reader.stack, reader.record()
    answer = reader.ask(Question.CREDIT)
    found, alone = components.standing(stack, record, answer.body)
    checked = record.checks[-1] if record.checks else None
    divided = [] if answer.body is None else answer.body["objectives"]
    objectives = [o for o in _ranked(reader) if o in {d["objective"] for d in divided}]
    units = {d["objective"]: d["total"]["unit"] for d in divided}
    return {
        "answer": answer,
        "components": [_row(one, objectives) for one in found],
        "divided": objectives,
        "main": objectives[:_MAIN],
        "units": units,
        "totals": {d["objective"]: d["total"] for d in divided},
        "alone": alone,
        "spent": sum(one.trials for one in found) + alone,
        "untouched": [one.name for one in found if one.work == "never"],
        "any_open": any(one.work == "open" for one in found),
        "idle": [one.name for one in found if one.work == "idle"],
        "filed": len(record.proposals),
        "merged": len(record.merged),
        "picture": _picture(found, objectives, _margins(reader), units) if objectives else None,
        "command": stack.command,
        "branch": stack.trunk,
        "trunk": reader.trunk(),
        "objectives": settings.objectives(
            stack, None if checked is None else checked["objectives"]
        ),
        "rungs": settings.rungs(stack),
        "several_rungs": len(stack.rungs) > 1,
        "patterns": dict(stack.metrics.patterns),
        "facts": settings.facts(stack),
        "confinement": settings.confinement({} if checked is None else checked["confinement"]),
    }


def _ranked(reader: Reader) -> list[str]:
    """Names of objectives, those to improve first."""
    ranked = sorted(reader.stack.objectives, key=lambda o: o.role is not Role.IMPROVE)
    return [o.name for o in ranked]


def _margins(reader: Reader) -> dict[str, float]:
    """Margins in units; of one in percent what the last check resolved, nan without any."""
    checks = reader.record().checks
    seen: Mapping[str, Any] = checks[-1]["objectives"] if checks else {}
    return {
        o.name: o.margin_at(1.0)
        if not o.is_relative
        else float(seen.get(o.name, {"margin": math.nan})["margin"])
        for o in reader.stack.objectives
    }


def _picture(
    found: Sequence[Component],
    objectives: Sequence[str],
    margins: Mapping[str, float],
    units: Mapping[str, str],
) -> str:
    """Components by objectives: what was gained where, and where nobody works."""
    entries: dict[tuple[int, int], grid.Entry] = {}
    for i, one in enumerate(found):
        for j, name in enumerate(objectives if one.filed else ()):
            entries[i, j] = _entry(one, one.gains.get(name), margins[name], units[name])
    nobody = [one.name for one in found if not one.filed]
    draw = partial(
        grid.grid,
        [one.name or "no component" for one in found],
        objectives,
        entries,
        margins=[1.0] * len(objectives),
        title="Gains by component and objective",
        description=(
            "What merged proposals gained, in margins, by the component that they touch. "
            f"Nobody has worked on: {', '.join(nobody) or 'none, there is work in all'}."
        ),
    )
    return either(draw)


def _entry(component: Component, gain: Gain | None, margin: float, unit: str) -> grid.Entry:
    """A cell: a gain in margins, or how much was tried without one."""
    href = place("/proposals", component=component.name)
    if gain is None:
        going = len(component.states.get(VerdictKind.OPEN, ()))
        below = f"{going} open" if going else f"{component.filed} tried"
        return grid.Entry(value=None, said="-", below=below, href=href)
    size, raw = gain.mean / margin, axes.precise(gain.mean, None, None)
    return grid.Entry(
        value=size,
        said=number(size, 2, signed=True) if math.isfinite(size) else raw,
        below=f"{len(gain.parts)} merged",
        note=f"{gain.said} {unit}".rstrip(),
        href=href,
    )


def _row(component: Component, objectives: Sequence[str]) -> dict[str, Any]:
    """A component as the template needs it."""
    known = [s for s in STATES if component.states.get(s)]
    known += [s for s in component.states if s not in STATES]
    return {
        "name": component.name,
        "globs": component.globs,
        "filed": component.filed,
        "work": component.work,
        "trials": component.trials,
        "states": [
            {
                "state": state,
                "proposals": component.states[state][:_NAMED],
                "more": max(0, len(component.states[state]) - _NAMED),
                "count": len(component.states[state]),
            }
            for state in known
        ],
        "gains": [component.gains.get(name) for name in objectives],
    }


PAGE = Page(name="stack", path="/stack", title="Stack", content=content, menu="Stack")
