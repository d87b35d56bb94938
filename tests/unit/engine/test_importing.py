"""Runs that somebody else made: into the ledger, and into campaigns that open later."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mainstem.domain.errors import UsageError
from mainstem.domain.proposal import TreeId
from mainstem.engine import record as records
from mainstem.engine.importing import Foreign, Source, take_in
from mainstem.engine.record import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from conftest import World

EFFECTS = {"muon": 0.3, "rope": 0.2, "bad": -0.4}
SOURCE = Source(file="theirs.csv", sha256="0" * 64, about="a leaderboard")


def measured(content: frozenset[str], seed: int) -> Mapping[str, float] | str:
    """Each recipe has its own noise."""
    noise = np.random.default_rng([seed, *"".join(sorted(content)).encode()]).normal(0.0, 0.02)
    return {"loss": 2.0 - sum(EFFECTS.get(p, 0.0) for p in content) + noise, "params": 1000.0}


@pytest.fixture
def world(world: World) -> World:
    """A world in which runs differ by noise, and no margin is a percentage."""
    world.outcome = measured
    margins = {"loss": 0.05, "params": 50.0}
    objectives = tuple(replace(o, margin=margins[o.name]) for o in world.stack.objectives)
    world.stack = replace(world.stack, objectives=objectives)
    return world


def theirs(seeds: int = 3, *, shift: float = 0.0, base: bool = True) -> list[Foreign]:
    """Runs of each proposal alone, of two together, and of the baseline."""
    recipes = [(), ("muon",), ("rope",), ("bad",), ("muon", "rope")][0 if base else 1 :]
    found = []
    for recipe in map(frozenset, recipes):
        for seed in range(seeds):
            values = measured(recipe, 1000 + seed)
            assert not isinstance(values, str)
            found.append(
                Foreign(
                    name=f"{len(found)}",
                    recipe=recipe,
                    seed=1000 + seed,
                    values={**values, "loss": values["loss"] + shift},
                    places={"machine": "theirs"},
                )
            )
    return found


def take(world: World, runs: Sequence[Foreign], source: Source = SOURCE) -> dict[str, Any]:
    """Takes runs into the world's ledger."""
    record = fold(world.ledger().entries())
    return take_in(
        world.ledger(), record, world.stack, runs, source, trunk=world.trunk, tree=TreeId("t")
    )


def test_the_line_holds_every_run_and_where_it_came_from(world: World) -> None:
    """In the order of proposing, with what its row said; nothing else is written."""
    world.propose("muon", "rope", "bad")
    before = len(list(world.ledger().entries()))
    done = take(world, theirs())
    (*_, entry) = world.ledger().entries()
    assert (entry.kind, entry.seq) == (records.RUNS_IMPORTED, before + 1)
    assert (done["import"], done["line"], done["runs"]) == ("i1", entry.seq, 15)
    assert (entry.body["file"], entry.body["about"]) == ("theirs.csv", "a leaderboard")
    last = entry.body["runs"][-1]
    assert (last["run"], last["recipe"], last["seed"]) == ("i1.15", ["muon", "rope"], 1002)
    assert last["places"] == {"machine": "theirs"}
    assert fold(world.ledger().entries()).imports == [entry.body]


def test_a_campaign_learns_from_them_and_confirms_by_its_own_pairs(world: World) -> None:
    """The verdicts are those of a campaign alone, after fewer runs to search."""
    world.propose("muon", "rope", "bad")
    take(world, theirs())
    found = world.integrate(budget=40)
    assert found.verdicts() == {"muon": "merge", "rope": "merge", "bad": "shelve"}
    rows = found.campaign.inherited
    assert [row["trial"] for row in rows] == [f"i1.{k}" for k in range(1, 16)]
    assert all(row["imported"] for row in rows)
    (standing,) = [c for c in found.state.integrator.candidates() if c.pairs]
    asked = {t.trial.seed for t in found.campaign.asked()}
    assert {pair.seed for pair in standing.pairs} <= asked
    assert not asked & {row["seed"] for row in rows}
    assert world.merge() == ["muon", "rope"]


