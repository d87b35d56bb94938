"""Pictures of what an `Integrator` knows, for notebooks: each with its numbers.

The same pictures as the board's. Nothing is worked out here that the `Integrator` does not say.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from mainstem.domain.stack import Role
from mainstem.domain.verdict import VerdictKind
from mainstem.plots.gains import Gain, gains
from mainstem.plots.heatmap import Cell, Item, heatmap
from mainstem.plots.numbers import brief, recipe as said
from mainstem.plots.picture import Picture, table
from mainstem.plots.scatter import Kind, Point, scatter

if TYPE_CHECKING:
    from mainstem.domain.recipe import Recipe
    from mainstem.domain.stack import Objective
    from mainstem.domain.verdict import Estimate
    from mainstem.integrator import Integrator

MOST_OTHERS = 300
"""So many recipes that are not on the front are drawn, those that ran first."""


MOST_PROPOSALS = 60
"""So many have rows in a heatmap."""

_SHOWN = 60  # characters of a value of the wrong kind


def effects(integrator: Integrator, objective: str | None = None) -> Picture:
    """What each proposal does alone on the trunk, the largest gain on top, by verdict.

    Args:
        integrator: What is known.
        objective: On which objective; None for the first that is to be improved.

    Raises:
        TypeError: What is given is not of the kind that the arguments say.
        ValueError: There is no such objective.
    """
    one = _objective(integrator, objective)
    verdicts = integrator.verdicts()
    found = [e for e in integrator.effects(pairs=False) if e.objective == one.name]
    found.sort(key=lambda effect: -effect.mean)
    kinds = {name: verdicts[name].kind for e in found for name in e.proposals if name in verdicts}
    groups = [kind for kind in VerdictKind if kind in kinds.values()]
    rows, drawn = [], []
    for effect in found:
        (name,) = effect.proposals
        kind = kinds.get(name)
        rows.append((name, kind, one.name, effect.mean, effect.low, effect.high, one.unit))
        group = groups.index(kind) if kind else len(groups)
        drawn.append(
            Gain(label=name, value=effect.mean, low=effect.low, high=effect.high, group=group)
        )
    margin = integrator.margins().get(one.name)
    title = f"Effect of each proposal on {one.name}, alone on the trunk"
    picture = gains(
        drawn,
        groups=[*groups, *(["in the trunk"] if len(kinds) < len(found) else [])],
        lines={} if margin is None else {"margin": margin},
        title=title,
        description=f"{_intervals(integrator)} above 0 is better. {_listed(drawn)}",
        axis=f"gain on {_unit(one)}",
    )
    columns = ("proposal", "verdict", "objective", "mean", "low", "high", "unit")
    return Picture(title=title, svg=picture, **table(columns, rows))


def interactions(
    integrator: Integrator,
    objective: str | None = None,
    *,
    components: Mapping[str, str] | None = None,
) -> Picture:
    """What two proposals do together beyond the sum of both, and on the diagonal each alone.

    Of more than 60 proposals those that do most alone.

    Args:
        integrator: What is known.
        objective: On which objective; None for the first that is to be improved.
        components: What proposals are ordered and set apart by; None: as they were proposed.

    Raises:
        TypeError: What is given is not of the kind that the arguments say.
        ValueError: There is no such objective.
    """
    one = _objective(integrator, objective)
    if components is not None and not isinstance(components, Mapping):
        raise TypeError(
            f"components is a mapping of proposals to what they touch, not {_what(components)}"
        )
    names, ran = _clearest(integrator, one), integrator.runs()
    place = {name: k for k, name in enumerate(names)}
    cells: dict[tuple[int, int], Cell] = {}
    rows: list[tuple[str | float | None, ...]] = []
    for effect in integrator.effects(among=itertools.combinations(names, 2)):
        if effect.objective != one.name or not effect.proposals <= place.keys():
            continue
        pair = sorted(place[name] for name in effect.proposals)
        first, last = pair[0], pair[-1]
        together = sum(count for recipe, count in ran.items() if effect.proposals <= recipe)
        cells[first, last] = Cell(
            value=effect.mean,
            low=effect.low,
            high=effect.high,
            tried=together > 0,
            note=f"{together} {'run' if together == 1 else 'runs'} with {_both(pair)}",
        )
        ends = (effect.mean, effect.low, effect.high)
        rows.append((names[first], names[last], one.name, *ends, one.unit, together))
    groups, many = components or {}, len(integrator.proposals)
    title = f"What pairs of proposals do to {one.name} beyond the sum"
    picture = heatmap(
        [Item(label=name, group=groups.get(name, "")) for name in names],
        cells,
        margin=integrator.margins().get(one.name, 0.0),
        title=title,
        description=(
            f"{_intervals(integrator)} above 0: better together than the sum. The diagonal holds "
            "what each does alone. Hatched pairs never ran together: the model's word."
            + (f" The {MOST_PROPOSALS} that do most alone." if len(names) < many else "")
        ),
        unit=one.unit,
    )
    columns = ("proposal", "other", "objective", "mean", "low", "high", "unit", "runs")
    return Picture(title=title, svg=picture, **table(columns, rows))


def _clearest(integrator: Integrator, objective: Objective) -> list[str]:
    """As many proposals as a heatmap has room for: those that do most alone, as proposed."""
    size = {
        name: abs(effect.mean)
        for effect in integrator.effects(pairs=False)
        if effect.objective == objective.name
        for name in effect.proposals
    }
    most = sorted(integrator.proposals, key=lambda name: -size.get(name, 0.0))[:MOST_PROPOSALS]
    return [name for name in integrator.proposals if name in set(most)]


def front(integrator: Integrator, x: str | None = None, y: str | None = None) -> Picture:
    """Recipes by what they gain on two objectives: the Pareto front, the best, what ran beside.

    Args:
        integrator: What is known.
        x: The objective to the right; None for the first that is to be improved.
        y: The objective above; None for the next one.

    Raises:
        TypeError: What is given is not of the kind that the arguments say.
        ValueError: There is no such objective, there is only one, or both are the same.
    """
    across = _objective(integrator, x)
    others = [o.name for o in _by_role(integrator) if o.name != across.name]
    if y is None and not others:
        raise ValueError(f"{across.name!r} is the only objective: a front is drawn over two")
    up = _objective(integrator, others[0] if y is None else y)
    if up.name == across.name:
        raise ValueError(f"x and y are both {across.name!r}: name two objectives")
    best = integrator.recommend().recipe
    recipes = _recipes(integrator, best)
    rows, points = [], []
    for recipe, kind, gain in recipes:
        one, other = gain[across.name], gain[up.name]
        label = said([name for name in integrator.proposals if name in recipe])
        ends = (one.mean, one.low, one.high, other.mean, other.low, other.high)
        rows.append((label, kind, *ends))
        points.append(
            Point(
                label=label,
                x=one.mean,
                y=other.mean,
                across=_ends(one),
                up=_ends(other),
                kind=kind,
            )
        )
    title = f"Recipes by what they gain on {across.name} and {up.name}"
    picture = scatter(
        points,
        title=title,
        description=(
            f"{_intervals(integrator)} over the trunk, above 0 is better. "
            f"{sum(kind in {Kind.FRONT, Kind.BEST} for _, kind, _ in recipes)} recipes are on the "
            f"front; the best set is {said(sorted(best))}."
        ),
        x_axis=f"gain on {_unit(across)}",
        y_axis=f"gain on {_unit(up)}",
    )
    columns = ["recipe", "kind"]
    columns += [f"{name} {part}" for name in (across.name, up.name) for part in _PARTS]
    return Picture(title=title, svg=picture, **table(columns, rows))


_PARTS = ("mean", "low", "high")


def credit(
    integrator: Integrator, objective: str | None = None, *, members: Iterable[str] | None = None
) -> Picture:
    """How the gain of a recipe is divided over its members, the largest part on top.

    Args:
        integrator: What is known.
        objective: On which objective; None for the first that is to be improved.
        members: The recipe; None: what the trunk holds, or the recommended one if that is nothing.

    Raises:
        TypeError: What is given is not of the kind that the arguments say.
        ValueError: There is no such objective, or no such proposal.
        ModuleNotFoundError: Many members, which takes the extra `credit`.
    """
    one = _objective(integrator, objective)
    if isinstance(members, str) or not isinstance(members, Iterable | None):
        raise TypeError(f"members are names of proposals, each a text, not {_what(members)}")
    chosen = (integrator.held or integrator.recommend().recipe) if members is None else members
    divided = [c for c in integrator.credit(chosen) if c.objective == one.name]
    parts = [part for c in divided for part in c.members]
    parts.sort(key=lambda part: -part.value.mean)
    drawn = [_gain(part.proposal, part.value, 0) for part in parts]
    drawn += [_gain("all together", c.total, 1) for c in divided]
    title = f"Credit for the gain on {one.name}"
    picture = gains(
        drawn,
        groups=["earned", "the gain that is divided"],
        lines={},
        title=title,
        description=f"Shapley values with {_intervals(integrator)} {_listed(drawn)}",
        axis=f"gain on {_unit(one)}",
    )
    rows = [(g.label, one.name, g.value, g.low, g.high, one.unit) for g in drawn]
    columns = ("proposal", "objective", *_PARTS, "unit")
    return Picture(title=title, svg=picture, **table(columns, rows))


def _gain(label: str, value: Estimate, group: int) -> Gain:
    return Gain(label=label, value=value.mean, low=value.low, high=value.high, group=group)


def _recipes(
    integrator: Integrator, best: Recipe
) -> list[tuple[Recipe, Kind, Mapping[str, Estimate]]]:
    """The front, the best, the trunk, and what ran beside; none while the trunk has no run."""
    trunk = integrator.held
    kinds = {point.recipe: Kind.FRONT for point in integrator.front().points}
    others = [recipe for recipe in integrator.runs() if recipe not in kinds]
    kinds |= dict.fromkeys(others[:MOST_OTHERS], Kind.RAN)
    kinds |= {best: Kind.BEST}
    kinds |= {trunk: Kind.TRUNK}
    found = [(recipe, kind, integrator.gain(recipe)) for recipe, kind in kinds.items()]
    return [(recipe, kind, gain) for recipe, kind, gain in found if gain]


def _by_role(integrator: Integrator) -> list[Objective]:
    """What is to be improved first."""
    return sorted(integrator.objectives, key=lambda o: o.role is not Role.IMPROVE)


def _objective(integrator: Integrator, name: str | None) -> Objective:
    """The objective of that name; of every argument what is wrong is said here, before any work.

    Raises:
        TypeError: There is no `Integrator` to draw.
        ValueError: There is no such objective.
    """
    # Loads the statistics, which whoever has an `Integrator` has loaded.
    from mainstem.integrator import Integrator

    if not isinstance(integrator, Integrator):
        raise TypeError(
            f"plots draw what a mainstem.Integrator knows; the first argument is "
            f"{_what(integrator)}"
        )
    known = _by_role(integrator)
    if name is None:
        return known[0]
    found = next((o for o in known if o.name == name), None)
    if found is None:
        listed = ", ".join(o.name for o in known)
        raise ValueError(f"no objective is called {name!r}; there are {listed}")
    return found


def _what(given: object) -> str:
    """A value of the wrong kind, in a few words."""
    return f"{brief(repr(given), _SHOWN)}, of the type {type(given).__name__}"


def _both(pair: list[int]) -> str:
    return "it" if len(pair) == 1 else "both"


def _ends(estimate: Estimate) -> tuple[float, float] | None:
    low, high = estimate.low, estimate.high
    return None if low is None or high is None else (low, high)


def _unit(objective: Objective) -> str:
    return f"{objective.name} ({objective.unit})" if objective.unit else objective.name


def _intervals(integrator: Integrator) -> str:
    levels = {effect.level for effect in itertools.islice(integrator.effects(pairs=False), 1)}
    level = next(iter(levels), 0.9)
    return f"Posterior means with {level:.0%} intervals;"


def _listed(drawn: list[Gain]) -> str:
    return "; ".join(f"{one.label} {one.value:+.3g}" for one in drawn[:12]) + "."
