"""The trunk against itself, at every rung in play."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import TrunkFailedError
from mainstem.domain.stack import Rung
from mainstem.engine.check import check
from mainstem.engine.lineage import earlier_runs, lineage
from mainstem.engine.record import fold, setup_digest
from mainstem.engine.rungs import setups

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import World

SMALL, LARGE = Rung(name="small", cost=1.0), Rung(name="large", cost=8.0)


def checked(world: World, *, runs: int = 3) -> tuple[dict[str, Any], list[tuple[str, str, int]]]:
    """The report of a check, and its jobs in the order in which they were handed over."""
    ledger = world.ledger()
    executor = world.executor()
    try:
        report = check(world.shop(executor, ledger), runs=runs)
    finally:
        ledger.close()
    jobs = [(str(job.trial), job.rung, job.seed) for job in executor.ran]
    return report, jobs[::-1]  # the executor ends the last one first


def test_one_rung_is_checked_as_ever(world: World) -> None:
    """Fresh seeds and one of them again; its trials count for a campaign but for the repeat."""
    report, jobs = checked(world)
    assert [name for name, _, _ in jobs] == ["k1.1", "k1.2", "k1.3", "k1.4"]
    assert jobs[3][2] == jobs[0][2]
    assert len({seed for _, _, seed in jobs}) == 3
    assert [row["counts"] for row in report["trials"]] == [True, True, True, False]
    assert (report["rung"], report["setup"]) == ("default", setup_digest(world.stack))
    assert "rungs" not in report


def test_cheaper_rungs_are_checked_first_and_each_counts_for_itself(world: World) -> None:
    """With seeds of its own and the margins of the rung that confirms."""
    world.stack = replace(world.stack, rungs=(SMALL, LARGE))
    report, jobs = checked(world)
    assert [rung for _, rung, _ in jobs] == ["small"] * 4 + ["large"] * 4
    seeds = {rung: {seed for _, at, seed in jobs if at == rung} for rung in ("small", "large")}
    assert len(seeds["small"] | seeds["large"]) == 6
    (small,) = report["rungs"]
    assert (report["rung"], small["rung"]) == ("large", "small")
    margins = {name: seen["margin"] for name, seen in report["objectives"].items()}
    assert {name: seen["margin"] for name, seen in small["objectives"].items()} == margins
    world.propose("muon")
    ledger = world.ledger()
    record = fold(ledger.entries())
    ledger.close()
    line = lineage(record, world.trunk)
    runs = list(earlier_runs(record, line, setups=setups(world.stack), tree=report["trunk_tree"]))
    assert [(run.trial, run.rung) for run in runs] == [
        *((f"k1.{i}", "large") for i in (1, 2, 3)),
        *((f"k1.{i}", "small") for i in (5, 6, 7)),
    ]
    alone = setups(world.stack.searching([]))
    only = list(earlier_runs(record, line, setups=alone, tree=report["trunk_tree"]))
    assert {run.rung for run in only} == {"large"}


def test_a_rung_at_which_the_trunk_does_not_run_is_named(world: World) -> None:
    """Before a campaign meets it, with what to do without it."""

    def fails(content: frozenset[str], seed: int) -> Mapping[str, float] | str:
        del content, seed
        return "RuntimeError: too few steps"

    world.stack = replace(world.stack, rungs=(SMALL, LARGE))
    world.outcome = fails
    with pytest.raises(TrunkFailedError, match=r"k1\.\d, at rung 'large'"):
        checked(world)  # the executor ends the last job first
    world.stack = replace(world.stack, rungs=(LARGE, replace(SMALL, name="tiny")))
    world.stack = replace(
        world.stack, decisions=replace(world.stack.decisions, confirm_rung="large")
    )
    ran: list[int] = []

    def fails_later(content: frozenset[str], seed: int) -> Mapping[str, float] | str:
        ran.append(seed)
        return fails(content, seed) if len(ran) > 2 else {"loss": 1.0, "params": 2.0}

    world.outcome = fails_later
    with pytest.raises(TrunkFailedError, match=r"'tiny'.*decisions.search_rungs leaves it out"):
        checked(world, runs=1)
