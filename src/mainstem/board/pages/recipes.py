"""Recipes: the Pareto front with its uncertainty over any two objectives, and every set that ran.

A point leads to its set: the numbers on all objectives, its runs, what it changes in the trunk, and
how it can be merged or tried. Of what ran, numbers are means over runs; of the front they are the
landscape's, which knows more than the runs of one set.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from mainstem.board import diffs
from mainstem.board.bygone import bygone
from mainstem.board.chosen import chosen, joined
from mainstem.board.listing import listed
from mainstem.board.one_recipe import by_hand, one_recipe
from mainstem.board.page import Page
from mainstem.board.ran import by_recipe, gain, gains
from mainstem.board.reader import Question
from mainstem.board.render import place
from mainstem.plots.forms import either
from mainstem.plots.numbers import recipe as said
from mainstem.plots.scatter import Kind, Point, scatter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mainstem.board.page import Visit
    from mainstem.board.ran import Ran
    from mainstem.board.reader import Reader
    from mainstem.domain.stack import Objective
    from mainstem.engine.record import CampaignRecord

    Body = Mapping[str, Any]

_POINTS = 400
"""So many recipes are drawn, the best ones; the table has all."""

SIZE = "(members)"
"""Stands for how many proposals a recipe holds, as an axis where there is one objective."""


def content(reader: Reader, visit: Visit) -> dict[str, Any]:
    """What the template shows.

    Raises:
        NotHereError: There is no such proposal, or no such objective.
    """
    stack, campaign = reader.stack, reader.record().latest()
    names = [objective.name for objective in stack.objectives]
    axes = names if len(names) > 1 else [*names, SIZE]
    x = visit.one_of("x", axes, default=axes[0])
    y = visit.one_of("y", axes, default=next(n for n in axes if n != x))
    wanted = chosen(visit.query.get("recipe", ""))
    old = bygone(reader.record(), wanted, exactly=True)
    found: dict[str, Any] = {"names": axes, "x": x, "y": y, "campaign_of": campaign, "old": old}
    if campaign is None:
        return {**found, "answer": None, "one": None, "listing": None}
    answer = reader.ask(Question.SHOW)
    ran = by_recipe(campaign)
    rows = _rows(campaign, answer.body, stack.objectives)
    means = {axis: {row: row.mean(axis) for row in rows} for axis in (x, y)}
    listing = listed(rows, visit, _keys(means, x, y), first="kind")
    return {
        **found,
        "answer": answer,
        "objectives": [o for o in stack.objectives if o.name in {x, y}],
        "listing": listing,
        "addresses": [_address(row.recipe) for row in listing.rows],
        "front": sum(row.kind in {Kind.FRONT, Kind.BEST} for row in rows),
        "drawn": min(len(rows), _POINTS),
        "picture": _picture(rows, means, stack.objectives, x, y),
        "size": SIZE,
        "hypervolume": None if answer.body is None else answer.body["hypervolume"],
        "one": None if old else _one(reader, visit, campaign, ran, answer.body),
    }


@dataclass(frozen=True, kw_only=True)
class _Ledgers:
    """Gains of means by objective, and what their intervals are made of."""

    gains: Mapping[str, Mapping[frozenset[str], float | None]]
    trunk: Ran | None
    objectives: Mapping[str, Objective]
    noise: Mapping[str, float | None]


@dataclass(slots=True, eq=False)
class _Row:
    """A recipe. Of thousands a hundred are shown, so nothing is worked out before it is asked."""

    members: frozenset[str]
    recipe: tuple[str, ...]
    kind: Kind
    ran: Ran | None
    point: Body | None
    of: _Ledgers

    @property
    def probability(self) -> float | None:
        """Of a set of the front, that it belongs there."""
        return None if self.point is None else self.point["probability"]

    @property
    def runs(self) -> int:
        """How often it ran."""
        return 0 if self.ran is None else len(self.ran.trials)

    @property
    def failed(self) -> int:
        """How often it failed."""
        return 0 if self.ran is None else len(self.ran.failed)

    def mean(self, axis: str) -> float | None:
        """Its gain, or its size; None where it is not known."""
        if axis == SIZE:
            return float(len(self.recipe))
        if self.point is not None:
            found = self.point["objectives"].get(axis)
            return None if found is None else float(found["mean"])
        if self.ran is None:
            return None
        return self.of.gains[axis][self.members]

    def along(self, axis: str) -> Body | None:
        """The same with its interval."""
        if axis == SIZE:
            size = len(self.recipe)
            return {"mean": size, "low": size, "high": size, "unit": ""}
        if self.point is not None:
            found: Body | None = self.point["objectives"].get(axis)
            return found
        if self.ran is None:
            return None
        return gain(self.ran, self.of.trunk, self.of.objectives[axis], self.of.noise.get(axis))


_Means: TypeAlias = "Mapping[str, Mapping[_Row, float | None]]"
"""Of each axis every recipe's number: what rows are sorted and chosen by."""


