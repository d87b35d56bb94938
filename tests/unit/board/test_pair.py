"""Two proposals and the four recipes that their interaction is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mainstem.board import ran
from mainstem.board.pair import pair
from mainstem.board.reader import Question

if TYPE_CHECKING:
    from tests.unit.board.looking import Looking


def of(reader: Looking, a: str, b: str) -> dict[str, Any]:
    """What is known of two of them on the loss."""
    campaign, show = reader.record().latest(), reader.ask(Question.SHOW).body
    assert campaign is not None
    assert show is not None
    loss = reader.stack.objectives[0]
    return pair((a, b), campaign, loss, rows=show["interactions"], sd=0.02)


def test_the_four_recipes_have_their_runs(reader: Looking) -> None:
    """Neither, one, the other and both, as they stand in the record."""
    found, every = of(reader, "muon", "rope"), ran.by_recipe(reader.record().latest())
    recipes = [row["recipe"] for row in found["four"]]
    assert recipes == [(), ("muon",), ("rope",), ("muon", "rope")]
    for row in found["four"]:
        one = every.get(frozenset(row["recipe"]))
        assert row["trials"] == ([] if one is None else one.trials)
    assert found["four"][3]["gain"]["mean"] == pytest.approx(0.5, abs=0.03)


def test_the_landscape_and_the_means_are_told_apart(reader: Looking) -> None:
    """One is what `show` says; the other is there only where all four ran."""
    show = reader.ask(Question.SHOW).body
    assert show is not None
    [row] = [
        one
        for one in show["interactions"]
        if one["pair"] == ["muon", "rope"] and one["objective"] == "loss"
    ]
    found = of(reader, "muon", "rope")
    assert found["value"]["mean"] == row["mean"]
    ran_all = all(one["trials"] for one in found["four"])
    assert (found["direct"] is not None) is ran_all


def test_larger_sets_count_and_failures_are_named(reader: Looking) -> None:
    """Every run with both is somewhere; those that crashed are not among the means."""
    campaign = reader.record().latest()
    assert campaign is not None
    for a, b in (("muon", "rope"), ("muon", "old"), ("bad", "noise")):
        found = of(reader, a, b)
        held = [(x.name, r) for x, r in campaign.ended_trials() if {a, b} <= x.trial.recipe]
        both = found["four"][3]
        assert {n for n, r in held if r.values} == {*both["trials"], *found["met"]}
        assert {n for n, r in held if not r.values} == set(found["failed"])
        assert found["times"] == len(found["met"])
    assert of(reader, "muon", "old")["failed"]
