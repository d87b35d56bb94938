"""What proposals do together, as pictures of a report: pairs, and sets to choose from."""

from __future__ import annotations

import itertools
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from mainstem.board.report_drawing import Drawing
from mainstem.board.report_tables import brief, brief_recipe
from mainstem.board.report_words import first
from mainstem.plots import numbers
from mainstem.plots.heatmap import Cell, Item, heatmap
from mainstem.plots.picture import Picture, table
from mainstem.plots.scatter import Kind, Point, scatter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Material = Mapping[str, Any]

MOST_PAIRED = 40
"""Proposals of a heatmap that is still read on paper."""

_COLUMNS = ("proposal", "other", "mean", "low", "high", "runs with both")
_FEW = 4


def interactions(found: Material) -> Iterator[Drawing]:
    """What pairs do to the first objective beyond the sum, ordered by component."""
    name, show = first(found), found["show"]
    pairs = [row for row in show["interactions"] if row["objective"] == name]
    margin = show["margins"].get(name)
    if margin is None or not pairs:
        return
    groups = {row["id"]: ", ".join(row["components"]) for row in show["proposals"]}
    names = _strongest(pairs, list(found["gains"]))
    together, broken = _together(found), _together(found, failed=True)
    title = f"What pairs of proposals do to {name} beyond the sum"
    draw = partial(
        heatmap,
        [Item(label=brief(proposal), group=groups.get(proposal, "")) for proposal in names],
        _cells(found, pairs, names, together, broken),
        margin=margin,
        title=title,
        description="Above 0: better together. The diagonal holds what each does alone.",
        unit=_units(found)[name],
    )
    rows = [
        [*row["pair"], row["mean"], row["low"], row["high"], together[frozenset(row["pair"])]]
        for row in pairs
    ]
    most = f" The {len(names)} with the strongest." if len(names) < len(found["gains"]) else ""
    yield Drawing(
        name="interactions",
        caption=f"Interactions in {name}, posterior; framed: the interval of 90% leaves out 0. The "
        "diagonal holds what each does alone. Hatched pairs never ran together: what is said of "
        f"them is the model's word.{_failing(pairs, together, broken)}{most}",
        picture=Picture(title=title, svg=draw(), **table(_COLUMNS, rows)),
        phone=draw(narrow=True),
    )


def _cells(
    found: Material,
    pairs: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    together: Counter[frozenset[str]],
    broken: Counter[frozenset[str]],
) -> dict[tuple[int, int], Cell]:
    """Pairs by the numbers of their proposals, and each proposal with itself."""
    place = {proposal: k for k, proposal in enumerate(names)}
    apart = [set(conflict["proposals"]) for conflict in found["show"]["conflicts"]]
    cells = {}
    for row in pairs:
        if not set(row["pair"]) <= place.keys():
            continue
        one, other = (place[proposal] for proposal in row["pair"])
        runs = together[frozenset(row["pair"])]
        cells[one, other] = Cell(
            value=row["mean"],
            low=row["low"],
            high=row["high"],
            tried=runs > 0,
            failed=not runs and broken[frozenset(row["pair"])] > 0,
            conflict=any(conflict <= set(row["pair"]) for conflict in apart),
            note=f"{numbers.plural(runs, 'run')} with both",
        )
    for proposal, k in place.items():
        gain = found["gains"][proposal]["alone"].get(first(found))
        if gain is not None:
            cells[k, k] = Cell(value=gain["mean"], low=gain["low"], high=gain["high"])
    return cells


def _failing(
    pairs: Sequence[Mapping[str, Any]],
    together: Counter[frozenset[str]],
    broken: Counter[frozenset[str]],
) -> str:
    """That some pairs were tried and only failed, where there are any."""
    named = (frozenset(row["pair"]) for row in pairs)
    count = sum(not together[pair] and broken[pair] > 0 for pair in named)
    return f" Hatched both ways: every run with both failed ({count})." if count else ""


def _together(found: Material, *, failed: bool = False) -> Counter[frozenset[str]]:
    """How many runs with both of a pair succeeded, or failed."""
    paired = {name for row in found["show"]["interactions"] for name in row["pair"]}
    ran = Counter(
        frozenset(t["recipe"]) & paired for t in found["trials"] if bool(t["values"]) is not failed
    )
    counts: Counter[frozenset[str]] = Counter()
    for recipe, times in ran.items():
        for pair in itertools.combinations(recipe, 2):
            counts[frozenset(pair)] += times
    return counts


def _strongest(pairs: Sequence[Mapping[str, Any]], names: list[str]) -> list[str]:
    """As many proposals as a heatmap has room for: those of the strongest pairs, as proposed."""
    if len(names) <= MOST_PAIRED:
        return names
    chosen: dict[str, None] = {}
    for row in sorted(pairs, key=lambda row: -abs(row["mean"])):
        if len(chosen) < MOST_PAIRED:
            chosen |= dict.fromkeys(row["pair"])
    return [name for name in names if name in chosen][:MOST_PAIRED]


def front(found: Material) -> Iterator[Drawing]:
    """The sets to choose from, by the first two objectives to improve."""
    show = found["show"]
    if len(show["improve"]) < 2 or len(show["front"]) < 2:
        return
    x, y = show["improve"][:2]
    units = _units(found)
    title = f"Sets by what they gain in {x} and {y}"
    draw = partial(
        scatter,
        [
            Point(label="the trunk", x=0.0, y=0.0, kind=Kind.TRUNK),
            *(
                _point(point["recipe"], point["objectives"][x], point["objectives"][y], best=k == 0)
                for k, point in enumerate(show["front"])
            ),
        ],
        title=title,
        description=f"{len(show['front'])} sets that no other beats, with intervals of 90%.",
        x_axis=f"gain in {x} ({units[x]})" if units[x] else f"gain in {x}",
        y_axis=f"gain in {y} ({units[y]})" if units[y] else f"gain in {y}",
    )
    rows = [
        [
            " + ".join(point["recipe"]),
            *(point["objectives"][name][end] for name in (x, y) for end in ("mean", "low", "high")),
            point["probability"],
            point["runs"],
        ]
        for point in show["front"]
    ]
    parts = [f"{name} {part}" for name in (x, y) for part in ("gain", "low", "high")]
    columns = ("set", *parts, "unbeaten", "runs")
    yield Drawing(
        name="front",
        caption="Each set keeps every guard, and no other is better by a margin in everything.",
        picture=Picture(title=title, svg=draw(), **table(columns, rows)),
        phone=draw(narrow=True),
    )


def _point(
    recipe: Sequence[str], across: Mapping[str, Any], up: Mapping[str, Any], *, best: bool
) -> Point:
    return Point(
        label=brief_recipe(recipe, most=_FEW),
        x=across["mean"],
        y=up["mean"],
        across=_ends(across),
        up=_ends(up),
        kind=Kind.BEST if best else Kind.FRONT,
    )


def _ends(gain: Mapping[str, Any]) -> tuple[float, float] | None:
    return None if gain["low"] is None else (gain["low"], gain["high"])


def _units(found: Material) -> dict[str | None, str]:
    return {o["name"]: o["unit"] for o in found["question"]["objectives"]}
