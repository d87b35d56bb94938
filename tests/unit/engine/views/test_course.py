from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainstem.engine.views.course import Course, course

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.engine.conftest import World


def test_the_course_of_a_campaign(world: World) -> None:
    """A point a batch: trials that had ended, the best set by its mean, its gain over the trunk."""
    world.propose("muon", "rope", "bad", "wide", "old")
    done = world.integrate(budget=40)
    points = course(world.stack.objectives, done.campaign)
    ended = [len(batch) for batch in done.campaign.batches]
    assert [p["trials"] for p in points] == [sum(ended[: k + 1]) for k in range(len(ended))]
    last = points[-1]
    assert last["recipe"] == ["muon", "rope"]
    values: dict[bool, list[float]] = {True: [], False: []}
    for asked, result in done.campaign.ended_trials():
        if asked.trial.recipe in (frozenset(), frozenset({"muon", "rope"})) and result.values:
            values[bool(asked.trial.recipe)].append(result.values["loss"])
    means = {k: sum(v) / len(v) for k, v in values.items()}
    assert last["gain"]["loss"] == pytest.approx(means[False] - means[True])
    assert last["gain"]["params"] == 0.0


def test_a_set_that_breaks_a_guard_is_never_the_best(world: World) -> None:
    """`wide` gains and costs too much: no point names it."""
    world.propose("wide", "bad")
    done = world.integrate(budget=30)
    points = course(world.stack.objectives, done.campaign)
    assert any(asked.trial.recipe == {"wide"} for asked in done.campaign.asked())
    assert {tuple(p["recipe"]) for p in points} == {()}


def test_batch_by_batch_it_is_the_same(make: Callable[..., World]) -> None:
    """Whoever looks on sees what a reader of the whole record sees; half a batch is no point."""
    world = make()
    world.propose("muon", "rope", "bad")
    died = world.integrate(budget=30, die_after=14)
    found = Course(objectives=world.stack.objectives)
    found.take(died.campaign)
    assert len(found.points) == 3
    found.take(died.campaign)
    assert len(found.points) == 3
    done = world.integrate(budget=30)
    found.take(done.campaign)
    assert found.points == course(world.stack.objectives, done.campaign)
    assert len(found.points) == len(done.campaign.batches)
