from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainstem.domain.stack import Role
from mainstem.lab.decisions_log import LoggedDecision, LoggedRun
from mainstem.lab.log_text import parse, written
from mainstem.lab.own_log import logged
from mainstem.lab.recover import recovered
from tests.unit.engine.conftest import make_world
from tests.unit.people.planted import Lines, evidence

if TYPE_CHECKING:
    from pathlib import Path

COMPONENTS = ("data", "optimizer")


def ledger() -> Lines:
    """Four proposals in a campaign."""
    lines = Lines([])
    for name in "abcd":
        lines.take(name)
        lines.entries[-1].body["components"] = ["optimizer", "elsewhere"]  # type: ignore[index]  # a dict here
    lines.open("c1", list("abcd"))
    lines.run("c1", [[], ["a", "b"], ["a", "b"], ["c"]])
    return lines


def read(lines: Lines) -> dict[int, LoggedDecision]:
    """The decisions, by number."""
    log = logged(lines.entries, COMPONENTS, {"t0": 2})
    return {one.number: one for one in log.decisions}


def test_what_was_judged_and_merged_is_a_decision() -> None:
    """With its verdict, its evidence, its components and its campaign."""
    lines = ledger()
    lines.judge("c1", "a", "merge", evidence(2.0))
    lines.judge("c1", "b", "shelve", evidence(-1.0))
    lines.judge("c1", "c", "broken")
    lines.end("c1")
    lines.merge("a")
    found = read(lines)
    assert {n: (d.approved, d.merged) for n, d in found.items()} == {
        1: (True, True),
        2: (False, False),
        3: (False, False),
    }
    assert found[1].components == ("optimizer",)
    assert found[1].round == 1
    loss, params = found[1].gain["loss"], found[1].gain["params"]
    assert (loss.mean, loss.margin) == pytest.approx((0.1, 0.05))
    assert loss.sd == pytest.approx(0.05 / 1.6449, rel=1e-4)
    assert params.role is Role.GUARD
    assert found[3].gain == {}


def test_a_veto_keeps_the_verdict_that_stood() -> None:
    """With the level of who cast it; one that is lifted is none, an unknown token has no level."""
    lines = ledger()
    lines.judge("c1", "a", "merge", evidence(2.0))
    lines.judge("c1", "b", "merge", evidence(2.0))
    lines.end("c1")
    lines.override("a", "veto")
    lines.override("b", "veto", by="t9")
    lines.override("c", "veto")
    lines.override("c", "lift")
    lines.override("d", "veto")
    found = read(lines)
    assert {n: (d.approved, d.vetoed, d.by, d.merged) for n, d in found.items()} == {
        1: (True, True, 2, False),
        2: (True, True, None, False),
        4: (None, True, 2, False),
    }


def test_what_waits_for_its_merge_is_no_decision_until_one_passes_it_over() -> None:
    """Then it was not merged in spite of the evidence."""
    lines = ledger()
    lines.judge("c1", "a", "merge", evidence(2.0))
    lines.judge("c1", "b", "merge", evidence(2.0))
    lines.judge("c1", "c", "open", evidence(0.0))
    lines.end("c1")
    assert read(lines) == {}
    lines.merge("a")
    found = read(lines)
    assert {n: (d.approved, d.merged) for n, d in found.items()} == {
        1: (True, True),
        2: (True, False),
    }


def test_a_merge_passes_over_nothing_that_was_withdrawn_then() -> None:
    """Lifted again, it waits for the next one."""
    lines = ledger()
    lines.judge("c1", "a", "merge", evidence(2.0))
    lines.judge("c1", "b", "merge", evidence(2.0))
    lines.end("c1")
    lines.override("b", "withdraw")
    lines.merge("a")
    lines.override("b", "lift")
    assert list(read(lines)) == [1]


def test_what_was_taken_back_is_no_decision() -> None:
    """Withdrawn by its author, or proposed again."""
    lines = ledger()
    lines.judge("c1", "a", "shelve", evidence(-2.0))
    lines.judge("c1", "b", "shelve", evidence(-2.0))
    lines.end("c1")
    lines.override("a", "withdraw")
    lines.add("proposal-withdrawn", {"id": "b", "by": "b2"})
    assert read(lines) == {}


def test_recipes_count_once_and_of_search_only() -> None:
    """Neither the trunk, nor a repeat, nor what holds undecided proposals."""
    lines = ledger()
    lines.run("c1", [["a", "c"], ["a", "d"]])
    batch = lines.entries[-3].body["trials"]
    batch[0]["purpose"] = "confirm"
    for name in "abc":
        lines.judge("c1", name, "shelve", evidence(-1.0))
    lines.judge("c1", "d", "open")
    lines.end("c1")
    log = logged(lines.entries, COMPONENTS, {})
    assert log.components == COMPONENTS
    assert log.runs == (
        LoggedRun(round=1, members=frozenset({1, 2})),
        LoggedRun(round=1, members=frozenset({3})),
    )


def test_a_real_ledger_is_read(tmp_path: Path) -> None:
    """A campaign of the engine, merged, with a veto: nothing but its lines is needed."""
    world = make_world(tmp_path / "world")
    world.propose("muon", "rope", "bad")
    done = world.integrate(budget=60)
    world.merge()
    world.propose("late")
    ledger = world.ledger()
    ledger.append(
        [
            (
                "override",
                {
                    "proposal": "late",
                    "kind": "veto",
                    "reason": "not now",
                    "by": "t0",
                    "campaign": done.campaign.id,
                    "price": None,
                },
            )
        ]
    )
    log = logged(ledger.entries(), COMPONENTS, {"t0": 1})
    ledger.close()
    found = {one.number: (one.approved, one.vetoed, one.merged) for one in log.decisions}
    assert found == {
        1: (True, False, True),
        2: (True, False, True),
        3: (False, False, False),
        4: (None, True, False),
    }
    assert {g.margin for one in log.decisions for g in one.gain.values() if g.mean > 0.1} == {0.05}
    assert any(len(run.members) > 1 for run in log.runs)
    assert parse("log.jsonl", written(log).encode(), COMPONENTS) == log
    assert recovered(log).veto_rate is None
