"""Runs with a fresh seed each, and the mean of what each recipe has shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from arena.landscapes import Bits
    from arena.play import Meter


class Tally:
    """Runs recipes and keeps count.

    Attributes:
        n: How many proposals there are.
    """

    def __init__(self, meter: Meter, rng: np.random.Generator) -> None:
        self.n = meter.n
        self._meter = meter
        self._rng = rng
        self._seen: dict[bytes, tuple[Bits, list[float]]] = {}

    def run(self, recipe: Bits) -> float:
        """One run with a fresh seed."""
        chosen = np.asarray(recipe, dtype=np.int64)
        value = self._meter.evaluate(chosen, int(self._rng.integers(2**31)))
        self._seen.setdefault(chosen.tobytes(), (chosen.copy(), []))[1].append(value)
        return value

    def mean(self, recipe: Bits) -> float:
        """The mean of a recipe's runs.

        Raises:
            KeyError: It has not run.
        """
        return float(np.mean(self._seen[np.asarray(recipe, dtype=np.int64).tobytes()][1]))

    def lowest(self) -> Bits:
        """The recipe with the lowest observed mean, often of a single run."""
        return min(self._seen.values(), key=lambda kept: float(np.mean(kept[1])))[0]

    @property
    def recipes(self) -> Bits:
        """Every run's recipe, shape (N, n)."""
        return np.array(self._meter.recipes)

    @property
    def values(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Every run's value, shape (N,)."""
        return np.array(self._meter.values, dtype=float)
