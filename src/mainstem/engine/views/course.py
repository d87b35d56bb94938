"""The course of a campaign: how far the best recipe that had run was, batch by batch.

A picture for people, of measured means alone. It decides nothing, and of many noisy means the best
is too good: what is to be believed is the posterior gain, or the confirmed one, with its interval.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.domain.stack import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.stack import Objective
    from mainstem.engine.campaign_record import CampaignRecord

_LEAST_ROWS = 64
_SMALLEST = 1e-150
"""A margin in per cent of a trunk that measures 0; small, and divisible by."""


@dataclass(kw_only=True)
class Course:
    """The best of what has run, as batches end.

    Attributes:
        objectives: What is measured.
        points: After each whole batch: `trials` that had ended, the best `recipe` by its mean so
            far (sorted ids; empty is the trunk), and its `gain` over the trunk's mean by objective;
            no gain before the trunk has run.
    """

    objectives: Sequence[Objective]
    points: list[dict[str, Any]] = field(default_factory=list)
    _rows: dict[frozenset[str], int] = field(default_factory=dict)
    _sums: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    _counts: np.ndarray = field(default_factory=lambda: np.zeros(0))
    _batches: int = 0
    _trials: int = 0

    def take(self, campaign: CampaignRecord) -> None:
        """Takes in every batch that has ended since, at the rung that confirms.

        Args:
            campaign: The same campaign every time.
        """
        if not self._batches and not self._rows:
            for row in campaign.inherited:
                if not row.get("without") and row.get("rung", campaign.rung) == campaign.rung:
                    self._add(frozenset(row["recipe"]), row["values"])
        for batch in campaign.batches[self._batches :]:
            ended = [asked for asked in batch if asked.name in campaign.finished]
            if len(ended) < sum(asked.tree is not None for asked in batch):
                return
            for asked in ended:
                self._trials += 1
                if campaign.rung_of(asked.trial) == campaign.rung:
                    self._add(asked.trial.recipe, campaign.finished[asked.name].values)
            self._batches += 1
            self.points.append(self._point())

    def _add(self, recipe: frozenset[str], values: Mapping[str, float] | None) -> None:
        if values is None or any(o.name not in values for o in self.objectives):
            return
        at = self._rows.setdefault(recipe, len(self._rows))
        if at >= len(self._counts):
            more = max(_LEAST_ROWS, at)
            width = len(self.objectives)
            self._sums = np.vstack([self._sums.reshape(-1, width), np.zeros((more, width))])
            self._counts = np.concatenate([self._counts, np.zeros(more)])
        self._sums[at] += [values[o.name] for o in self.objectives]
        self._counts[at] += 1

    def _point(self) -> dict[str, Any]:
        """What is best now: the largest sum of gains in margins, with no margin broken."""
        trunk = self._rows.get(frozenset())
        if trunk is None:
            return {"trials": self._trials, "recipe": [], "gain": {}}
        n = len(self._rows)
        means = self._sums[:n] / self._counts[:n, None]
        signs = np.array([o.sign for o in self.objectives])
        named = list(zip(self.objectives, means[trunk], strict=True))
        margins = np.array([max(o.margin_at(float(at)), _SMALLEST) for o, at in named])
        gains = signs * (means - means[trunk])
        within = gains / margins
        improves = np.array([o.role is Role.IMPROVE for o in self.objectives])
        score = np.where(within.min(axis=1) >= -1.0, within[:, improves].sum(axis=1), -np.inf)
        best = int(np.argmax(score))
        recipe = next(r for r, at in self._rows.items() if at == best)
        return {
            "trials": self._trials,
            "recipe": sorted(recipe),
            "gain": {o.name: float(gains[best, k]) for k, o in enumerate(self.objectives)},
        }


def course(objectives: Sequence[Objective], campaign: CampaignRecord) -> list[dict[str, Any]]:
    """The course of a whole campaign; see `Course.points`."""
    found = Course(objectives=objectives)
    found.take(campaign)
    return found.points
