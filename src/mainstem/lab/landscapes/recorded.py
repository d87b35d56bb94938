"""What a team's own runs say, as a landscape: the posterior of a real campaign, world by world.

Nobody knows what recipes are worth that never ran. So a policy is not played on the posterior mean,
which is smoother than any truth and hides what a policy would have fallen for, but on draws of the
whole landscape (`mainstem.decisions.worlds`): each is a world that fits what was measured, and the
spread of results over worlds is what the record does not say.

What git cannot merge or does not run is no recipe. Who merges in the order of proposing and takes
back what does not merge or crashes at once ends at what is left of it: that is what such a
recipe is worth here. The run that crashed costs nothing, which is kind to whoever does not look.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np

from mainstem.stats.effects import distinct, keys
from mainstem.stats.walsh import MOST_WHOLE, cube, places
from mainstem.stats.worlds import Where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.decisions.worlds import World, Worlds
    from mainstem.domain.stack import Objective
    from mainstem.integrator import Integrator
    from mainstem.lab.landscapes.landscape import BoolArray, FloatArray, IntArray

UNKNOWN = "other"
"""The component of a proposal that touches none."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Recording:
    """What a campaign has left, ready to be drawn from. It can be handed to other processes.

    Attributes:
        proposals: Those that can still be merged, in the order of proposing, n of them.
        components: Of each, the first component that it touches.
        objectives: With margins as numbers.
        worlds: Draws of all that is not known.
        places: Where the proposals stand among all that the campaign knows, shape (n,).
        runs: Successful runs behind it, of recipes of these proposals on the trunk.
        ran: The distinct recipes among them, the trunk too, shape (R, n).
        spent: What the campaign spent, in trials at the rung that decides.
        rung: That rung; None: there is one without a name.
    """

    proposals: tuple[str, ...]
    components: tuple[str, ...]
    objectives: tuple[Objective, ...]
    worlds: Worlds
    places: tuple[int, ...]
    runs: int
    ran: BoolArray
    spent: float
    rung: str | None

    @cached_property
    def whole(self) -> tuple[FloatArray, IntArray]:
        """All recipes of these proposals among all and on the trunk, and their places there."""
        rows = self.rows(cube(len(self.proposals)) > 0.5)
        return rows, places(rows)

    @cached_property
    def possible(self) -> BoolArray:
        """Which of all recipes hold no set known to conflict or crash, whatever the world."""
        return self.worlds.belief.possible(self.whole[0])

    def landscape(self, s: int) -> Recorded:
        """World number s, from 0."""
        return Recorded(self, self.worlds.world(s), self.worlds.ran)

    def rows(self, recipes: BoolArray) -> FloatArray:
        """Recipes of these proposals, shape (m, n), among all and on the trunk, shape (m, N)."""
        out = np.tile(self.worlds.belief.trunk_row, (len(recipes), 1))
        out[:, list(self.places)] = recipes
        return out


def recording(
    integrator: Integrator, components: Mapping[str, tuple[str, ...]], *, worlds: int, seed: int
) -> Recording | None:
    """What a campaign has left; None while no run of its trunk has succeeded.

    Vetoed and withdrawn proposals cannot be merged and are left out, as is what the trunk holds.

    Args:
        integrator: As the campaign stands.
        components: What each proposal touches.
        worlds: How many worlds may be asked for.
        seed: Of the worlds.
    """
    drawn = integrator.worlds(worlds, seed=seed)
    if drawn is None:
        return None
    belief = drawn.belief
    barred = {p for conflict in belief.problem.conflicts if len(conflict) == 1 for p in conflict}
    every = integrator.proposals
    open_ = [p for p in every if p not in integrator.held and p not in barred]
    places = tuple(every.index(p) for p in open_)
    others = np.ones(len(every), dtype=np.bool_)
    others[list(places)] = False
    here = np.all(belief.x[:, others] == belief.trunk_row[others], axis=1)
    margins = drawn.margins.tolist()
    return Recording(
        proposals=tuple(open_),
        components=tuple((components.get(p) or (UNKNOWN,))[0] for p in open_),
        objectives=tuple(
            replace(o, margin=m) for o, m in zip(integrator.objectives, margins, strict=True)
        ),
        worlds=drawn,
        places=places,
        runs=int(here.sum()),
        ran=distinct(belief.x[here][:, list(places)])[0] > 0.5,
        spent=integrator.spent,
        rung=belief.problem.rung,
    )


class Recorded:
    """One world of a recording: a landscape that fits what was measured.

    Args:
        recording: What is known.
        world: A draw of what is not.
        ran: Keys of the recipes that ran.
    """

    def __init__(self, recording: Recording, world: World, ran: set[bytes]) -> None:
        self._recording = recording
        few = recording.worlds.belief.n <= MOST_WHOLE
        self._values: _Table | _Memo = (_Table if few else _Memo)(recording, world, ran)

    @property
    def n(self) -> int:
        """How many proposals there are."""
        return len(self._recording.proposals)

    @property
    def components(self) -> tuple[str, ...]:
        """Of each proposal, its component."""
        return self._recording.components

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """What is measured."""
        return self._recording.objectives

    def truth(self, recipes: BoolArray) -> FloatArray:
        """The gain over the trunk in this world, shape (m, J)."""
        return self._values.gains(recipes)

    def noise_sd(self, recipes: BoolArray) -> FloatArray:
        """The standard deviation of one run, shape (m, J)."""
        return self._values.sds(recipes)

    def ran(self, recipes: BoolArray) -> BoolArray:
        """Of which recipes there is a real run, shape (m,): all else is extrapolated."""
        return self._values.ran(recipes)

    def left_of(self, recipes: BoolArray) -> BoolArray:
        """What is left of recipes when what does not merge or run is taken back, shape (m, n)."""
        return self._values.left(recipes)


