"""Silos: each team optimises its own part, and the parts are put together at the end.

Teams own `width` components each and have budgets by the number of their proposals; the trunk's
runs, which all need, are nobody's. Meanwhile nobody sees the others' work: a team climbs from the
trunk as `greedy` does, over its own proposals alone. At the end the parts are put together.
Decentralised search with reintegration is the subject of Siggelkow and Levinthal (2003,
Organization Science 14:650); how it fails where parts interact, of Ethiraj and Levinthal (2004,
Management Science 50:159).

A team's metric is the shared score, or (`own`) one objective of its own, in turn over all
objectives: the speed team looks at speed. The fairest reading of the end is that the whole is
`checked`: it runs beside the trunk, at least so often and with all that teams left over. It is
merged if its score is better and no margin is lost; else the part that looked best to its team is.
Unchecked, all parts are merged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.campaign import Act, Decision
from mainstem.lab.policies.evidence import compare
from mainstem.lab.policies.policy import no_runs

if TYPE_CHECKING:
    from mainstem.lab.desk import Desk
    from mainstem.lab.landscapes.landscape import BoolArray
    from mainstem.lab.policies.evidence import Evidence

METRICS = ("shared", "own")


@dataclass(eq=False)
class _Team:
    """A team at work: what is its own, what it holds to be good, what it has left."""

    number: int
    places: BoolArray
    recipe: BoolArray
    left: int
    queue: list[int] = field(default_factory=list)
    passes: int = 0
    at: int | None = None


@dataclass(kw_only=True)
class Silos:
    """Teams that do not look at each other.

    Attributes:
        width: Components of a team.
        seeds: Runs of each recipe in a team's first pass, or what it can pay for; each later pass
            takes one more.
        metric: `shared` or `own`.
        checked: Least runs of the whole and of the trunk at the end; 0: nothing is checked.
        name: What it is called in tables.

    Raises:
        ValueError: Width or seeds are below 1, checked is below 0, or there is no such metric.
    """

    width: int = 1
    seeds: int = 2
    metric: str = "shared"
    checked: int = 3
    name: str = "silos"
    _teams: list[_Team] | None = field(default=None, init=False, repr=False)
    _checking: bool = field(default=False, init=False, repr=False)
    _done: bool = field(default=False, init=False, repr=False)

    def __post_init__(self) -> None:
        if min(self.width, self.seeds) < 1 or self.checked < 0 or self.metric not in METRICS:
            raise ValueError(
                f"width {self.width}, seeds {self.seeds}, checked {self.checked}, metric "
                f"{self.metric!r}: at least 1, 1 and 0, and a metric is {' or '.join(METRICS)}"
            )

    def admits(self, desk: Desk) -> BoolArray:
        """Whatever has come in."""
        return desk.here

    def runs(self, desk: Desk) -> BoolArray:
        """A step of each team that can pay for it; when all have done, the check of the whole."""
        if self._teams is None:
            self._teams = self._formed(desk)
        rows: list[BoolArray] = []
        trunk_runs = desk.count(desk.trunk)
        for team in self._teams:
            step = self._step(desk, team, trunk_runs)
            trunk_runs += sum(1 for row in step if np.array_equal(row, desk.trunk))
            rows += step
        more = not desk.here.all() and any(team.left for team in self._teams)
        if not rows and not more and not self._checking:
            self._checking = True
            rows = self._check(desk)
        return np.array(rows) if rows else no_runs(desk)

    def merges(self, desk: Desk) -> list[Decision]:
        """What teams keep; at the end, what becomes the trunk."""
        found = []
        for team in self._teams or ():
            if team.at is not None:
                found += self._kept(desk, team)
        if self._checking or desk.left == 0:
            found += self._integrated(desk)
        return found

    # ---- teams

    def _formed(self, desk: Desk) -> list[_Team]:
        """Teams of neighbouring components; the check is paid for first."""
        names = list(dict.fromkeys(desk.components))
        groups = [names[k : k + self.width] for k in range(0, len(names), self.width)]
        spare = min(desk.left, 2 * self.checked + self.seeds)
        components = np.array(desk.components)
        teams = []
        for number, group in enumerate(groups):
            places = np.isin(components, group)
            share = (desk.left - spare) * int(places.sum()) // desk.n
            teams.append(_Team(number=number, places=places, recipe=desk.trunk.copy(), left=share))
        return teams

    def _step(self, desk: Desk, team: _Team, trunk_runs: int) -> list[BoolArray]:
        """Rows of a team's next try; none if it has nothing to try or to pay with."""
        team.at = None
        open_ = desk.admitted & team.places & ~team.recipe
        team.queue = [place for place in team.queue if open_[place]]
        if not team.queue and open_.any():
            team.queue = [int(p) for p in desk.rng.permutation(np.flatnonzero(open_))]
            team.passes += 1
        if not team.queue or team.left < 1:
            return []
        new = self._with(team, team.queue[0])
        alone = np.array_equal(team.recipe, desk.trunk)
        have = trunk_runs if alone else desk.count(team.recipe)
        wanted = self.seeds + team.passes - 1
        rows = [new] * min(team.left, max(1, wanted - desk.count(new)))
        team.left -= len(rows)
        base = max(0, min(wanted, desk.count(new) + len(rows)) - have)
        if not alone:
            base = min(base, team.left)
            team.left -= base
        team.at = team.queue.pop(0)
        return [team.recipe] * base + rows

    def _kept(self, desk: Desk, team: _Team) -> list[Decision]:
        """Whether a team keeps what it has just tried."""
        place, team.at = team.at, None
        if place is None:
            return []
        evidence = compare(desk, place, self._with(team, place), team.recipe)
        if evidence is None:
            return []
        keeps = self._likes(desk, team, evidence)
        if keeps:
            team.recipe = self._with(team, place)
        return [evidence.decision(Act.APPROVED if keeps else Act.REFUSED)]

    def _likes(self, desk: Desk, team: _Team, evidence: Evidence) -> bool:
        if self.metric == "own":
            return bool(evidence.mean[team.number % len(desk.objectives)] > 0.0)
        return evidence.score > 0.0 and not evidence.breaks

    def _with(self, team: _Team, place: int) -> BoolArray:
        recipe = team.recipe.copy()
        recipe[place] = True
        return recipe

    # ---- the whole

    def _together(self, desk: Desk) -> BoolArray:
        """All that teams hold to be good, on the trunk."""
        parts = [team.recipe for team in self._teams or ()]
        return np.asarray(np.logical_or.reduce([desk.trunk, *parts]))

    def _check(self, desk: Desk) -> list[BoolArray]:
        """The whole and the trunk, with all that is left; nothing if there is no whole."""
        whole = self._together(desk)
        if not self.checked or np.array_equal(whole, desk.trunk):
            return []
        return [row for _ in range(desk.left // 2) for row in (desk.trunk, whole)]

    def _integrated(self, desk: Desk) -> list[Decision]:
        """Merges the whole; where the check speaks against it, the best part."""
        if self._done or self._teams is None:
            return []
        self._done = True
        if not self.checked:
            return self._merged(desk, self._together(desk), None)
        wholly = compare(desk, 0, self._together(desk), desk.trunk)
        if wholly is not None and _is_better(wholly):
            return self._merged(desk, self._together(desk), wholly)
        parts = [(compare(desk, 0, team.recipe, desk.trunk), team) for team in self._teams]
        good = [(e.score, t.number) for e, t in parts if e is not None and _is_better(e)]
        if not good:
            return []
        evidence, team = parts[max(good)[1]]
        return self._merged(desk, team.recipe, evidence)

    def _merged(self, desk: Desk, recipe: BoolArray, evidence: Evidence | None) -> list[Decision]:
        return [
            Decision(
                proposal=int(place),
                act=Act.MERGED,
                estimate=None if evidence is None else evidence.score,
                se=None if evidence is None else evidence.score_se,
                runs=0 if evidence is None else evidence.runs,
            )
            for place in np.flatnonzero(recipe & ~desk.trunk)
        ]


def _is_better(evidence: Evidence) -> bool:
    return evidence.score > 0.0 and not evidence.breaks
