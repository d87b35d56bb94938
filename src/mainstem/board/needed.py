"""What would change a verdict, said from the data: distances, missing runs, and fresh pairs.

The words of a verdict say why it stands. Whoever filed the proposal wants to know how far it is
from another one: how much of a margin is missing, which recipe nobody ran, how many pairs a proof
would take. All of it is worked out from what is shown, and decides nothing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.board.words import amount
from mainstem.decisions.confirm import pairs_needed
from mainstem.domain.stack import Role
from mainstem.domain.trial import Purpose
from mainstem.plots import numbers
from mainstem.stats import evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mainstem.board.ran import Ran
    from mainstem.domain.stack import Stack
    from mainstem.engine.record import CampaignRecord

    Body = Mapping[str, Any]

MOST_PAIRS = 150
"""A campaign gives no candidate more pairs."""


def distances(why: Body, stack: Stack) -> list[str]:
    """How far its gain alone is from a margin, objective by objective; nothing without a run.

    Args:
        why: The JSON of `why`.
        stack: The stack's description.
    """
    if not why["measured"]:
        return []
    said = []
    for objective in stack.objectives:
        gain, margin = why["gain"].get(objective.name), why["margins"].get(objective.name)
        if gain is None or margin is None or gain["low"] is None or gain["high"] is None:
            continue
        far = _gains if objective.role is Role.IMPROVE else _tolerated
        text = far(gain, margin, objective.unit)
        if text:
            said.append(f"{objective.name}: {text}")
    return said


def _gains(gain: Body, margin: float, unit: str) -> str:
    """What an objective to improve lacks of a gain of a margin, or is too much of a loss."""
    whole = amount(margin, unit)
    if gain["low"] >= margin:
        return f"alone it gains the margin of {whole} or more, to the lower end of its interval"
    if gain["high"] < -margin:
        over = amount(-margin - gain["high"], unit)
        return f"alone it loses more than the margin of {whole}, by {over} even at the upper end"
    if gain["high"] < margin:
        short = amount(margin - gain["high"], unit)
        return f"the upper end of its interval alone is {short} short of the margin of {whole}"
    return (
        f"its interval alone, {numbers.estimate(gain)}, holds the margin of {whole}: "
        "more runs would settle it"
    )


def _tolerated(gain: Body, margin: float, unit: str) -> str:
    """What a guard's loss is beyond what is tolerated; nothing where it is surely within."""
    whole = amount(margin, unit)
    if gain["high"] < -margin:
        over = amount(-margin - gain["high"], unit)
        return f"it loses {over} more than the {whole} that are tolerated, even at the upper end"
    if gain["low"] < -margin:
        return (
            f"its interval alone, {numbers.estimate(gain)}, goes beyond the loss of {whole} that "
            "is tolerated: more runs would settle it"
        )
    return ""


def beside(why: Body, interactions: Sequence[Body], stack: Stack) -> list[str]:
    """For each proposal that its verdict names: what the two would have to do together.

    Together they gain a margin more than the other one alone if the interaction is above margin
    less gain.

    Args:
        why: The JSON of `why`.
        interactions: Those of `show` or of `interactions`.
        stack: The stack's description.
    """
    if not why["measured"]:
        return []
    improve = {o.name: o for o in stack.objectives if o.role is Role.IMPROVE}
    said = []
    for row in interactions:
        others = [one for one in row["pair"] if one != why["id"]]
        if len(others) != 1 or others[0] not in why["with"] or row["objective"] not in improve:
            continue
        gain, margin = why["gain"].get(row["objective"]), why["margins"].get(row["objective"])
        if gain is None or margin is None or row["mean"] >= margin - gain["mean"]:
            continue
        unit = improve[row["objective"]].unit
        least = margin - gain["mean"]
        text = numbers.number(least, numbers.digits(margin), signed=True)
        said.append(
            f"beside {others[0]}: an interaction above {text} {unit}".rstrip()
            + f" on {row['objective']}, where it is "
            + numbers.estimate({**row, "unit": unit})
        )
    return said


