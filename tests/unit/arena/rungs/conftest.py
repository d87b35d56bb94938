"""A small world of two rungs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from arena.rungs.landscapes import Measured
from tables.rungs import RungTable, save
from tables.table import Objective, Proposal, Table

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def measured() -> Measured:
    """Three proposals on two seeds; the small rung is a tenth below twice the top, run by run."""
    rng = np.random.default_rng(0)
    top = rng.normal(10.0, 1.0, size=(8, 2))
    return Measured(np.stack([2.0 * top - 0.1, top]), (1, 8))


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A folder with one table of two rungs: two of three proposals help, at both alike."""
    rng = np.random.default_rng(1)
    rows = np.arange(8)
    level = 5.0 - (rows & 1) - 0.5 * (rows >> 1 & 1) + 0.7 * (rows >> 2 & 1)
    objective = Objective(name="loss", unit="", direction="minimize", role="improve", margin=0.1)
    rungs = [
        Table(
            y=(level[:, None] + 0.01 * rng.normal(size=(8, 3)))[:, :, None],
            proposals=tuple(Proposal(name=p, component="", summary="") for p in "abc"),
            objectives=(objective,),
            seeds=(0, 1, 2),
            about={},
        )
        for _ in range(2)
    ]
    folder = tmp_path / "scales"
    folder.mkdir()
    names, costs = ("small", "top"), (0.125, 1.0)
    save(
        folder / "tiny3.npz",
        RungTable(names=names, costs=costs, tables=tuple(rungs), about={}),
    )
    return folder
