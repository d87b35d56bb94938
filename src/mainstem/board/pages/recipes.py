"""Recipes: the Pareto front with its uncertainty over any two objectives, and every set that ran.

A point leads to its set: the numbers on all objectives, its runs, what it changes in the trunk, and
how it can be merged or tried. Of what ran, numbers are means over runs; of the front they are the
landscape's, which knows more than the runs of one set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.board import diffs
from mainstem.board.chosen import chosen, joined
from mainstem.board.listing import listed
from mainstem.board.one_recipe import by_hand, one_recipe
from mainstem.board.page import NotHereError, Page
from mainstem.board.ran import by_recipe, gain
from mainstem.board.reader import Question
from mainstem.board.render import place
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
        NotHereError: A proposal of the chosen recipe is not in the campaign.
    """
    stack, campaign = reader.stack, reader.record().latest()
    names = [objective.name for objective in stack.objectives]
    axes = names if len(names) > 1 else [*names, SIZE]
    x = visit.word("x", among=tuple(axes), default=axes[0])
    y = visit.word("y", among=tuple(axes), default=next(n for n in axes if n != x))
    found: dict[str, Any] = {"names": axes, "x": x, "y": y, "campaign_of": campaign}
    if campaign is None:
        return {**found, "answer": None, "one": None, "listing": None}
    answer = reader.ask(Question.SHOW)
    ran = by_recipe(campaign)
    rows = _rows(ran, answer.body, stack.objectives)
    listing = listed(rows, visit, _keys(x, y), first="kind")
    return {
        **found,
        "answer": answer,
        "objectives": [o for o in stack.objectives if o.name in {x, y}],
        "listing": listing,
        "addresses": [_address(row["recipe"]) for row in listing.rows],
        "front": sum(row["kind"] in {Kind.FRONT, Kind.BEST} for row in rows),
        "drawn": min(len(rows), _POINTS),
        "picture": _picture(rows, stack.objectives, x, y),
        "hypervolume": None if answer.body is None else answer.body["hypervolume"],
        "one": _one(reader, visit, campaign, ran, answer.body),
    }


def _rows(
    ran: Mapping[frozenset[str], Ran], show: Body | None, objectives: Sequence[Objective]
) -> list[dict[str, Any]]:
    """Every recipe that ran or is on the front, with its gains on the trunk."""
    front = {} if show is None else {frozenset(p["recipe"]): p for p in show["front"]}
    best = None if show is None or show["best"] is None else frozenset(show["best"]["recipe"])
    noise = {} if show is None else show["noise_sd"]
    trunk = ran.get(frozenset())
    rows: list[dict[str, Any]] = []
    for recipe in {**ran, **dict.fromkeys(front)}:
        one, point = ran.get(recipe), front.get(recipe)
        measured = {
            o.name: None if one is None else gain(one, trunk, o, noise.get(o.name))
            for o in objectives
        }
        named = tuple(point["recipe"]) if one is None and point is not None else ()
        members: tuple[str, ...] = named if one is None else one.recipe
        rows.append(
            {
                "recipe": members,
                "kind": _kind(recipe, best, on_front=point is not None),
                "gains": measured if point is None else point["objectives"],
                "posterior": point is not None,
                "probability": None if point is None else point["probability"],
                "runs": 0 if one is None else len(one.trials),
                "failed": 0 if one is None else len(one.failed),
            }
        )
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


def _along(row: Body, axis: str) -> Body | None:
    """A recipe's number on an axis, as an estimate; None where it is not known."""
    if axis == SIZE:
        size = len(row["recipe"])
        return {"mean": size, "low": size, "high": size, "unit": ""}
    found: Body | None = row["gains"].get(axis)
    return found


def _keys(x: str, y: str) -> dict[str, Callable[[Body], Any]]:
    """What each column of the table is sorted by."""
    order = [Kind.BEST, Kind.FRONT, Kind.TRUNK, Kind.RAN]

    def value(axis: str) -> Callable[[Body], Any]:
        def of(row: Body) -> float | None:
            found = _along(row, axis)
            return None if found is None else float(found["mean"])

        return of

    first = value(x)
    return {
        "kind": lambda row: (order.index(row["kind"]), -(first(row) or 0.0)),
        "x": first,
        "y": value(y),
        "runs": lambda row: row["runs"],
        "size": lambda row: len(row["recipe"]),
    }


def _picture(rows: Sequence[Body], objectives: Sequence[Objective], x: str, y: str) -> str | None:
    """The scatter; None while no recipe has a number on both axes."""
    units = {o.name: o.unit for o in objectives}
    known = [
        (row, across, up)
        for row in rows
        if (across := _along(row, x)) is not None and (up := _along(row, y)) is not None
    ]
    if not known:
        return None
    # What is on the front comes first, then what gains most; the table has the others.
    known.sort(key=lambda one: (one[0]["kind"] is Kind.RAN, -one[1]["mean"]))
    return scatter(
        [_point(*one) for one in known[:_POINTS]],
        title=f"Recipes by {x} and {y}",
        description="Gains on the trunk with 90% intervals; the table below has the numbers.",
        x_axis=_axis(x, units),
        y_axis=_axis(y, units),
    )


def _point(row: Body, across: Body, up: Body) -> Point:
    return Point(
        label=said(row["recipe"], most=4),
        x=across["mean"],
        y=up["mean"],
        across=_ends(across),
        up=_ends(up),
        kind=row["kind"],
        href=_address(row["recipe"]),
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
    wanted = chosen(visit.query["recipe"])
    missing = [one for one in wanted if one not in order]
    if missing:
        raise NotHereError(f"campaign {campaign.id} has no proposal {missing[0]!r}")
    recipe = tuple(sorted(wanted, key=order.__getitem__))
    diff = diffs.wanted(reader, recipe, visit) if recipe else None
    return {
        **one_recipe(recipe, ran, show, reader.stack.objectives),
        "diff": diff,
        "diff_lines": [] if diff is None else diffs.lines(diff),
        "merged": bool(recipe) and reader.record().merged.issuperset(recipe),
        "by_hand": by_hand(reader.record(), recipe, reader.stack.trunk),
    }


PAGE = Page(name="recipes", path="/recipes", title="Recipes", content=content, menu="Recipes")
