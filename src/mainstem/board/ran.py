"""What was run: recipe by recipe, with means and intervals, and what was never tried.

Pages show the landscape's word on effects, which knows more than a mean; here stands beside it what
was measured and nothing else, so that whoever doubts the landscape can look at the runs.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from mainstem.board.once import once

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from mainstem.domain.stack import Objective
    from mainstem.engine.record import CampaignRecord

    Values = Mapping[str, float]

LEVEL = 0.9
"""Coverage of intervals of means, for Gaussian noise: that of all other intervals here."""


@dataclass(kw_only=True, slots=True)
class Ran:
    """What was run of one recipe, at the rung that confirms.

    Attributes:
        recipe: Its members, in the order of proposing.
        trials: Names of the runs that succeeded, in the order of asking.
        values: Their raw values, in the same order.
        failed: Names of those that failed.
    """

    recipe: tuple[str, ...]
    trials: list[str] = field(default_factory=list)
    values: list[Values] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    _averages: dict[str, tuple[float, int] | None] = field(default_factory=dict, repr=False)

    def average(self, name: str) -> tuple[float, int] | None:
        """The mean of an objective and of how many runs; None without one. Worked out once."""
        if len(self.values) == 1:  # as most recipes ran once
            known = self.values[0].get(name)
            return None if known is None else (known, 1)
        if name not in self._averages:
            found = [values[name] for values in self.values if name in values]
            self._averages[name] = (math.fsum(found) / len(found), len(found)) if found else None
        return self._averages[name]


def by_recipe(campaign: CampaignRecord | None) -> Mapping[frozenset[str], Ran]:
    """Every recipe that ran on a campaign's trunk, in the order of the first run.

    Runs of earlier campaigns and of others count where they were carried over whole.
    """
    return {} if campaign is None else _by_recipe(campaign)


@once
def _by_recipe(campaign: CampaignRecord) -> Mapping[frozenset[str], Ran]:
    found: dict[frozenset[str], Ran] = {}
    place = {str(proposal): at for at, proposal in enumerate(campaign.proposals)}
    for recipe, trial, values in _runs(campaign):
        one = found.get(recipe)
        if one is None:
            one = found[recipe] = Ran(recipe=tuple(sorted(recipe, key=place.__getitem__)))
        if values is None:
            one.failed.append(trial)
        else:
            one.trials.append(trial)
            one.values.append(values)
    return found


def _runs(campaign: CampaignRecord) -> Iterator[tuple[frozenset[str], str, Values | None]]:
    """The recipe, the trial and what it measured, of every run at the rung that confirms."""
    known = frozenset(campaign.proposals)
    for row in campaign.inherited:
        recipe = frozenset(row["recipe"])
        if row.get("without") or row.get("rung") not in {None, campaign.rung} or recipe - known:
            continue
        yield recipe, row["trial"], row["values"]
    for asked, result in campaign.ended_trials():
        if campaign.rung_of(asked.trial) == campaign.rung and asked.tree is not None:
            yield asked.trial.recipe, asked.name, result.values


def mean(ran: Ran, objective: Objective, sd: float | None) -> dict[str, Any] | None:
    """The raw mean over a recipe's runs, as an estimate; None if none succeeded.

    Its interval comes of the noise of all runs, so that one run has one as well: mean +- z sd /
    sqrt(n). Without a known sd it has none.

    Args:
        ran: What was run.
        objective: Of which objective.
        sd: Run-to-run sd in its unit; 0 where runs agree, None if it is not known.
    """
    found = ran.average(objective.name)
    if found is None:
        return None
    half = None if sd is None else _half(sd, (found[1],))
    return _estimate(found[0], half, objective)


def gain(
    ran: Ran, trunk: Ran | None, objective: Objective, sd: float | None
) -> dict[str, Any] | None:
    """How much better a recipe's mean is than the trunk's; None where one is missing.

    Args:
        ran: What was run of it.
        trunk: What was run of the trunk.
        objective: Of which objective.
        sd: As above.
    """
    at = ran.average(objective.name)
    base = None if trunk is None else trunk.average(objective.name)
    if at is None or base is None:
        return None
    if ran is trunk:
        return _estimate(0.0, 0.0, objective)
    half = None if sd is None else _half(sd, (at[1], base[1]))
    return _estimate(objective.sign * (at[0] - base[0]), half, objective)


def gained(ran: Ran, trunk: Ran | None, objective: Objective) -> float | None:
    """The same without its interval, which is half of the work."""
    at = ran.average(objective.name)
    base = None if trunk is None else trunk.average(objective.name)
    if at is None or base is None:
        return None
    return objective.sign * (at[0] - base[0])


@once
def gains(campaign: CampaignRecord, objective: Objective) -> Mapping[frozenset[str], float | None]:
    """The same of every recipe that ran, by recipe."""
    ran = by_recipe(campaign)
    trunk = ran.get(frozenset())
    return {recipe: gained(one, trunk, objective) for recipe, one in ran.items()}


def interaction(
    four: Sequence[Ran | None], objective: Objective, sd: float | None
) -> dict[str, Any] | None:
    """f(ab) - f(a) - f(b) + f(neither) from means alone; None unless all four ran.

    Args:
        four: Neither, a, b, both.
        objective: Of which objective.
        sd: As above.
    """
    found = [None if one is None else one.average(objective.name) for one in four]
    known = [one for one in found if one is not None]
    if len(known) < len(four):
        return None
    neither, a, b, both = (value for value, _ in known)
    half = None if sd is None else _half(sd, [runs for _, runs in known])
    return _estimate(objective.sign * (both - a - b + neither), half, objective)


_Z = NormalDist().inv_cdf(0.5 + 0.5 * LEVEL)


def _half(sd: float, runs: Collection[int]) -> float:
    """Half the width of the interval of a sum of means over so many runs each."""
    return _Z * sd * math.sqrt(math.fsum(1.0 / n for n in runs))


def _estimate(value: float, half: float | None, objective: Objective) -> dict[str, Any]:
    return {
        "mean": value,
        "low": None if half is None else value - half,
        "high": None if half is None else value + half,
        "level": LEVEL,
        "unit": objective.unit,
    }


def holders(campaign: CampaignRecord | None) -> Mapping[str, int]:
    """By proposal, which runs that succeeded hold it: bit k is the k-th run.

    Of thousands of runs and of proposals, the runs that hold two are a matter of one `&`.
    """
    return {} if campaign is None else _holders(campaign)


@once
def _holders(campaign: CampaignRecord) -> Mapping[str, int]:
    return holding(recipe for recipe, _, values in _runs(campaign) if values is not None)


def holding(recipes: Iterable[Collection[str]]) -> dict[str, int]:
    """By proposal, which recipes hold it: bit k is the k-th of them."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    count = 0
    for count, recipe in enumerate(recipes, start=1):
        for member in recipe:
            found[member].append(count - 1)
    return {member: _bits(at, count) for member, at in found.items()}


def _bits(places: Sequence[int], count: int) -> int:
    """A number with these bits of so many set; bit by bit, each step would copy all of them."""
    found = bytearray(count // 8 + 1)
    for at in places:
        found[at >> 3] |= 1 << (at & 7)
    return int.from_bytes(found, "little")


def partners(campaign: CampaignRecord | None, order: Sequence[str]) -> list[int]:
    """With whom each of these proposals ran, itself too: bit k is the k-th of them.

    Args:
        campaign: Where they ran.
        order: All proposals of the campaign, in any order.
    """
    place = {proposal: k for k, proposal in enumerate(order)}
    found = [0] * len(order)
    for recipe, _, values in () if campaign is None else _runs(campaign):
        if values is not None:
            held = [place[member] for member in recipe]
            bits = 0
            for k in held:
                bits |= 1 << k
            for k in held:
                found[k] |= bits
    return found


def together(held: Mapping[str, int], a: str, b: str) -> int:
    """How many runs that succeeded hold both."""
    return (held.get(a, 0) & held.get(b, 0)).bit_count()
