from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings, strategies as st

from tables import runs

if TYPE_CHECKING:
    from pathlib import Path


def test_every_run_comes_once_and_whole_seeds_come_first() -> None:
    """The order is a permutation seed by seed, shuffled, and does not depend on how many seeds."""
    three = list(runs.order(4, range(3)))
    assert [seed for _, seed in three] == [0] * 16 + [1] * 16 + [2] * 16
    for seed in range(3):
        rows = [recipe for recipe, s in three if s == seed]
        assert sorted(rows) == list(range(16)) != rows
    assert list(runs.order(4, range(1, 2))) == three[16:32]


@given(cut=st.integers(0, 200))
@settings(max_examples=30)
def test_a_kill_at_any_byte_loses_one_run_at_most(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    """Whatever a kill left of the last line is run again; nothing else is, and nothing twice."""
    file = tmp_path_factory.mktemp("kill") / "lines.jsonl"
    for recipe, seed in list(runs.order(2, range(1)))[:3]:
        runs.append(file, recipe=recipe, seed=seed, metrics={"loss": 1 / 3, "corpus": "x"})
    content = file.read_bytes()
    whole = content[: max(len(content) - cut, 0)].count(b"\n")
    file.write_bytes(content[: max(len(content) - cut, 0)])
    todo = runs.missing(file, 2, range(1))
    assert len(todo) == 4 - whole
    for recipe, seed in todo:
        runs.append(file, recipe=recipe, seed=seed, metrics={"loss": 1 / 3})
    lines = runs.read(file)
    assert sorted(line["recipe"] for line in lines) == [0, 1, 2, 3]
    assert {line["metrics"]["loss"] for line in lines} == {1 / 3}


def test_no_file_means_that_nothing_has_run(tmp_path: Path) -> None:
    """The first call of a maker starts from here."""
    assert len(runs.missing(tmp_path / "none.jsonl", 3, range(2))) == 16


def test_runs_of_two_environments_do_not_mix(tmp_path: Path) -> None:
    """A table is of one environment; another one is told to move the old lines away."""
    file = tmp_path / "lines.jsonl"
    runs.same_facts(file, packages=("numpy",), steps=60)
    runs.same_facts(file, packages=("numpy",), steps=60)
    with pytest.raises(ValueError, match=r"60.*61"):
        runs.same_facts(file, packages=("numpy",), steps=61)
