from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tables import pack, runs

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def source(tmp_path: Path) -> pack.Source:
    """The classifier's first two proposals and two objectives, with no runs yet."""
    full = pack.SOURCES["classifier12"]()
    runs.same_facts(tmp_path / "lines.jsonl", packages=("numpy",), steps=9)
    return replace(
        full,
        lines=tmp_path / "lines.jsonl",
        proposals=full.proposals[:2],
        objectives=full.objectives[1:3],
    )


def fill(source: pack.Source, *, seeds: int, less: int = 0, **more: Any) -> None:
    """Finished runs, in the makers' order, without the last `less`; values name their run."""
    for recipe, seed in list(runs.order(2, range(seeds)))[: 4 * seeds - less]:
        metrics = {"params": 100.0 + recipe, "error": recipe + seed / 10, "more": 1.0, **more}
        runs.append(source.lines, recipe=recipe, seed=seed, metrics=metrics)


def test_each_run_lands_in_its_place(source: pack.Source) -> None:
    """y[recipe, seed, objective], in the order of the objectives, whatever else a run reports."""
    fill(source, seeds=3)
    table = pack.pack(source)
    assert table.y.shape == (4, 3, 2)
    for recipe in range(4):
        for seed in range(3):
            assert table.y[recipe, seed].tolist() == [recipe + seed / 10, 100.0 + recipe]
    assert table.about["steps"] == 9


def test_margins_in_percent_become_values(source: pack.Source) -> None:
    """A margin of 200% is twice the trunk's mean; one that is a number stays."""
    fill(source, seeds=2)
    assert [o.margin for o in pack.pack(source).objectives] == [0.005, pytest.approx(200.0)]


def test_only_whole_seeds_enter(source: pack.Source) -> None:
    """A seed that lacks a recipe is left out; asking for it is an error that says what is there."""
    fill(source, seeds=3, less=1)
    assert pack.pack(source).seeds == (0, 1)
    assert pack.pack(source, seeds=1).seeds == (0,)
    with pytest.raises(ValueError, match="11 runs; 2 seeds"):
        pack.pack(source, seeds=3)


def test_texts_that_runs_share_are_kept_and_must_agree(source: pack.Source) -> None:
    """A digest of the data is a fact of the table; two digests are two tables."""
    fill(source, seeds=1, corpus="0a1b")
    assert pack.pack(source).about["corpus"] == "0a1b"
    fill(source, seeds=1, corpus="ffff")
    with pytest.raises(ValueError, match="corpus"):
        pack.pack(source)


def test_both_sources_describe_themselves() -> None:
    """Proposals are read off patches and code: each has a name, a part of the stack and a line."""
    for name, size in (("tinylm10", 10), ("classifier12", 12)):
        source = pack.SOURCES[name]()
        assert len(source.proposals) == size
        assert all(p.name and p.component and p.summary for p in source.proposals)
        assert source.objectives[0]["role"] == "improve"
