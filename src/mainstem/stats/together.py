"""Several functions of the recipe, read at once: sums of effects, and remainders over one data.

A climb asks for the value of a hundred recipes, some thousand times, under one draw or the mean of
every objective. Alone each of them takes ten small steps; together they take as many.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mainstem.stats.landscape import Sketch
    from mainstem.stats.remainder import Near


@dataclass(frozen=True, kw_only=True)
class Together:
    """K functions over the same data.

    Attributes:
        main: What each proposal adds to each of them, shape (n, K).
        paired: What each two add, shape (n, n K), the second proposal's column by column; None: any
            two add `both`.
        both: What any two add where no pair has an effect of its own, shape (K,).
        pulls: Per decay, the functions with such a remainder and their pulls, shape (U, K').
    """

    main: NDArray[np.float64]
    paired: NDArray[np.float64] | None
    both: NDArray[np.float64]
    pulls: tuple[tuple[int, NDArray[np.int64], NDArray[np.float64]], ...]

    def at(self, x: NDArray[np.float64], near: Near) -> NDArray[np.float64]:
        """Values at recipes x, 0 or 1, shape (A, n): shape (A, K).

        Args:
            x: The recipes.
            near: Correlations of x with the recipes of the data.
        """
        out = x @ self.main
        if self.paired is None:
            count = x.sum(1)
            out += (0.5 * count * (count - 1.0))[:, None] * self.both
        else:
            out += (x[:, None, :] @ (x @ self.paired).reshape(*x.shape, out.shape[1]))[:, 0]
        for rate, which, pull in self.pulls:
            out[:, which] += near.of(rate) @ pull
        return np.asarray(out)


def together(sketches: Sequence[Sketch]) -> Together:
    """Functions of the same proposals over the same data, at least one, to be read at once."""
    forms = [one.form for one in sketches]
    pairs = [form.paired for form in forms if form.paired is not None]
    pulls = []
    for rate in sorted({rate for one in sketches for rate in one.pulls}):
        which = [k for k, one in enumerate(sketches) if rate in one.pulls]
        pull = np.stack([sketches[k].pulls[rate] for k in which], axis=1)
        pulls.append((rate, np.array(which), pull))
    return Together(
        main=np.stack([form.main for form in forms], axis=1),
        paired=np.stack(pairs, axis=2).reshape(len(pairs[0]), -1) if pairs else None,
        both=np.array([form.both for form in forms]),
        pulls=tuple(pulls),
    )
