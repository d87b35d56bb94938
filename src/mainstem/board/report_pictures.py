"""The pictures of a report, each with its words and with the numbers that it is drawn from."""

from __future__ import annotations

import itertools
from functools import partial
from typing import TYPE_CHECKING, Any

from mainstem.board.report_drawing import Drawing
from mainstem.board.report_pairs import front, interactions
from mainstem.board.report_tables import brief, standing
from mainstem.board.report_words import clear, first
from mainstem.plots import numbers
from mainstem.plots.gains import Gain, gains
from mainstem.plots.picture import Picture, table
from mainstem.plots.progress import Level, progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Material = Mapping[str, Any]

MOST_ROWS = 60
"""Proposals of a forest; of more, those whose gain is the clearest."""

_VERDICTS = ("merge", "rework", "shelve", "broken", "open")
_SMALL = 0.5  # of a margin: a guard's change that needs no row


def pictures(found: Material) -> list[Drawing]:
    """All that can be drawn of what is known, in the order of the report."""
    drawn: list[Drawing] = []
    if found["campaign"] is None:
        return drawn
    drawn += _courses(found)
    for objective in found["question"]["objectives"]:
        drawn += _forest(found, objective)
    return [*drawn, *interactions(found), *front(found)]


def _forest(found: Material, objective: Mapping[str, Any]) -> Iterator[Drawing]:
    """What every proposal does alone to one objective."""
    name = objective["name"]
    margin = found["show"]["margins"].get(name)
    rows = _effects(found, name)
    if margin is None or not rows:
        return
    improve = objective["role"] == "improve"
    telling = [r for r in rows if improve or _tells(r[2], _SMALL * margin)]
    # Of very many the clearest; the largest on top.
    telling.sort(key=lambda r: -abs(r[2]["mean"]) / (_width(r[2]) or margin))
    shown = sorted(telling[:MOST_ROWS], key=lambda r: -r[2]["mean"])
    if not shown:
        return
    kinds = [kind for kind in _VERDICTS if any(r[1] == kind for r in shown)]
    unit = f" ({objective['unit']})" if objective["unit"] else ""
    title = f"What each proposal does alone to {name}"
    draw = partial(
        gains,
        [
            Gain(
                label=brief(proposal),
                value=gain["mean"],
                low=gain["low"],
                high=gain["high"],
                group=kinds.index(verdict),
            )
            for proposal, verdict, gain in shown
        ],
        groups=kinds,
        lines={"the margin": margin} if improve else {"what is tolerated": -margin},
        title=title,
        description=f"{len(shown)} proposals with 90% intervals; above 0 is better.",
        axis=f"gain in {name}{unit}",
    )
    left = len(rows) - len(shown)
    why = "change it by less than half a margin" if not improve else "are less clear"
    rest = f" {numbers.plural(left, 'proposal')} more {why}." if left else ""
    rows_ = [[p, v, g["mean"], g["low"], g["high"], g["unit"]] for p, v, g in rows]
    columns = ("proposal", "verdict", "gain", "low", "high", "unit")
    yield Drawing(
        name=f"effects-{name}",
        picture=Picture(title=title, svg=draw(), **table(columns, rows_)),
        phone=draw(narrow=True),
        caption=f"Gain in {name} alone on the trunk of the campaign, posterior, with intervals of "
        f"90%; by verdict. Above 0 is better.{rest}",
    )


def _effects(found: Material, name: str) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Proposal, verdict, gain alone, of all that have one, in the order of proposing.

    What never succeeded has none: it would be what other proposals' runs make of it.
    """
    rows = {row["id"]: row for row in found["show"]["proposals"]}
    return [
        (proposal, str(row["verdict"]), gain["alone"][name])
        for proposal, gain in found["gains"].items()
        if name in gain["alone"]
        and (row := rows.get(proposal)) is not None
        and (row["measured"] or row["merged"])
        and standing(row)
    ]


def _tells(gain: Mapping[str, Any], least: float) -> bool:
    ends = (gain["low"], gain["high"], gain["mean"])
    return any(end is not None and abs(end) >= least for end in ends)


def _width(gain: Mapping[str, Any]) -> float:
    if gain["low"] is None or gain["high"] is None:
        return 0.0
    return float(gain["high"] - gain["low"])


def _courses(found: Material) -> Iterator[Drawing]:
    """How the best measured set got better, trial by trial."""
    show = found["show"]
    name = first(found)
    steps = [(p["trials"], p["gain"][name]) for p in found["course"] if name in p["gain"]]
    if name is None or len(steps) < 2:
        return
    moved = [steps[0], *(b for a, b in itertools.pairwise(steps) if a[1] != b[1])]
    best = show["best"]["gain"].get(name) if show["best"] and show["best"]["recipe"] else None
    unit = next(o["unit"] for o in found["question"]["objectives"] if o["name"] == name)
    levels = [Level(name="the trunk", value=0.0)]
    ends = None
    if best is not None and best["low"] is not None:
        how = "confirmed on fresh seeds" if show["best"]["confirmed"] else "posterior"
        levels.append(Level(name=f"gain of the best set, {how}", value=best["mean"]))
        ends = (best["low"], best["high"])
    title = f"The best set by the trials that had run, in {name}"
    draw = partial(
        progress,
        "best mean of what had run",
        [(0.0, 0.0), *moved] if moved[0][0] > 0 else moved,
        levels,
        until=float(steps[-1][0]),
        ends=ends,
        title=title,
        description=f"From {steps[0][1]:+.3g} to {steps[-1][1]:+.3g} in {steps[-1][0]} trials.",
        axis="trials",
        unit=f"gain in {name}" + (f" ({unit})" if unit else ""),
    )
    columns = ("trials", f"best mean gain in {name}", "set")
    rows = [[p["trials"], p["gain"].get(name), " + ".join(p["recipe"])] for p in found["course"]]
    yield Drawing(
        name="course",
        picture=Picture(title=title, svg=draw(), **table(columns, rows)),
        phone=draw(narrow=True),
        caption="The best mean of few runs is too good, the more so the more sets ran: what counts "
        "is the bar at the right, the gain of the best set with its interval of 90%.",
    )


def unclear(found: Material) -> int:
    """How many pairs show no clear interaction on the first objective."""
    name = first(found)
    pairs = [row for row in found["show"]["interactions"] if row["objective"] == name]
    return len(pairs) - len(clear(found))
