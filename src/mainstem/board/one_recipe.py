"""One recipe: its numbers on all objectives, by its runs, by the landscape, and by fresh pairs.

Three words on one gain, kept apart: the mean over its own runs, which anybody can work out again;
the landscape's, which knows of all other runs as well; and that of fresh pairs, which decides.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from mainstem.board.ran import gain, mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.board.ran import Ran
    from mainstem.domain.stack import Objective
    from mainstem.engine.record import Record

    Body = Mapping[str, Any]


def one_recipe(
    recipe: tuple[str, ...],
    ran: Mapping[frozenset[str], Ran],
    show: Body | None,
    objectives: Sequence[Objective],
) -> dict[str, Any]:
    """What is known of a recipe.

    Args:
        recipe: Its members, in the order of proposing; none are the trunk.
        ran: What ran, by recipe.
        show: The JSON of `show`; None while it is not known.
        objectives: The stack's.

    Returns:
        `numbers`: a row per objective with `mean`, `gain` (by its runs), `posterior` and `fresh`,
        each an ESTIMATE or None; `point`: its row of the front; `best`: that of `show` if it is
        that set.
    """
    key = frozenset(recipe)
    known: Body = show or {"front": (), "best": None, "noise_sd": {}, "margins": {}}
    point = next((p for p in known["front"] if frozenset(p["recipe"]) == key), None)
    best = known["best"]
    if best is None or not recipe or frozenset(best["recipe"]) != key:
        best = None
    one, trunk = ran.get(key), ran.get(frozenset())
    numbers = []
    for objective in objectives:
        name, sd = objective.name, known["noise_sd"].get(objective.name)
        numbers.append(
            {
                "objective": objective,
                "margin": known["margins"].get(name),
                "mean": None if one is None else mean(one, objective, sd),
                "gain": None if one is None else gain(one, trunk, objective, sd),
                "posterior": None if point is None else point["objectives"].get(name),
                "fresh": best["gain"].get(name) if best and best["confirmed"] else None,
            }
        )
    return {
        "recipe": recipe,
        "numbers": numbers,
        "point": point,
        "best": best,
        "trials": [] if one is None else one.trials,
        "failed": [] if one is None else one.failed,
    }


def by_hand(record: Record, recipe: Sequence[str], trunk: str) -> str | None:
    """Commands that make a recipe a branch and try it; None if the trunk has all of it.

    Commits are named and not branches, which may have moved since.

    Args:
        record: What the ledger holds.
        recipe: Ids of proposals.
        trunk: The trunk's branch.
    """
    missing = set(recipe) - record.merged
    commits = [p.commit[:10] for p in record.in_order() if p.id in missing]
    if not commits:
        return None
    start = f"git checkout -b try-these {shlex.quote(trunk)}"
    return f"{start} && git merge {' '.join(commits)} && mainstem try try-these"
