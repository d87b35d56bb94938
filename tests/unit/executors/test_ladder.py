from __future__ import annotations

import pytest

from mainstem.executors import ladder, landlock
from mainstem.executors.ladder import probe, stand, standing_at
from mainstem.executors.plan import Level


@pytest.fixture(autouse=True)
def _fresh() -> None:
    """Each test finds the ladder untried."""
    stand.cache_clear()


@pytest.mark.parametrize("level", list(Level))
def test_a_machine_stands_at_the_best_level_that_works(
    level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those above say why they do not; those below are not tried."""
    order = list(Level)
    tried = []

    def fake(at: Level) -> str:
        tried.append(at)
        return "" if at is level else f"no {at}"

    monkeypatch.setattr(ladder, "probe", fake)
    found = stand()
    assert found.level is level
    assert found.lacking == {at: f"no {at}" for at in order[: order.index(level)]}
    stand()
    assert tried == order[: order.index(level) + 1]


def test_limits_are_left_when_nothing_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is always a level."""
    monkeypatch.setattr(ladder, "probe", lambda _level: "no")
    assert stand().level is Level.LIMITS


def test_what_is_not_installed_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what is missing."""
    monkeypatch.setattr(ladder, "program", lambda _name: None)
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    assert probe(Level.BUBBLEWRAP) == "bubblewrap is not installed"
    assert probe(Level.LANDLOCK) == "this kernel has no Landlock"


def test_a_bubblewrap_that_fails_is_quoted(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Its own words are the reason."""
    fake = tmp_path_factory.mktemp("bin") / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2; exit 1\n")
    fake.chmod(0o755)
    real = ladder.program
    monkeypatch.setattr(
        "mainstem.executors.plan.program", lambda n: str(fake) if n == "bwrap" else real(n)
    )
    monkeypatch.setattr(ladder, "program", lambda n: str(fake) if n == "bwrap" else real(n))
    assert probe(Level.BUBBLEWRAP) == "bwrap: setting up uid map: Permission denied"


def test_limits_work_everywhere() -> None:
    """The last level is a level."""
    assert probe(Level.LIMITS) == ""
    assert standing_at(Level.LIMITS).lacking == {}