def _rows(
    campaign: CampaignRecord, show: Body | None, objectives: Sequence[Objective]
) -> list[_Row]:
    """Every recipe that ran or is on the front, with its gains on the trunk."""
    ran = by_recipe(campaign)
    front = {} if show is None else {frozenset(p["recipe"]): p for p in show["front"]}
    best = None if show is None or show["best"] is None else frozenset(show["best"]["recipe"])
    of = _Ledgers(
        gains={o.name: gains(campaign, o) for o in objectives},
        trunk=ran.get(frozenset()),
        objectives={o.name: o for o in objectives},
        noise={} if show is None else show["noise_sd"],
    )
    rows = []
    for recipe, one in ran.items():
        point = front.get(recipe)
        kind = _kind(recipe, best, on_front=point is not None)
        rows.append(_Row(recipe, one.recipe, kind, one, point, of))
    for recipe, point in front.items():
        if recipe not in ran:
            kind = _kind(recipe, best, on_front=True)
            rows.append(_Row(recipe, tuple(point["recipe"]), kind, None, point, of))
    return rows


def _kind(recipe: frozenset[str], best: frozenset[str] | None, *, on_front: bool) -> Kind:
    if not recipe:
        return Kind.TRUNK
    if recipe == best:
        return Kind.BEST
    return Kind.FRONT if on_front else Kind.RAN


def _address(recipe: Sequence[str]) -> str:
    """The address of a recipe on this page; the trunk's is the word for none."""
    return place("/recipes", {}, recipe=joined(recipe) or ",") + "#one"


def _keys(means: _Means, x: str, y: str) -> dict[str, Callable[[_Row], Any]]:
    """What each column of the table is sorted by."""
    order = {kind: k for k, kind in enumerate((Kind.BEST, Kind.FRONT, Kind.TRUNK, Kind.RAN))}
    across = means[x]
    return {
        "kind": lambda row: (order[row.kind], -(across[row] or 0.0)),
        "x": across.__getitem__,
        "y": means[y].__getitem__,
        "runs": lambda row: row.runs,
        "size": lambda row: len(row.recipe),
    }


def _picture(
    rows: Sequence[_Row], means: _Means, objectives: Sequence[Objective], x: str, y: str
) -> str | None:
    """The scatter; None while no recipe has a number on both axes."""
    units = {o.name: o.unit for o in objectives}
    known = [
        (row.kind is Kind.RAN, -across, at)
        for at, (row, across) in enumerate(means[x].items())
        if across is not None and means[y][row] is not None
    ]
    if not known:
        return None
    # What is on the front comes first, then what gains most; the table has the others.
    known.sort()
    drawn = [rows[at] for *_, at in known[:_POINTS]]
    draw = partial(
        scatter,
        [_point(row, row.along(x) or {}, row.along(y) or {}) for row in drawn],
        title=f"Recipes by {x} and {y}",
        description="Gains on the trunk with 90% intervals; the table below has the numbers.",
        x_axis=_axis(x, units),
        y_axis=_axis(y, units),
    )
    return either(draw)


def _point(row: _Row, across: Body, up: Body) -> Point:
    return Point(
        label=said(row.recipe, most=4),
        x=across["mean"],
        y=up["mean"],
        across=_ends(across),
        up=_ends(up),
        kind=row.kind,
        href=_address(row.recipe),
    )


def _ends(value: Body) -> tuple[float, float] | None:
    if value["low"] is None or value["high"] is None:
        return None
    return float(value["low"]), float(value["high"])


def _axis(name: str, units: Mapping[str, str]) -> str:
    if name == SIZE:
        return "proposals in the set"
    unit = units.get(name, "")
    return f"gain on {name}, {unit}" if unit else f"gain on {name}"


def _one(
    reader: Reader,
    visit: Visit,
    campaign: CampaignRecord,
    ran: Mapping[frozenset[str], Ran],
    show: Body | None,
) -> dict[str, Any] | None:
    """The recipe that was chosen, with its diff; None if none was."""
    if "recipe" not in visit.query:
        return None
    order: dict[str, int] = {str(p): at for at, p in enumerate(campaign.proposals)}
    recipe = tuple(sorted(chosen(visit.query["recipe"]), key=order.__getitem__))
    diff = diffs.wanted(reader, recipe, visit) if recipe else None
    return {
        **one_recipe(recipe, ran, show, reader.stack.objectives),
        "diff": diff,
        "diff_lines": [] if diff is None else diffs.lines(diff),
        "merged": bool(recipe) and reader.record().merged.issuperset(recipe),
        "by_hand": by_hand(reader.record(), recipe, reader.stack.trunk),
    }


PAGE = Page(name="recipes", path="/recipes", title="Recipes", content=content, menu="Recipes")
