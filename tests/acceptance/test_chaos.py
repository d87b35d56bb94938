"""A short form of `make chaos`: kills and worse at random moments; the course stays the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import chaos

BUDGET = 24
OFTEN_S = (0.4, 1.6)
BATCH = 4


def form(kills: int) -> chaos.Form:
    """A short campaign that is disturbed often."""
    return chaos.Form(budget=BUDGET, kills=kills, between_s=OFTEN_S)


@pytest.mark.parametrize(
    ("trials", "kills"), [(24, 10), (24, 6), (20, 8), (173, 200), (199, 200), (200, 200)]
)
def test_the_last_trial_ends_after_the_last_disturbance(trials: int, kills: int) -> None:
    """Both go on together: neither is at its end before the other, and they never both wait."""
    pace = chaos.Pace(folder=Path(), trials=trials, kills=kills, takes_s=1.0)
    assert pace.last(kills - 1) < trials <= pace.last(kills)
    for done in range(kills):
        for finished in range(trials):
            batch_ends = min(finished + BATCH, trials)
            assert pace.due(done, finished) or batch_ends <= pace.last(done), (done, finished)


def test_trials_take_longer_where_the_campaign_is_ahead() -> None:
    """Twice as long for a few trials that it is ahead, half as long for as few behind."""
    pace = chaos.Pace(folder=Path(), trials=200, kills=100, takes_s=4.0)
    took_s = [pace.seconds(50, 100 + lead) for lead in (-chaos.DOUBLES_BY, 0, chaos.DOUBLES_BY)]
    assert took_s == [2.0, 4.0, 8.0]
    assert pace.seconds(0, 100) == chaos.LONGEST_S


def check(found: dict[str, Any], *, kills: int) -> None:
    """Nothing is lost, doubled or left behind, and what was decided is what calm decides."""
    assert found["kills"] == kills, found
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
    check(chaos.on_sqlite(tmp_path, form(kills=10)), kills=10)


@pytest.mark.slow
@pytest.mark.usefixtures("postgres_server")  # skips, or fails, where there is none
def test_nothing_is_lost_by_a_team(tmp_path: Path) -> None:
    """The same with two workers, one of which may stand still, and a database that restarts."""
    check(chaos.on_postgres(tmp_path, form(kills=6)), kills=6)
