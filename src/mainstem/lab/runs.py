"""What runs of a game give: truth, a level and noise, worked out once a recipe.

All policies of a campaign play the same game, and most begin with the same recipes. So what is
worked out for one of them serves the others, and a run is the same number for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.landscapes.landscape import alone, margins

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.lab.landscapes.landscape import BoolArray, FloatArray, Landscape
    from mainstem.lab.noise import Noise

LEVEL = 1000.0
"""Sd of the level of a campaign's values, in margins."""

_AHEAD = 8
"""Seeds of a recipe that are worked out at its first run; few recipes run more often. Of one that
does, such as the trunk, as many again are each time they run out."""


class Runs:
    """Runs of a landscape's recipes in one campaign.

    Args:
        landscape: What recipes are worth.
        noise: The campaign's noise.

    Attributes:
        level: What is added to all values, shape (J,), so that where the trunk lies is for a policy
            to find out.
    """

    def __init__(self, landscape: Landscape, noise: Noise) -> None:
        self._landscape, self._noise = landscape, noise
        self._width = len(landscape.objectives)
        self.level: FloatArray = LEVEL * margins(landscape.objectives) * noise.level(self._width)
        self._laws: dict[bytes, tuple[FloatArray, FloatArray]] = {}
        self._ahead: dict[bytes, FloatArray] = {}
        self._around: set[bytes] = set()

    def gains(
        self, recipes: BoolArray, seeds: Sequence[int], *, beside: BoolArray | None = None
    ) -> list[FloatArray]:
        """What runs show, without the level.

        Args:
            recipes: Shape (m, n).
            seeds: Of each run, 0 or above.
            beside: A recipe that others with one proposal more are likely to follow, shape (n,);
                they are worked out along with the first that has not been.

        Returns:
            Of each run its values in gain units, shape (J,).
        """
        keys = [recipe.tobytes() for recipe in recipes]
        self._learn(recipes, keys, beside)
        found = []
        for row, (key, seed) in enumerate(zip(keys, seeds, strict=True)):
            if seed < len(self._ahead[key]):
                found.append(self._ahead[key][seed])
            elif seed < 2 * len(self._ahead[key]):
                self._double(recipes[row : row + 1], key)
                found.append(self._ahead[key][seed])
            else:
                mean, sd = self._laws[key]
                one = np.array([seed])
                normals = self._noise.normals(recipes[row : row + 1], one, self._width)
                found.append(mean + sd * normals[0])
        return found

    def _double(self, recipe: BoolArray, key: bytes) -> None:
        """Works out as many seeds of a recipe, shape (1, n), again as there are."""
        known, (mean, sd) = self._ahead[key], self._laws[key]
        seeds = np.arange(len(known), 2 * len(known))
        normals = self._noise.normals(recipe.repeat(len(known), axis=0), seeds, self._width)
        self._ahead[key] = np.concatenate([known, mean + sd * normals])

    def _learn(self, recipes: BoolArray, keys: list[bytes], beside: BoolArray | None) -> None:
        """Works out what has not been yet, and what is likely to be asked for next."""
        new = {key: row for row, key in enumerate(keys) if key not in self._laws}
        if not new:
            return
        if beside is not None and beside.tobytes() not in self._around:
            self._around.add(beside.tobytes())
            recipes = np.concatenate([recipes, beside[None], beside | alone(len(beside))])
            keys = [recipe.tobytes() for recipe in recipes]
            new = {key: row for row, key in enumerate(keys) if key not in self._laws}
        fresh = recipes[list(new.values())]
        normals = self._noise.first(fresh, _AHEAD, self._width)
        means, sds = self._landscape.truth(fresh), self._landscape.noise_sd(fresh)
        values = means[:, None] + sds[:, None] * normals
        for key, mean, sd, ahead in zip(new, means, sds, values, strict=True):
            self._laws[key] = (mean, sd)
            self._ahead[key] = ahead
