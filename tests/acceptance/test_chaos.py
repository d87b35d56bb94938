"""A short form of `make chaos`: kills and worse at random moments; the course stays the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import chaos

if TYPE_CHECKING:
    from pathlib import Path

BUDGET = 24
OFTEN_S = (0.4, 1.6)


def form(kills: int) -> chaos.Form:
    """A short campaign that is disturbed often."""
    return chaos.Form(budget=BUDGET, kills=kills, between_s=OFTEN_S)


def check(found: dict[str, Any], *, least: int) -> None:
    """Nothing is lost, doubled or left behind, and what was decided is what calm decides."""
    assert found["kills"] >= least, found
    assert found["trials"] == BUDGET
    assert found["doubled"] == 0
    assert found["alterations"] == []
    assert found["same_asks"]
    assert found["same_results"]
    assert found["same_verdicts"]
    assert found["left_behind"] == []


@pytest.mark.slow
def test_nothing_is_lost_on_one_file(tmp_path: Path) -> None:
    """Killed processes, keepers and machines, a full disk, a clock that jumps."""
    check(chaos.on_sqlite(tmp_path, form(kills=10)), least=8)


@pytest.mark.slow
@pytest.mark.usefixtures("postgres_server")  # skips, or fails, where there is none
def test_nothing_is_lost_by_a_team(tmp_path: Path) -> None:
    """The same with two workers, one of which may stand still, and a database that restarts."""
    check(chaos.on_postgres(tmp_path, form(kills=6)), least=3)