class _Table:
    """A world of few proposals: everything about all recipes, worked out at once.

    Args:
        recording: What is known.
        world: The world.
        ran: Keys of the recipes that ran.
    """

    def __init__(self, recording: Recording, world: World, ran: set[bytes]) -> None:
        n = len(recording.proposals)
        rows, at = recording.whole
        runs = recording.possible.copy()
        for members in places(world.crashing).tolist():
            runs &= (at & members) != members
        left = np.zeros(1, dtype=np.int64)
        for i in range(n):  # of recipes with proposal i and none after it
            tried = left | (1 << i)
            left = np.concatenate([left, np.where(runs[tried], tried, left)])
        self._gains, self._sds = world.at(_whole(recording.worlds.belief.n))
        self._n, self._left, self._at = n, left, at[left]
        self._ran = np.isin(self._at, places(_rows_of(ran, rows.shape[1])))

    def gains(self, recipes: BoolArray) -> FloatArray:
        """Gains, shape (m, J)."""
        return self._gains[self._at[places(recipes)]]

    def sds(self, recipes: BoolArray) -> FloatArray:
        """Sds of runs, shape (m, J)."""
        return self._sds[self._at[places(recipes)]]

    def ran(self, recipes: BoolArray) -> BoolArray:
        """Which ran, shape (m,)."""
        return np.asarray(self._ran[places(recipes)])

    def left(self, recipes: BoolArray) -> BoolArray:
        """What is left of them, shape (m, n)."""
        found = self._left[places(recipes)]
        return np.asarray((found[:, None] >> np.arange(self._n)) & 1, dtype=np.bool_)


class _Memo:
    """A world of many proposals: what was asked is kept, so it is worked out once for all.

    Args:
        recording: What is known.
        world: The world.
        ran: Keys of the recipes that ran.
    """

    def __init__(self, recording: Recording, world: World, ran: set[bytes]) -> None:
        self._recording, self._world, self._ran = recording, world, ran
        self._known: dict[bytes, tuple[FloatArray, FloatArray, bool]] = {}

    def gains(self, recipes: BoolArray) -> FloatArray:
        """Gains, shape (m, J)."""
        width = len(self._recording.objectives)
        return np.array([gain for gain, _, _ in self._of(recipes)]).reshape(-1, width)

    def sds(self, recipes: BoolArray) -> FloatArray:
        """Sds of runs, shape (m, J)."""
        width = len(self._recording.objectives)
        return np.array([sd for _, sd, _ in self._of(recipes)]).reshape(-1, width)

    def ran(self, recipes: BoolArray) -> BoolArray:
        """Which ran, shape (m,)."""
        return np.array([known for _, _, known in self._of(recipes)], dtype=np.bool_)

    def left(self, recipes: BoolArray) -> BoolArray:
        """What is left of them, shape (m, n)."""
        left = np.asarray(recipes, dtype=np.bool_).copy()
        broken = np.flatnonzero(~self._runs(left))
        if len(broken):
            built = np.zeros((len(broken), left.shape[1]), dtype=np.bool_)
            for i in range(left.shape[1]):
                tried = built.copy()
                tried[:, i] = left[broken, i]
                built[:, i] = tried[:, i] & self._runs(tried)
            left[broken] = built
        return left

    def _runs(self, recipes: BoolArray) -> BoolArray:
        return self._world.runs(self._recording.rows(recipes))

    def _of(self, recipes: BoolArray) -> list[tuple[FloatArray, FloatArray, bool]]:
        """Gain, noise, and whether it ran, of each recipe."""
        each = [recipe.tobytes() for recipe in recipes]
        new = {key: row for row, key in enumerate(each) if key not in self._known}
        if new:
            rows = self._recording.rows(self.left(recipes[list(new.values())]))
            gains, sds = self._world.at(Where(rows))
            ran = [key in self._ran for key in keys(rows)]
            self._known.update(zip(new, zip(gains, sds, ran, strict=True), strict=True))
        return [self._known[key] for key in each]


def _rows_of(known: set[bytes], n: int) -> FloatArray:
    """Recipes by their keys (`mainstem.stats.effects.keys`), shape (R, n)."""
    packed = np.frombuffer(b"".join(known), dtype=np.uint8).reshape(len(known), -1)
    return np.unpackbits(packed, axis=1, count=n).astype(np.float64)


@cache
def _whole(n: int) -> Where:
    """All recipes of n proposals."""
    return Where(cube(n), whole=True)
