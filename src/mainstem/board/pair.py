"""Two proposals: what they do together beyond the sum, by the landscape and by the runs alone.

The four recipes that an interaction is made of, neither, one, the other and both, each with its
runs; and how often the two met in larger sets, which the landscape learns from as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.board.ran import by_recipe, gain, interaction, mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.stack import Objective
    from mainstem.engine.record import CampaignRecord

    Body = Mapping[str, Any]

_MET = 40
"""Runs that hold both in a larger set and are named; the count is of all."""


def pair(
    ids: tuple[str, str],
    campaign: CampaignRecord,
    objective: Objective,
    *,
    rows: Sequence[Body],
    sd: float | None,
) -> dict[str, Any]:
    """What is known of two proposals on one objective.

    Args:
        ids: The two, in the order of proposing.
        campaign: Where they ran.
        objective: On which objective.
        rows: Interactions, as `show` has them.
        sd: Run-to-run sd of the objective, in its unit; None if it is not known.

    Returns:
        `value`: the landscape's estimate or None; `four`: a row per recipe with its runs, its mean
        and its gain on the trunk; `direct`: the interaction from these means alone, None unless all
        four ran; `met`: names of runs that hold both and others, `failed` those that did not run.
    """
    ran = by_recipe(campaign)
    a, b = ids
    recipes: tuple[tuple[str, ...], ...] = ((), (a,), (b,), (a, b))
    four = [ran.get(frozenset(recipe)) for recipe in recipes]
    wanted = frozenset(ids)
    held = [(recipe, one) for recipe, one in ran.items() if wanted <= recipe]
    larger = [one for recipe, one in held if recipe != wanted]
    met = [trial for one in larger for trial in one.trials]
    value = next(
        (
            {**row, "unit": objective.unit}
            for row in rows
            if frozenset(row["pair"]) == wanted and row["objective"] == objective.name
        ),
        None,
    )
    return {
        "ids": ids,
        "value": value,
        "four": [
            {
                "recipe": recipe,
                "trials": [] if one is None else one.trials,
                "failed": [] if one is None else one.failed,
                "mean": None if one is None else mean(one, objective, sd),
                "gain": None if one is None else gain(one, four[0], objective, sd),
            }
            for recipe, one in zip(recipes, four, strict=True)
        ],
        "direct": interaction(four, objective, sd),
        "met": met[:_MET],
        "times": len(met),
        "failed": [trial for _, one in held for trial in one.failed],
    }
