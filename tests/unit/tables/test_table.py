from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from tables import table as module
from tables.table import Table, load, save

FOLDER = Path(module.__file__).parent


def test_what_is_saved_is_read_back(small_table: Table, tmp_path: Path) -> None:
    """Every array and word survives the file, values to the last bit."""
    save(tmp_path / "t.npz", small_table)
    back = load(tmp_path / "t.npz")
    np.testing.assert_array_equal(back.y, small_table.y)
    assert vars(replace(back, y=small_table.y)) == vars(small_table)


def test_the_same_table_gives_the_same_bytes(small_table: Table, tmp_path: Path) -> None:
    """Packing again changes nothing in the repository."""
    for name in ("one.npz", "two.npz"):
        save(tmp_path / name, small_table)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_numpy_alone_reads_a_file(small_table: Table, tmp_path: Path) -> None:
    """The documented arrays are there, none needs pickle, and bit i of a row is proposal i."""
    save(tmp_path / "t.npz", small_table)
    with np.load(tmp_path / "t.npz", allow_pickle=False) as file:
        assert file["format"] == module.FORMAT
        assert file["proposals"].tolist() == ["a", "b", "c"]
        assert file["directions"].tolist() == ["maximize", "minimize"]
        np.testing.assert_array_equal(file["y"][0b101], small_table.runs(["c", "a"]))


def test_rows_and_recipes_are_each_others_inverse(small_table: Table) -> None:
    """Any set of names, in any order and said twice, is one row; the empty one is the trunk."""
    for size in range(4):
        for recipe in combinations("abc", size):
            row = small_table.row([*reversed(recipe), *recipe])
            assert small_table.recipe(row) == recipe
    assert small_table.row([]) == 0
    with pytest.raises(KeyError):
        small_table.row(["d"])


def test_losses_are_lower_where_better(small_table: Table) -> None:
    """What is maximised changes its sign, what is minimised does not; the first is the default."""
    np.testing.assert_array_equal(small_table.losses(), -small_table.y[:, :, 0])
    np.testing.assert_array_equal(small_table.losses("cost"), small_table.y[:, :, 1])
    np.testing.assert_allclose(small_table.mean(["b"]), small_table.y[2].mean(axis=0))
    with pytest.raises(ValueError, match="speed"):
        small_table.losses("speed")


def test_a_table_that_does_not_fit_together_is_refused(small_table: Table) -> None:
    """A wrong shape, a hole and a name that occurs twice never become a table."""
    with pytest.raises(ValueError, match="shape"):
        replace(small_table, seeds=(0, 1, 2))
    hole = small_table.y.copy()
    hole[5, 1, 0] = np.nan
    with pytest.raises(ValueError, match=r"y\[5, 1, 0\]"):
        replace(small_table, y=hole)
    twice = (small_table.proposals[0], *small_table.proposals[:2])
    with pytest.raises(ValueError, match="twice"):
        replace(small_table, proposals=twice)


def test_another_file_is_refused(tmp_path: Path) -> None:
    """An npz of something else is named, not misread."""
    np.savez(tmp_path / "other.npz", y=np.zeros(3))
    with pytest.raises(ValueError, match="format"):
        load(tmp_path / "other.npz")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.npz")), ids=lambda path: path.stem)
def test_the_tables_of_the_repository_can_be_used(path: Path) -> None:
    """Each loads, is small, has three seeds or more, and costs do not depend on the seed."""
    table = load(path)
    assert path.stat().st_size < 2**20
    assert len(table.seeds) >= 3
    assert len(table.names) == int(path.stem.lstrip("abcdefghijklmnopqrstuvwxyz"))
    costs = table.losses("params")
    np.testing.assert_array_equal(costs, costs[:, :1].repeat(len(table.seeds), axis=1))
