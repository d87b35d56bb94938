"""The landscape of runs that somebody else made: planted effects, luck, and what is missing."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mainstem.domain.errors import UsageError
from mainstem.frontier import leaderboard
from mainstem.frontier.runs import Reading, runs_of
from mainstem.frontier.table import parse_table
from mainstem.integrator import Integrator, Objective

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.frontier.runs import ForeignRuns

GAINS = {"good": 0.10, "fine": 0.06, "bad": -0.10, "noise": 0.0}
OBJECTIVES = (
    {"name": "loss", "margin": "0.02", "unit": "nats"},
    {"name": "size", "margin": "10%", "role": "guard"},
)


def rows(recipes: Sequence[Sequence[str]], seeds: int, *, sd: float = 0.02) -> list[dict[str, Any]]:
    """Runs of these recipes; `fine` makes the model larger than its margin lets it."""
    rng = np.random.default_rng(5)
    return [
        {
            "changes": list(recipe),
            "seed": seed,
            "loss": 2.0 - sum(GAINS.get(c, 0.0) for c in recipe) + rng.normal(0.0, sd),
            "size": 150.0 if "fine" in recipe else 100.0,
        }
        for recipe in recipes
        for seed in range(seeds)
    ]


def read(found: list[dict[str, Any]]) -> tuple[Any, ForeignRuns]:
    """A file of these runs, and what is read from it."""
    table = parse_table("f.json", json.dumps({"runs": found, "about": "x"}).encode())
    return table, runs_of(table, Reading(objectives=OBJECTIVES))


def judged(found: list[dict[str, Any]]) -> dict[str, Any]:
    """The report of these runs."""
    return leaderboard.report(*read(found), seed=0, ask=4)


EVERY = [c for n in range(3) for c in itertools.combinations(GAINS, n)]


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    """All pairs of four changes, three seeds each."""
    return judged(rows(EVERY, 3))


def test_planted_effects_are_within_their_intervals(report: dict[str, Any]) -> None:
    """In gain units; those of a metric without noise are exact."""
    for effect in report["effects"]:
        loss, size = effect["gain"]["loss"], effect["gain"]["size"]
        assert loss["low"] - 0.01 <= GAINS[effect["change"]] <= loss["high"] + 0.01
        assert size["mean"] == (-50.0 if effect["change"] == "fine" else 0.0)
        assert (effect["alone"], effect["runs"]) == (3, 12)
    assert report["runs"] == {"read": 33, "used": 33, "failed": 0, "recipes": 11, "baseline": 3}


def test_a_recorded_win_is_held_against_every_margin(report: dict[str, Any]) -> None:
    """`good` is supported; `good + fine` measured more and breaks the guard."""
    wins = {tuple(w["recipe"]): w for w in report["wins"]}
    assert wins["good",]["verdict"] == "supported"
    assert wins["good", "fine"]["verdict"] == "not supported"
    assert wins["good", "fine"]["measured"]["loss"] > wins["good",]["measured"]["loss"]
    assert "good" in report["best"]["recipe"]
    assert not {"fine", "bad"} & set(report["best"]["recipe"])
    measured = [w["measured"]["loss"] for w in report["wins"]]
    assert measured == sorted(measured, reverse=True)
    assert report["claimed"] == len(measured)
    for win in wins.values():
        assert win["luck"]["loss"] == pytest.approx(
            win["measured"]["loss"] - win["gain"]["loss"]["mean"]
        )


def test_the_best_of_many_noisy_runs_is_expected_to_keep_less_than_it_measured() -> None:
    """Twenty changes that do nothing, one run each: the best is not supported."""
    names = [f"c{k}" for k in range(20)]
    report = judged(rows([(), (), *([n] for n in names)][1:], 1, sd=0.05))
    best = report["wins"][0]
    assert best["measured"]["loss"] > 0.04
    assert best["luck"]["loss"] > 0.25 * best["measured"]["loss"]
    assert best["verdict"] != "supported"
    assert "the baseline ran once: everything is compared with that one run" in report["missing"]
    assert "no recipe ran on two seeds: the noise is a guess" in report["missing"]


def test_what_is_missing_is_said() -> None:
    """Changes that never ran alone, pairs that never met, recipes that only failed."""
    found = rows([(), ("good",), ("good", "bad")], 2)
    found.append({"changes": ["noise", "good"], "seed": 0, "loss": None, "size": None})
    said = judged(found)["missing"]
    assert "never ran alone: bad, noise" in said
    assert "pairs of changes that never ran together: 2" in said
    assert "recipes that failed in every run: 1" in said


def test_a_machine_without_the_baseline_is_named() -> None:
    """What it shifts looks like an effect of what ran there."""
    found = [{**row, "machine": "b" if row["changes"] else "a"} for row in rows([(), ("good",)], 2)]
    report = judged(found)
    assert any("no run of the baseline on machine b" in line for line in report["missing"])
    assert "measured with machine a (2), b (2)" in report["notes"]


def test_what_runs_next_is_what_a_campaign_would_ask() -> None:
    """The same integrator, told the same runs."""
    table, found = read(rows(EVERY[:4], 1))
    own = Integrator(
        proposals=found.changes,
        objectives=[
            Objective("loss", margin=0.02, unit="nats"),
            Objective("size", margin="10%", role="guard"),  # type: ignore[arg-type]  # a word of it
        ],
    )
    for run in found.runs:
        own.observe(run.changes, run.seed, run.values)
    asked = leaderboard.report(table, found, seed=0, ask=3)["next"]
    assert [(set(a["recipe"]), a["seed"]) for a in asked] == [
        (set(t.recipe), t.seed) for t in own.ask(3)
    ]


def test_too_many_recipes_are_cut_by_what_was_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those nearest to the baseline stay, whatever they measured; and it is said."""
    monkeypatch.setattr(leaderboard, "MOST_RECIPES", 5)
    report = judged(rows(EVERY, 1))
    assert (report["runs"]["recipes"], report["runs"]["used"]) == (5, 5)
    assert all(len(w["recipe"]) == 1 for w in report["wins"])
    assert any("6 runs of others are not used" in note for note in report["notes"])
    monkeypatch.setattr(leaderboard, "MOST_READ", 5)
    with pytest.raises(UsageError, match="11 runs are too many at once"):
        judged(rows(EVERY, 1))


def test_a_percentage_of_a_baseline_of_nothing_is_refused() -> None:
    """A margin must be above 0."""
    found = [{**row, "size": 0.0} for row in rows([(), ("good",)], 1)]
    with pytest.raises(UsageError, match="which is 0"):
        judged(found)
