from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from mainstem.cli import watch as watching
from mainstem.cli.watch import Believer, Looker, watch
from mainstem.domain.errors import StoreError
from mainstem.engine.record import fold
from mainstem.engine.restore import restore
from tests.unit.board.report_material import project
from tests.unit.engine.conftest import World, make_world

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A ledger with two proposals."""
    found = make_world(tmp_path / "world")
    found.propose("muon", "rope")
    return found


def settle(looker: Looker) -> None:
    """Looks until nothing is being worked out any more."""
    for _ in range(1000):
        looker.look()
        if looker.settled:
            return
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and thread.daemon:
                thread.join(0.05)
    pytest.fail("it never settled")


def test_a_looker_sees_what_the_record_holds(world: World) -> None:
    """Before a campaign, after some of it, and when it has ended: as who folds it anew."""
    looker = Looker(project(world))
    looker.look()
    assert looker.scene.head() == "no campaign yet: waits for `mainstem integrate`"
    assert not looker.over
    world.integrate(budget=20, die_after=10)
    settle(looker)
    assert looker.scene.state == "stopped"
    assert looker.scene.head().startswith("campaign c1: 10/20 trials")
    assert len(list(looker.news())) == 10
    assert list(looker.news()) == []
    done = world.integrate(budget=20)
    settle(looker)
    assert looker.over
    assert looker.record == fold(looker.project.ledger.entries())
    assert looker.scene.best is not None
    found = done.state.integrator.recommend()
    assert set(looker.scene.best["recipe"]) == found.recipe
    assert looker.scene.best["gain"]["loss"]["mean"] == found.gain["loss"].mean


def test_a_looker_writes_nothing(world: World) -> None:
    """The ledger has the same end after any number of looks."""
    world.integrate(budget=8)
    one = project(world)
    before = one.ledger.end()
    settle(Looker(one))
    assert one.ledger.end() == before


def test_time_of_what_runs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the worker says; else since it was first seen, and unknown for what ran before."""
    world.integrate(budget=8, die_after=4)
    one = project(world)
    said = {"pid": 7, "slots": 2, "running": ["c1.5"], "since": {"c1.6": "2020-01-01T00:00:00Z"}}
    monkeypatch.setattr(one, "progress", lambda _: said)
    looker = Looker(one)
    looker.look()
    assert looker.scene.running == {"c1.5": None}
    assert looker.scene.state == "running as pid 7"
    assert not looker.over
    said["running"] = ["c1.5", "c1.6", "c1.7"]
    looker.look()
    assert looker.scene.running["c1.5"] is None
    assert (looker.scene.running["c1.6"] or 0.0) > 1e8
    assert 0.0 <= (looker.scene.running["c1.7"] or 0.0) < 60.0
    settle(looker)


def test_a_log_of_what_is_watched(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a terminal: a line per trial, the state when it is known, and no more than that."""
    world.integrate(budget=20, die_after=10)
    naps = iter([lambda: None, lambda: world.integrate(budget=20)])
    monkeypatch.setattr(watching, "EVERY_S", 0.01)

    def sleep(_: float) -> None:
        next(naps, lambda: None)()

    monkeypatch.setattr(watching.time, "sleep", sleep)
    one = project(world)
    assert watch(one) is True
    lines = capsys.readouterr().out.splitlines()
    campaign = one.record().latest()
    assert campaign is not None
    ended = list(campaign.finished)
    assert [line.split()[0] for line in lines if line.startswith("c1.")] == ended[10:]
    assert lines[-1].startswith(f"campaign c1: {len(ended)}/20 trials, 0 failed, ended; best so")
    assert len(lines) <= len(ended[10:]) + 4


def test_ctrl_c_is_how_one_leaves(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is no error, and says nothing."""

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(watching.time, "sleep", interrupted)
    assert watch(project(world)) is False
    assert capsys.readouterr().out == "no campaign yet: waits for `mainstem integrate`\n"


def test_what_goes_wrong_beside_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the thread comes up where somebody can read it."""

    def broken(*_: object) -> None:
        raise StoreError("the record makes no sense")

    done = world.integrate(budget=8)
    believer = Believer(world.stack)
    monkeypatch.setattr(watching, "restore", broken)
    assert believer.of(done.record, done.campaign, 1) is None
    for thread in threading.enumerate():
        if thread.daemon:
            thread.join(5.0)
    with pytest.raises(StoreError, match="makes no sense"):
        believer.of(done.record, done.campaign, 1)
    assert restore(world.stack, done.record, done.campaign).integrator.spent == 8
