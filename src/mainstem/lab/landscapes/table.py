"""A real table: every recipe of n proposals, really trained on a few seeds.

The truth is the mean over a table's seeds, so the best recipe is partly luck. A run is the truth
and Gaussian noise whose sd is pooled over recipes of about the same value: a few seeds tell little
of one recipe's, and on real tables noise grows as recipes get worse. So runs are fresh, which the
stored ones are not, and confirmation can be simulated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.domain.stack import Objective
    from mainstem.lab.landscapes.landscape import BoolArray, FloatArray

NEAR = 64
"""Recipes of about the same value over whose variances a noise's is pooled."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """A full factorial.

    Attributes:
        gains: Gain of every recipe over the trunk, shape (2^n, J); bit i of a row is proposal i.
        sds: Sd of a run of every recipe, shape (2^n, J).
        components: Of each proposal, its component.
        objectives: What was measured.
    """

    gains: FloatArray
    sds: FloatArray
    components: tuple[str, ...]
    objectives: tuple[Objective, ...]

    @property
    def n(self) -> int:
        """How many proposals there are."""
        return len(self.components)

    def truth(self, recipes: BoolArray) -> FloatArray:
        """The table's means, shape (m, J)."""
        return np.asarray(self.gains[self._rows(recipes)])

    def noise_sd(self, recipes: BoolArray) -> FloatArray:
        """Pooled over recipes of about the same value, shape (m, J)."""
        return np.asarray(self.sds[self._rows(recipes)])

    def _rows(self, recipes: BoolArray) -> np.ndarray:
        return np.asarray(recipes @ (1 << np.arange(self.n)))


def from_runs(
    y: FloatArray, *, components: Sequence[str], objectives: Sequence[Objective]
) -> Table:
    """A landscape from a table's runs.

    Args:
        y: As measured, shape (2^n, seeds, J); row 0 is the trunk.
        components: Of each of the n proposals, its component.
        objectives: What was measured, with margins as numbers in its unit.

    Raises:
        ValueError: The shape does not fit, there are fewer than two seeds, or a value is not
            finite.
    """
    expected = (2 ** len(components), len(objectives))
    if y.ndim != 3 or (y.shape[0], y.shape[2]) != expected or y.shape[1] < 2:
        raise ValueError(
            f"runs have shape {y.shape}; {len(components)} proposals and {len(objectives)} "
            f"objectives need ({expected[0]}, two seeds or more, {expected[1]})"
        )
    if not np.isfinite(y).all():
        raise ValueError("a run of the table is not a finite number: a landscape needs all of them")
    signs = np.array([o.sign for o in objectives])
    gains = signs * (y.mean(axis=1) - y[0].mean(axis=0))
    variances = y.var(axis=1, ddof=1)
    sds = np.stack(
        [np.sqrt(_pooled(gains[:, j], variances[:, j])) for j in range(len(objectives))], axis=1
    )
    return Table(gains=gains, sds=sds, components=tuple(components), objectives=tuple(objectives))


def _pooled(gains: FloatArray, variances: FloatArray) -> FloatArray:
    """Mean variance of the `NEAR` recipes nearest in rank of gain, shape (2^n,)."""
    order = np.argsort(gains, kind="stable")
    sums = np.concatenate([[0.0], np.cumsum(variances[order])])
    width = min(NEAR, len(gains))
    first = np.clip(np.arange(len(gains)) - width // 2, 0, len(gains) - width)
    # A cumulated sum leaves rounding behind where every variance is 0.
    means = (sums[first + width] - sums[first]) / width
    pooled = np.empty_like(means)
    pooled[order] = means if variances.any() else 0.0
    return np.asarray(np.maximum(pooled, 0.0))
