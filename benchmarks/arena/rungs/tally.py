"""Runs at rungs with a fresh seed each, and what each recipe has shown: the rivals' books."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from arena.landscapes import Bits
    from arena.rungs.play import RungMeter


class RungTally:
    """Runs recipes and keeps count.

    Attributes:
        n: How many proposals there are.
        top: The place of the top rung.
    """

    def __init__(self, meter: RungMeter, rng: np.random.Generator) -> None:
        self.n = meter.n
        self.top = len(meter.ticks) - 1
        self._meter = meter
        self._rng = rng
        self._seen: list[dict[bytes, tuple[Bits, list[float]]]] = [{} for _ in meter.ticks]

    def run(self, recipe: Bits, rung: int) -> float:
        """One run with a fresh seed."""
        chosen = np.asarray(recipe, dtype=np.int64)
        value = self._meter.evaluate(chosen, rung, int(self._rng.integers(2**31)))
        kept = self._seen[rung].setdefault(chosen.tobytes(), (chosen.copy(), []))
        kept[1].append(value)
        return value

    def has(self, recipe: Bits, rung: int) -> bool:
        """Whether a recipe has run at a rung."""
        return np.asarray(recipe, dtype=np.int64).tobytes() in self._seen[rung]

    def lowest(self) -> Bits:
        """The recipe with the lowest mean at the highest rung at which anything has run.

        Raises:
            ValueError: Nothing has run.
        """
        for seen in reversed(self._seen):
            if seen:
                return min(seen.values(), key=lambda kept: float(np.mean(kept[1])))[0]
        raise ValueError("nothing has run yet")
