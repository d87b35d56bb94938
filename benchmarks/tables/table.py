"""Tables of real training runs: every recipe of a set of proposals, each on several seeds.

    table = load(Path("benchmarks/tables/classifier12.npz"))
    table.mean(["wider", "sharpen"])        # one value per objective, mean over seeds
    table.runs(["wider", "sharpen"])        # (seeds, objectives), as measured

The file is a compressed npz that `numpy.load` reads without pickle; `docs/tables.md` describes each
array. This module needs numpy alone, so it can be copied together with a table.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

FORMAT = "mainstem-table-1"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One of the changes that a recipe holds or does not."""

    name: str
    component: str
    """The part of the stack that it touches."""
    summary: str
    """What it does, in a line."""


@dataclass(frozen=True, kw_only=True)
class Objective:
    """A measured quantity."""

    name: str
    unit: str
    direction: str
    """`minimize` or `maximize`."""
    role: str
    """`improve` or `guard`."""
    margin: float
    """The smallest change that matters, in `unit`; of a guard, the loss that is still tolerated."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """A full factorial of n proposals.

    Raises:
        ValueError: the shape of `y` does not fit the proposals, seeds and objectives, a value is
            not finite, or a name occurs twice.
    """

    y: NDArray[np.float64]
    """Shape (2**n, seeds, objectives), as measured. Bit i of a row's index tells whether proposal i
    is in the recipe: row 0 is the trunk, row 5 holds proposals 0 and 2."""
    proposals: tuple[Proposal, ...]
    objectives: tuple[Objective, ...]
    """The first is the one that matters most."""
    seeds: tuple[int, ...]
    about: Mapping[str, Any]
    """How the runs were made: JSON values."""

    def __post_init__(self) -> None:
        expected = (2 ** len(self.proposals), len(self.seeds), len(self.objectives))
        if self.y.shape != expected:
            raise ValueError(f"y has shape {self.y.shape}; proposals, seeds and so on: {expected}")
        if not np.isfinite(self.y).all():
            row, seed, objective = np.argwhere(~np.isfinite(self.y))[0]
            raise ValueError(f"y[{row}, {seed}, {objective}] is not finite")
        for named in (self.proposals, self.objectives):
            names = [thing.name for thing in named]
            if len(set(names)) < len(names):
                raise ValueError(f"a name occurs twice: {', '.join(names)}")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the proposals, in the order of their bits."""
        return tuple(proposal.name for proposal in self.proposals)

    def row(self, recipe: Iterable[str]) -> int:
        """The index of a recipe, given as names of proposals in any order.

        Raises:
            KeyError: there is no such proposal.
        """
        bits = {name: 1 << i for i, name in enumerate(self.names)}
        return sum(bits[name] for name in set(recipe))

    def recipe(self, row: int) -> tuple[str, ...]:
        """The names of the proposals in a row's recipe, in the order of their bits."""
        return tuple(name for i, name in enumerate(self.names) if row >> i & 1)

    def runs(self, recipe: Iterable[str]) -> NDArray[np.float64]:
        """All runs of a recipe, shape (seeds, objectives)."""
        found: NDArray[np.float64] = self.y[self.row(recipe)]
        return found

    def mean(self, recipe: Iterable[str]) -> NDArray[np.float64]:
        """Means of a recipe over seeds, shape (objectives,)."""
        return np.asarray(self.runs(recipe).mean(axis=0))

    def losses(self, objective: str | None = None) -> NDArray[np.float64]:
        """Runs of one objective (default: the first), shape (2**n, seeds), the lower the better.

        Values of an objective that is maximised come with the opposite sign.

        Raises:
            ValueError: there is no such objective.
        """
        names = [o.name for o in self.objectives]
        place = 0 if objective is None else names.index(objective)
        sign = -1.0 if self.objectives[place].direction == "maximize" else 1.0
        losses: NDArray[np.float64] = sign * self.y[:, :, place]
        return losses


def load(path: Path) -> Table:
    """Reads a table.

    Raises:
        ValueError: the file is not a table of this format, or its arrays do not fit together.
    """
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    found = str(arrays.get("format", "none"))
    if found != FORMAT:
        raise ValueError(f"{path}: format {found!r}, expected {FORMAT!r}")
    return Table(
        y=arrays["y"].astype(np.float64),
        proposals=tuple(
            Proposal(name=name, component=component, summary=summary)
            for name, component, summary in zip(
                *(arrays[key].tolist() for key in ("proposals", "components", "summaries")),
                strict=True,
            )
        ),
        objectives=tuple(
            Objective(name=name, unit=unit, direction=direction, role=role, margin=margin)
            for name, unit, direction, role, margin in zip(
                *(
                    arrays[key].tolist()
                    for key in ("objectives", "units", "directions", "roles", "margins")
                ),
                strict=True,
            )
        ),
        seeds=tuple(arrays["seeds"].tolist()),
        about=json.loads(str(arrays["about"])),
    )


def save(path: Path, table: Table) -> None:
    """Writes a table; the same table gives the same bytes."""
    np.savez_compressed(
        path,
        format=np.array(FORMAT),
        y=table.y,
        proposals=np.array(table.names),
        components=np.array([proposal.component for proposal in table.proposals]),
        summaries=np.array([proposal.summary for proposal in table.proposals]),
        objectives=np.array([objective.name for objective in table.objectives]),
        units=np.array([objective.unit for objective in table.objectives]),
        directions=np.array([objective.direction for objective in table.objectives]),
        roles=np.array([objective.role for objective in table.objectives]),
        margins=np.array([objective.margin for objective in table.objectives]),
        seeds=np.array(table.seeds),
        about=np.array(json.dumps(dict(table.about), sort_keys=True)),
    )
