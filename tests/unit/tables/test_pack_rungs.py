from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tables import make_rungs, pack_rungs, runs

if TYPE_CHECKING:
    from pathlib import Path

    from tables.pack import Source


@pytest.fixture
def sources(tmp_path: Path) -> dict[int, Source]:
    """Two proposals and two objectives at 4 and 32 steps, with no runs yet."""
    full = pack_rungs.sources()
    assert list(full) == list(make_rungs.RUNGS)
    found = {}
    for steps, source in zip((4, 32), full.values(), strict=True):
        lines = tmp_path / f"rungs-{steps}.jsonl"
        runs.same_facts(lines, packages=("numpy",), steps=steps)
        found[steps] = replace(
            source,
            lines=lines,
            proposals=source.proposals[:2],
            objectives=tuple(o for o in source.objectives if o["name"] in {"code_bpb", "params"}),
        )
    return found


def fill(source: Source, seeds: range, *, less: int = 0, shift: float = 0.0) -> None:
    """Finished runs of some seeds, without the last `less`; values name their run."""
    every = [(recipe, seed) for seed in seeds for recipe in range(4)]
    for recipe, seed in every[: len(every) - less]:
        metrics = {"params": 100.0, "code_bpb": 5.0 + recipe + seed / 10 + shift, "corpus": "0a1b"}
        runs.append(source.lines, recipe=recipe, seed=seed, metrics=metrics)


def test_only_seeds_that_both_rungs_have_whole_enter(sources: dict[int, Source]) -> None:
    """While runs are made, and where one rung has seeds of another purpose."""
    fill(sources[4], range(4))
    fill(sources[32], range(2), less=1, shift=-1.0)
    table = pack_rungs.pack_all(sources)
    assert [t.seeds for t in table.tables] == [(0,), (0,)]
    fill(sources[32], range(1, 2), shift=-1.0)
    table = pack_rungs.pack_all(sources)
    assert [t.seeds for t in table.tables] == [(0, 1), (0, 1)]
    assert table.tables[0].y[2, 1].tolist() == [7.1, 100.0]
    assert table.tables[1].y[2, 1].tolist() == [6.1, 100.0]
    assert pack_rungs.pack_all(sources, seeds=1).tables[0].seeds == (0,)


def test_costs_are_in_proportion_to_steps(sources: dict[int, Source]) -> None:
    """The top rung costs 1; facts that the rungs share stand once, others with their rung."""
    for source in sources.values():
        fill(source, range(1))
    table = pack_rungs.pack_all(sources)
    assert table.costs == (0.125, 1.0)
    assert table.about["corpus"] == "0a1b"
    assert "steps" not in table.about
    assert [t.about["steps"] for t in table.tables] == [4, 32]


def test_without_a_whole_seed_nothing_is_packed(sources: dict[int, Source]) -> None:
    """The error says how many there are and what makes the rest."""
    fill(sources[4], range(2))
    fill(sources[32], range(1), less=1)
    with pytest.raises(ValueError, match=r"0 seeds .* at 4 and 32 steps; `python -m tables"):
        pack_rungs.pack_all(sources)
    fill(sources[32], range(1))
    with pytest.raises(ValueError, match="1 seeds"):
        pack_rungs.pack_all(sources, seeds=2)


def test_the_real_sources_describe_themselves() -> None:
    """Eight branches in the order of their bits, one file of lines for each rung."""
    found = pack_rungs.sources()
    assert {steps: source.lines.name for steps, source in found.items()} == {
        32: "rungs-32.jsonl",
        256: "rungs-256.jsonl",
    }
    for source in found.values():
        assert tuple(p.name for p in source.proposals) == make_rungs.PROPOSALS
        assert source.about["made_by"] == "benchmarks/tables/make_rungs.py"