def missing(
    why: Body, ran: Mapping[frozenset[str], Ran]
) -> list[tuple[str, tuple[str, ...], list[str]]]:
    """The recipes that speak most directly of it: what each is for, the recipe, its runs so far.

    Args:
        why: The JSON of `why`.
        ran: What ran, by recipe.
    """
    best = [] if why["best"] is None else list(why["best"]["recipe"])
    own = why["id"]
    rest = [one for one in best if one != own]
    wanted: list[tuple[str, tuple[str, ...]]] = [("alone", (own,))]
    if rest:
        wanted.append(("with the best set", (*rest, own)))
        wanted.append(("the best set without it", tuple(rest)))
    wanted += [(f"with {other}", (other, own)) for other in why["with"]]
    found = []
    for said, recipe in wanted:
        one = ran.get(frozenset(recipe))
        found.append((said, recipe, [] if one is None else one.trials))
    return found


def pairs(
    why: Body, noise_sd: Mapping[str, float], stack: Stack, number: int
) -> dict[str, float | None] | None:
    """About how many fresh pairs a proof of it alone would take; None where that is not known.

    Args:
        why: The JSON of `why`.
        noise_sd: Run-to-run sd per objective, in its unit.
        stack: The stack's description.
        number: The number that it would have as a candidate.

    Returns:
        `expected` if its gains are the means, `fewest` at the upper ends of their intervals, `most`
        at the lower ends; None for never.
    """
    names = [objective.name for objective in stack.objectives]
    if not why["measured"] or any(
        name not in known for known in (why["gain"], why["margins"], noise_sd) for name in names
    ):
        return None
    margins = np.array([why["margins"][name] for name in names])
    sd = np.array([noise_sd[name] for name in names]) / margins
    improve = tuple(j for j, o in enumerate(stack.objectives) if o.role is Role.IMPROVE)
    bar = math.log(evidence.spending(number) / stack.decisions.alpha)

    def needed(end: str) -> float | None:
        ends = [why["gain"][name][end] for name in names]
        if any(value is None for value in ends):
            return None
        found = pairs_needed(np.array(ends) / margins, sd, improve=improve, log_threshold=bar)
        return found if math.isfinite(found) else None

    return {"expected": needed("mean"), "fewest": needed("high"), "most": needed("low")}


def proof(needed: Mapping[str, float | None] | None) -> str:
    """The same in a sentence; nothing where it is not known."""
    if needed is None:
        return ""
    expected, fewest, most = needed["expected"], needed["fewest"], needed["most"]
    if expected is None and fewest is None:
        return (
            "alone it could not be proved: at no end of its intervals it gains within every margin"
        )
    if expected is None:
        return (
            "with the means of its intervals it could not be proved alone; at their upper ends "
            f"about {numbers.plural(round(fewest or 0.0), 'fresh pair')} would do"
        )
    said = f"alone a proof would take about {numbers.plural(round(expected), 'fresh pair')}"
    if expected > MOST_PAIRS:
        said += f", more than the {MOST_PAIRS} that a candidate is given,"
    said += " if its gains are the means"
    if fewest is not None:
        worst = "it would never be proved" if most is None else f"{round(most)}"
        said += f"; at the upper ends of the intervals {round(fewest)}, at the lower ends {worst}"
    return said


def next_number(campaign: CampaignRecord | None) -> int:
    """The number that the next candidate of a campaign would have."""
    return 1 + len(set(_confirmed(campaign)))


def _confirmed(campaign: CampaignRecord | None) -> Iterator[frozenset[str]]:
    """The recipes that fresh pairs were asked for."""
    for asked in () if campaign is None else campaign.asked():
        if asked.trial.purpose is Purpose.CONFIRM and asked.trial.recipe:
            yield asked.trial.recipe
