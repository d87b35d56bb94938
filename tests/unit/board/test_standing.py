"""Where the campaign stands, what comes next, and what somebody should look at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.board import standing
from mainstem.board.reader import Question
from mainstem.domain.errors import UsageError
from tests.unit.board.looking import Looking, take
from tests.unit.engine.conftest import make_world

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

WORKING = {"pid": 7, "slots": 2, "running": ["c1.5", "c1.6"], "queued": 2}


def best(reader: Looking) -> Mapping[str, Any]:
    """The best set of `show`."""
    body = reader.ask(Question.SHOW).body
    assert body is not None
    found: Mapping[str, Any] = body["best"]
    return found


def following(reader: Looking, at_work: Mapping[str, Any] | None = None) -> str:
    """What comes next."""
    body = reader.ask(Question.SHOW).body
    found = None if body is None else body["best"]
    return standing.following(reader.record(), at_work or {}, found, reader.trunk())


def test_before_anything_ran_it_says_how_to_begin(empty: Looking, waiting: Looking) -> None:
    """Branches first, then a campaign."""
    assert standing.state(empty.record(), {}) == "There is no proposal yet."
    assert "mainstem propose BRANCH" in following(empty)
    assert standing.state(waiting.record(), {}) == "2 proposals wait; no campaign has run."
    assert "mainstem integrate --budget N" in following(waiting)


def test_a_proved_set_is_to_be_merged(reader: Looking) -> None:
    """The sentence names it, with its gains on what is to be improved."""
    assert standing.state(reader.record(), {}) == "Campaign c1 has ended after 40 of 60 trials."
    said = standing.best(best(reader), reader.record(), ["loss"])
    assert said.startswith("Best so far: muon + rope (confirmed on fresh seeds: loss +0.5")
    assert "params" not in said
    assert following(reader) == "Next: `mainstem merge` puts muon + rope onto the trunk."


def test_after_the_merge_the_rest_is_judged_anew(merged: Looking) -> None:
    """On the trunk as it is now."""
    said = standing.best(best(merged), merged.record(), ["loss"])
    assert said.startswith("In the trunk since: muon")
    assert "judges 1 open proposal on the trunk as it is now" in following(merged)


def test_while_it_runs_it_says_how_long_at_most(folder: Path) -> None:
    """What is spent, what runs, and the time; stopped, how to go on."""
    world = make_world(folder / "stopped")
    take(world, {"muon": (), "bad": ()})
    assert world.integrate(budget=30, die_after=6).died
    reader = Looking(world=world)
    spent = len(reader.record().campaigns["c1"].finished)
    said = standing.state(reader.record(), WORKING)
    assert said.startswith(f"Campaign c1 is running: {spent} of 30 trials spent, 2 running now")
    assert f"at most {(30 - spent) / 2:.0f}" in said
    assert "asks for more trials" in following(reader, WORKING)
    assert standing.state(reader.record(), {}) == f"Campaign c1 stopped after {spent} of 30 trials."
    assert "goes on where it stopped" in following(reader)


def test_a_spent_budget_without_a_proof_says_that_more_would_do(folder: Path) -> None:
    """And a campaign that found nothing asks for other branches."""
    world = make_world(folder / "poor")
    take(world, {"muon": (), "bad": ()})
    world.integrate(budget=8)
    reader = Looking(world=world)
    assert not best(reader)["confirmed"]
    assert "larger `--budget`" in following(reader)
    world = make_world(folder / "nothing")
    take(world, {"bad": ()})
    world.integrate(budget=30)
    reader = Looking(world=world)
    found = best(reader)
    assert standing.best(found, reader.record(), ["loss"]) == (
        "No set of proposals is better than the trunk so far."
    )
    assert "nothing here is worth merging" in following(reader)


def test_what_is_not_known_yet_is_not_said(reader: Looking) -> None:
    """While the landscape is worked out there is no best set to speak of."""
    assert standing.best(None, reader.record(), ["loss"]) == ""
    assert standing.following(reader.record(), {}, None, reader.trunk()) == ""


def test_a_trunk_that_does_not_run_comes_first(folder: Path) -> None:
    """With its log; while somebody works on it again it is not told."""
    world = make_world(folder / "broken")
    take(world, {"muon": ()})
    world.outcome = lambda content, seed: {"params": float(seed)} if content else {"params": 1.0}
    with pytest.raises(UsageError):
        world.integrate(budget=20)
    reader = Looking(world=world)
    status = {"warnings": ["branch muon has moved"]}
    first, second = standing.notes(reader.record(), {}, status, [], reader.trunk())
    assert (first.tone, second.tone) == ("bad", "warn")
    assert first.said.startswith("The trunk does not run: ")
    assert first.href.startswith("/runs/c1.")
    assert second.said == "branch muon has moved"
    assert standing.notes(reader.record(), WORKING, None, [], reader.trunk()) == []
    assert "mend the trunk" in following(reader)


def test_what_does_not_repeat_itself_is_told_with_both_trials(reader: Looking) -> None:
    """And how many others did the same."""
    row = {"trial": "c1.4", "other": "k1.1", "seed": 1, "objectives": {"loss": [1.0, 2.0]}}
    [note] = standing.notes(reader.record(), {}, None, [row, row, row], reader.trunk())
    assert "c1.4 measured something else than k1.1" in note.said
    assert "2 other trials likewise" in note.said
    assert note.href == "/runs/c1.4"


def test_a_merge_that_was_cut_short_is_told_once_git_has_it(reader: Looking) -> None:
    """The ledger has its plan only: where the trunk is says whether it came about."""
    plan = {"campaign": "c1", "recipe": ["muon", "rope"], "old": "0" * 40, "new": reader.trunk()}
    record = replace(reader.record(), planned=plan)
    [note] = standing.notes(record, {}, None, [], reader.trunk())
    assert "moved by a merge of muon + rope, which was cut short" in note.said
    elsewhere = replace(record, planned={**plan, "new": "1" * 40})
    assert standing.notes(elsewhere, {}, None, [], reader.trunk()) == []
