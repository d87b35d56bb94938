"""One recipe: three words on its gain, kept apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.board.one_recipe import by_hand, one_recipe
from mainstem.board.ran import by_recipe, gain
from mainstem.board.reader import Question

if TYPE_CHECKING:
    from tests.unit.board.looking import Looking


def of(reader: Looking, *members: str) -> dict[str, Any]:
    """What is known of a recipe."""
    ran = by_recipe(reader.record().latest())
    show = reader.ask(Question.SHOW).body
    return one_recipe(members, ran, show, reader.stack.objectives)


def test_runs_landscape_and_fresh_pairs_each_say_theirs(reader: Looking) -> None:
    """Of the best set all three are known."""
    show, ran = reader.ask(Question.SHOW).body, by_recipe(reader.record().latest())
    assert show is not None
    found = of(reader, "muon", "rope")
    row = found["numbers"][0]
    loss = reader.stack.objectives[0]
    best = ran[frozenset({"muon", "rope"})]
    sd = show["noise_sd"]["loss"]
    assert row["gain"] == gain(best, ran[frozenset()], loss, sd)
    assert row["posterior"] == show["front"][0]["objectives"]["loss"]
    assert row["fresh"] == show["best"]["gain"]["loss"]
    assert found["trials"] == best.trials
    assert row["margin"] == show["margins"]["loss"]


def test_of_others_the_runs_alone_speak(reader: Looking) -> None:
    """One that never ran has no number at all, and the trunk no gain on itself."""
    other = of(reader, "muon", "noise")["numbers"][0]
    assert (other["posterior"], other["fresh"]) == (None, None)
    never = of(reader, "noise", "bad", "wide", "fork")
    assert (never["trials"], never["numbers"][0]["gain"]) == ([], None)
    trunk = of(reader)
    assert trunk["best"] is None
    assert trunk["numbers"][0]["mean"]["mean"] > 1.9


def test_without_an_answer_its_runs_are_there_all_the_same(reader: Looking) -> None:
    """Without an interval, as the noise is not known yet."""
    ran = by_recipe(reader.record().latest())
    found = one_recipe(("muon", "rope"), ran, None, reader.stack.objectives)
    assert found["trials"]
    assert found["numbers"][0]["gain"]["low"] is None
    assert found["best"] is None


def test_by_hand_it_is_made_of_commits_that_the_trunk_lacks(
    reader: Looking, merged: Looking
) -> None:
    """In the order of merging; a trunk's name is quoted for the shell."""
    record = reader.record()
    muon, bad = (record.proposals[p].commit[:10] for p in ("muon", "bad"))  # type: ignore[index]  # ids as text
    said = by_hand(record, ("bad", "muon"), "my trunk")
    assert said == (
        f"git checkout -b try-these 'my trunk' && git merge {muon} {bad} && mainstem try try-these"
    )
    assert by_hand(merged.record(), ("muon",), "main") is None
    assert by_hand(record, (), "main") is None
