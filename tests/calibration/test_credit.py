"""Do 90% intervals of credit cover 90%? Fixed seeds; the quick form of the bench."""

from __future__ import annotations

import math

import pytest

import credit
import intervals
from mainstem.stats import replication
from tests.calibration import kept


def _games(kind: str) -> list[credit.Game]:
    """Kept campaigns of a kind, and what their credit says."""
    world = intervals.KINDS[kind].world
    return [credit.game(world(k), k, one) for k, one in enumerate(kept.campaigns(kind))]


def _error_at(goal: float, found: dict[str, float]) -> float:
    """The standard error if the goal were the true share, as a score test takes it.

    The error at a share that came out near 1 is small for that reason alone.
    """
    share = found["every"]
    spread = max(share * (1.0 - share), 1e-9)
    return found["every_error"] * math.sqrt(goal * (1.0 - goal) / spread)


@pytest.mark.parametrize("kind", ["pairs", "the model's own prior"])
def test_intervals_of_all_members_cover_what_they_say(kind: str) -> None:
    """Target 87 to 93% of the members' values, less three standard errors over the games.

    Of a recipe that was named in advance; the bench has the figures of chosen ones too, which
    looked good, and of games that are warped. Of these two kinds the half of credit's model
    without a warp is right by itself, so both halves together are wider than they need be.
    """
    found = credit.shares(_games(kind))
    low, high = credit.GOALS[kind]
    assert found["every"] >= low - 3.0 * _error_at(low, found)
    assert found["every"] <= high + 3.0 * _error_at(high, found)
    assert found["total"] >= low - 3.0 * 0.045


def test_a_game_knows_which_intervals_held() -> None:
    """One campaign on a landscape of pairs: eight members, and percentages of what was chosen."""
    world = intervals.KINDS["pairs"].world
    found = credit.game(world(1), 1, kept.campaigns("pairs")[1])
    assert len(found.every.held) == len(found.every.widths) == world(1).n
    assert found.chosen is not None
    assert min(found.every.widths) > 0.0


def test_halves_of_the_model_share_no_game_and_stand_by_themselves_too() -> None:
    """The first games of one and the last of the other, as many as of a kind by itself."""
    games = {
        name: [_game([held] * 4) for _ in range(6)]
        for name, held in zip(credit.HALVES, (True, False), strict=True)
    }
    found = credit._with_halves(games)
    assert {name: len(each) for name, each in found.items()} == dict.fromkeys(found, 6)
    assert [one.every.held[0] for one in found["half of each"]] == [True] * 3 + [False] * 3


def test_an_interval_of_the_share_knows_that_values_of_a_game_err_together() -> None:
    """Eight values a game that all hold, or none, are worth one."""
    together = credit.shares([_game([k < 90] * 8) for k in range(100)])
    wilson = replication.wilson(90, 100, 0.95)
    assert together["every"] == pytest.approx(0.9)
    assert together["every_low"] == pytest.approx(wilson.low, abs=1e-9)
    assert together["every_high"] == pytest.approx(wilson.high, abs=1e-9)
    surely = credit.shares([_game([True] * 8) for _ in range(100)])
    assert (surely["every_low"], surely["every_high"]) == (0.0, 1.0)


def _game(held: list[bool]) -> credit.Game:
    """A game of which is known what held."""
    every = credit.Divided(held=held, total=True, widths=[1.0] * len(held), percent=True)
    return credit.Game(every=every, chosen=None)