def test_after_a_merge_they_count_as_earlier_runs_do(world: World) -> None:
    """Runs of the merged set are runs of the trunk, the others leave members of it out."""
    world.propose("muon", "rope", "bad")
    take(world, theirs())
    world.integrate(budget=40)
    world.merge()
    second = world.integrate(budget=4)
    rows = {row["trial"]: row for row in second.campaign.inherited if row.get("imported")}
    assert rows["i1.15"]["recipe"] == rows["i1.15"]["without"] == []
    assert rows["i1.10"]["recipe"] == ["bad"]
    assert set(rows["i1.10"]["without"]) == {"muon", "rope"}
    assert len(rows) == 15


def test_a_campaign_that_is_open_is_left_for_another(world: World) -> None:
    """Killed and taken up again, both stay as they were asked."""
    world.propose("muon", "rope", "bad")
    first = world.integrate(budget=40, die_after=6)
    assert first.died
    take(world, theirs())
    second = world.integrate(budget=40, die_after=5)
    assert second.campaign.id == "c2"
    own = [row["trial"] for row in second.campaign.inherited if not row.get("imported")]
    assert own == [a.name for a, _ in first.campaign.ended_trials()]
    before = second.asks()
    third = world.integrate(budget=40)
    assert third.campaign.id == "c2"
    assert third.asks()[: len(before)] == before


def test_a_baseline_that_measures_something_else_is_refused(world: World) -> None:
    """Where both sides have two runs; else it is said that nobody knows."""
    world.propose("muon", "rope", "bad")
    done = take(world, theirs())
    assert any("not compared: this trunk has fewer" in note for note in done["notes"])
    world.integrate(budget=40)  # its pairs run the trunk
    other = Source(file="more.csv", sha256="1" * 64)
    before = len(list(world.ledger().entries()))
    with pytest.raises(UsageError, match=r"more.csv: the baseline measures loss 2\.[45]"):
        take(world, theirs(shift=0.5), other)
    assert len(list(world.ledger().entries())) == before
    notes = take(world, theirs(1), other)["notes"]
    assert any("their baseline has fewer than two runs" in note for note in notes)
    assert take(world, theirs(4), Source(file="x", sha256="2" * 64))["notes"] == []


def test_a_metric_that_never_varies_must_agree(world: World) -> None:
    """No t-test is needed to see that 1,001 parameters are another model."""
    world.propose("muon", "rope", "bad")
    world.integrate(budget=12)
    runs = theirs()
    larger = [
        Foreign(
            name=run.name,
            recipe=run.recipe,
            seed=run.seed,
            values={**(run.values or {}), "params": 1001.0},
            places={},
        )
        for run in runs
    ]
    with pytest.raises(UsageError, match="measures params 1001, this trunk 1000"):
        take(world, larger)


def test_a_file_is_taken_once(world: World) -> None:
    """By its digest, whatever it is called."""
    world.propose("muon", "rope", "bad")
    take(world, theirs())
    with pytest.raises(UsageError, match=r"renamed.csv is in the ledger already, as i1"):
        take(world, theirs(), Source(file="renamed.csv", sha256=SOURCE.sha256))


def test_a_margin_in_percent_waits_for_runs_that_were_made_here(world: World) -> None:
    """Three of the trunk; until then foreign runs of the baseline are not observed."""
    percent = tuple(replace(o, margin="5%") for o in world.stack.objectives)
    world.stack = replace(world.stack, objectives=percent)
    world.propose("muon", "rope", "bad")
    notes = take(world, theirs())["notes"]
    assert any("the margin of loss, params is a percentage" in note for note in notes)
    first = world.integrate(budget=8)
    assert first.campaign.inherited
    assert all(row["recipe"] for row in first.campaign.inherited)
    ran = [a for a, _ in first.campaign.ended_trials() if not a.trial.recipe]
    assert ran
    for seed in range(1, 4):
        world.integrate(budget=8, seed=seed)
    last = world.integrate(budget=4, seed=9)
    theirs_too = [r for r in last.campaign.inherited if r.get("imported") and not r["recipe"]]
    assert len(theirs_too) == 3
    own = [r for r in last.campaign.inherited if not r.get("imported") and not r["recipe"]]
    assert len(own) >= 3
    assert last.campaign.inherited.index(theirs_too[0]) > last.campaign.inherited.index(own[-1])
