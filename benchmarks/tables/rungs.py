"""Tables of the same recipes at several scales: what a search over recipes and rungs is played on.

    rungs = load(Path("benchmarks/tables/scales/tinylm8.npz"))
    rungs.tables[-1].mean(["muon"])         # at the top rung, one value per objective
    rungs.costs                             # what a run costs at each, the top's being 1

Each rung is a `Table` of its own; proposals, objectives and seeds are the same at all of them,
margins are in the unit of the rung. The file is a compressed npz that `numpy.load` reads without
pickle; `docs/tables.md` describes each array.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tables.table import Objective, Proposal, Table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMAT = "mainstem-rungs-1"


@dataclass(frozen=True, kw_only=True, eq=False)
class RungTable:
    """Full factorials of the same n proposals at several rungs, the cheapest first.

    Raises:
        ValueError: There are fewer than two rungs, their costs do not rise to 1, or their tables
            are not of the same proposals, objectives and seeds.
    """

    names: tuple[str, ...]
    """Of the rungs; the last is the top, at which verdicts are confirmed."""
    costs: tuple[float, ...]
    """Of a run, as shares of a run's at the top."""
    tables: tuple[Table, ...]
    about: Mapping[str, Any]
    """How the runs of all rungs were made: JSON values."""

    def __post_init__(self) -> None:
        if not 2 <= len(self.names) == len(self.costs) == len(self.tables):
            raise ValueError(
                f"{len(self.names)} names, {len(self.costs)} costs and {len(self.tables)} tables: "
                "there must be as many of each, two or more"
            )
        if sorted(set(self.costs)) != list(self.costs) or self.costs[-1] != 1.0:
            raise ValueError(f"costs {self.costs} do not rise to 1, the top rung's")
        first = _shared(self.tables[0])
        for name, table in zip(self.names, self.tables, strict=True):
            if _shared(table) != first:
                raise ValueError(
                    f"rung {name!r} has other proposals, objectives or seeds than "
                    f"rung {self.names[0]!r}"
                )


def load(path: Path) -> RungTable:
    """Reads a table of rungs.

    Raises:
        ValueError: The file is not a table of this format, or its arrays do not fit together.
    """
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    found = str(arrays.get("format", "none"))
    if found != FORMAT:
        raise ValueError(f"{path}: format {found!r}, expected {FORMAT!r}")
    about = json.loads(str(arrays["about"]))
    return RungTable(
        names=tuple(arrays["rungs"].tolist()),
        costs=tuple(arrays["costs"].tolist()),
        tables=tuple(_rung(arrays, place, about) for place in range(len(arrays["rungs"]))),
        about=about["shared"],
    )


def save(path: Path, rungs: RungTable) -> None:
    """Writes a table of rungs; the same one gives the same bytes."""
    first, top = rungs.tables[0], rungs.tables[-1]
    about = {"shared": dict(rungs.about), "rungs": [dict(table.about) for table in rungs.tables]}
    np.savez_compressed(
        path,
        format=np.array(FORMAT),
        y=np.stack([table.y for table in rungs.tables]),
        rungs=np.array(rungs.names),
        costs=np.array(rungs.costs),
        margins=np.array([[o.margin for o in table.objectives] for table in rungs.tables]),
        proposals=np.array(first.names),
        components=np.array([proposal.component for proposal in first.proposals]),
        summaries=np.array([proposal.summary for proposal in first.proposals]),
        objectives=np.array([objective.name for objective in top.objectives]),
        units=np.array([objective.unit for objective in top.objectives]),
        directions=np.array([objective.direction for objective in top.objectives]),
        roles=np.array([objective.role for objective in top.objectives]),
        seeds=np.array(first.seeds),
        about=np.array(json.dumps(about, sort_keys=True)),
    )


def _shared(table: Table) -> tuple[object, ...]:
    """What the tables of all rungs have in common: everything but values and margins."""
    return table.proposals, tuple(replace(o, margin=0.0) for o in table.objectives), table.seeds


def _rung(arrays: Mapping[str, Any], place: int, about: Mapping[str, Any]) -> Table:
    """The table of one rung."""
    proposals = zip(
        *(arrays[key].tolist() for key in ("proposals", "components", "summaries")), strict=True
    )
    objectives = zip(
        *(arrays[key].tolist() for key in ("objectives", "units", "directions", "roles")),
        arrays["margins"][place].tolist(),
        strict=True,
    )
    return Table(
        y=arrays["y"][place].astype(np.float64),
        proposals=tuple(
            Proposal(name=name, component=component, summary=summary)
            for name, component, summary in proposals
        ),
        objectives=tuple(
            Objective(name=name, unit=unit, direction=direction, role=role, margin=margin)
            for name, unit, direction, role, margin in objectives
        ),
        seeds=tuple(arrays["seeds"].tolist()),
        about=about["rungs"][place],
    )
