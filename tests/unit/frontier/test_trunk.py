from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.domain.trial import Purpose
from mainstem.frontier import trunk
from tests.unit.frontier.conftest import seen

if TYPE_CHECKING:
    from tests.unit.engine.conftest import World


def test_runs_of_the_trunk_are_those_that_nobody_picked(world: World) -> None:
    """After a merge: the candidate's arms of the pairs, and no search run of what was merged."""
    world.propose("muon", "rope", "bad")
    done = world.integrate(budget=40)
    before = seen(world)
    arms = [asked.name for asked, _ in done.campaign.ended_trials() if not asked.trial.recipe]
    assert {run.trial for run in trunk.runs(world.stack, before.record, before.tree)} <= set(arms)
    merged = frozenset(world.merge())
    after = seen(world)
    names = {run.trial for run in trunk.runs(world.stack, after.record, after.tree)}
    pairs = {
        asked.name
        for asked, _ in done.campaign.ended_trials()
        if asked.trial.recipe == merged and asked.trial.purpose is Purpose.CONFIRM
    }
    searched = {
        asked.name
        for asked, _ in done.campaign.ended_trials()
        if asked.trial.recipe == merged and asked.trial.purpose is Purpose.SEARCH
    }
    assert names == pairs
    assert len(pairs) > 3
    assert searched, "the world has no search run that could be counted by mistake"


def test_a_seed_counts_once(world: World) -> None:
    """The same files with the same seed are the same run, whoever asked for it."""
    world.propose("muon")
    world.integrate(budget=12)
    now = seen(world)
    seeds = [run.seed for run in trunk.runs(world.stack, now.record, now.tree)]
    assert seeds
    assert len(seeds) == len(set(seeds))


def test_steps_are_the_merges_with_what_was_confirmed(world: World) -> None:
    """In order, with their times; nothing before the first."""
    assert trunk.steps(seen(world).record, seen(world).entries, world.trunk) == []
    world.propose("muon")
    world.integrate(budget=30)
    assert world.merge() == ["muon"]
    now = seen(world)
    (step,) = trunk.steps(now.record, now.entries, world.trunk)
    assert (step.recipe, step.commit, step.forced) == (("muon",), world.trunk, ())
    assert step.at.startswith("2024-01-01T")
    assert 0.2 < step.gain["loss"]["mean"] < 0.4
