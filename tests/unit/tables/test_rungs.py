from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tables.rungs import RungTable, load, save

if TYPE_CHECKING:
    from pathlib import Path

    from tables.table import Table


@pytest.fixture
def rungs(small_table: Table) -> RungTable:
    """Two rungs, 8-fold apart, whose values and margins differ."""
    margins = [replace(objective, margin=9.0) for objective in small_table.objectives]
    small = replace(small_table, y=small_table.y + 1.0, objectives=tuple(margins))
    return RungTable(
        names=("small", "top"),
        costs=(0.125, 1.0),
        tables=(small, small_table),
        about={"corpus": "0a1b"},
    )


def test_a_table_of_rungs_is_read_as_it_was_written(rungs: RungTable, tmp_path: Path) -> None:
    """Values and margins of each rung, what the rungs share, and the same bytes each time."""
    save(tmp_path / "one.npz", rungs)
    found = load(tmp_path / "one.npz")
    assert (found.names, found.costs, found.about) == (rungs.names, rungs.costs, rungs.about)
    for read, written in zip(found.tables, rungs.tables, strict=True):
        np.testing.assert_array_equal(read.y, written.y)
        assert read.objectives == written.objectives
        assert (read.proposals, read.seeds, read.about) == (
            written.proposals,
            written.seeds,
            written.about,
        )
    save(tmp_path / "two.npz", found)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_numpy_alone_reads_it(rungs: RungTable, tmp_path: Path) -> None:
    """The documented arrays: y by rung, recipe, seed and objective."""
    save(tmp_path / "one.npz", rungs)
    with np.load(tmp_path / "one.npz", allow_pickle=False) as file:
        assert str(file["format"]) == "mainstem-rungs-1"
        assert file["y"].shape == (2, 8, 2, 2)
        assert file["margins"].tolist() == [[9.0, 9.0], [0.1, 2.0]]


def test_a_table_of_one_scale_is_another_format(rungs: RungTable, tmp_path: Path) -> None:
    """It is refused with both names, not misread."""
    save(tmp_path / "one.npz", rungs)
    arrays = dict(np.load(tmp_path / "one.npz"))
    np.savez(tmp_path / "two.npz", **(arrays | {"format": np.array("mainstem-table-1")}))
    with pytest.raises(ValueError, match=r"'mainstem-table-1', expected 'mainstem-rungs-1'"):
        load(tmp_path / "two.npz")


def test_rungs_that_do_not_belong_together_are_refused(rungs: RungTable) -> None:
    """Costs rise to 1, there are two or more, and all have the same proposals and seeds."""
    with pytest.raises(ValueError, match="do not rise to 1"):
        replace(rungs, costs=(1.0, 0.125))
    with pytest.raises(ValueError, match="two or more"):
        replace(rungs, names=("top",), costs=(1.0,), tables=rungs.tables[1:])
    other = replace(rungs.tables[1], seeds=(0, 5))
    with pytest.raises(ValueError, match="rung 'top' has other proposals, objectives or seeds"):
        replace(rungs, tables=(rungs.tables[0], other))
