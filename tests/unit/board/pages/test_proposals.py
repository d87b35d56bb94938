"""Every verdict at a glance."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.board.page import Visit
from mainstem.board.pages import proposals
from mainstem.board.reader import Question
from tests.unit.board.conftest import harmless, hostile, overridden
from tests.unit.board.looking import WORKING, Looking, failed, shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.engine.conftest import World


def found(reader: Looking, **query: str) -> dict[str, Any]:
    """What the template is given."""
    return proposals.content(reader, Visit(query=query))


def ids(reader: Looking, **query: str) -> list[str]:
    """Which proposals a page shows, in order."""
    return [row["id"] for row in found(reader, **query)["listing"].rows]


def test_it_says_of_each_what_show_says(reader: Looking) -> None:
    """Row by row, in the order of proposing."""
    body = reader.ask(Question.SHOW).body
    assert body is not None
    rows = found(reader)["listing"].rows
    assert [{k: row[k] for k in body["proposals"][0]} for row in rows] == body["proposals"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"verdict": "merge"}, ["muon", "rope"]),
        ({"verdict": "broken,merge"}, ["muon", "rope", "old"]),
        ({"component": "optimizer"}, ["muon", "bad"]),
        ({"component": "(none)"}, ["noise"]),
        ({"component": "optimizer", "verdict": "shelve"}, ["bad"]),
        ({"q": "GUARD"}, ["wide"]),
        ({"q": "data ba"}, ["bad"]),
        ({"state": "waiting"}, []),
        ({"state": "judged", "q": "rope"}, ["rope"]),
    ],
)
def test_filters_stand_in_the_address(
    reader: Looking, query: dict[str, str], expected: list[str]
) -> None:
    """Verdicts add up, everything else narrows."""
    assert ids(reader, **query) == expected


def test_columns_sort_by_the_chosen_objective(reader: Looking) -> None:
    """Where there is no number, the row comes last."""
    body = reader.ask(Question.SHOW).body
    assert body is not None
    rows = {row["id"]: row for row in body["proposals"]}
    by_loss = ids(reader, sort="-gain", objective="loss")
    means = [rows[one]["gain"]["loss"]["mean"] for one in by_loss if rows[one]["measured"]]
    assert means == sorted(means, reverse=True)
    assert ids(reader, sort="gain", objective="params")[0] == "wide"
    assert set(ids(reader, sort="-within")[:2]) == {"muon", "rope"}
    assert ids(reader, sort="-id") == sorted(by_loss, reverse=True)


def test_chips_count_everything_and_switch_one_verdict(reader: Looking) -> None:
    """Whatever is filtered; pressed again a chip lets go."""
    chips = {chip["verdict"]: chip for chip in found(reader, verdict="merge")["chips"]}
    assert {name: chip["count"] for name, chip in chips.items()} == {
        "merge": 2,
        "shelve": 4,
        "rework": 0,
        "broken": 1,
        "open": 0,
    }
    assert (chips["merge"]["on"], chips["merge"]["then"]) == (True, None)
    assert (chips["broken"]["on"], chips["broken"]["then"]) == (False, "merge,broken")


def test_the_forest_has_a_picture_for_each_row_that_was_run(reader: Looking) -> None:
    """With the margin on either side."""
    content = found(reader)
    drawn = [bool(cell) for cell in content["forest"].cells]
    assert drawn == [bool(row["measured"]) for row in content["listing"].rows]
    assert content["margin"] == "0.050"


def test_what_is_in_the_trunk_is_no_effect_on_it(merged: Looking) -> None:
    """Of a merged one there is what it adds, and the page says which trunk figures are of."""
    content = found(merged)
    states = {row["id"]: row["state"] for row in content["listing"].rows}
    assert states == {"muon": "merged", "bad": "judged"}
    body = merged.ask(Question.STALE).body
    assert body is not None
    assert content["listing"].rows[0]["adds"] == body["members"][0]["adds"]
    assert bool(content["forest"].cells[0]) == bool(body["members"][0]["adds"])
    assert content["measured_on"] == "0" * 40
    assert "trunk of then" in shown(proposals.PAGE, merged)


def test_before_a_campaign_all_wait_and_an_old_version_is_superseded(waiting: Looking) -> None:
    """States come from the record."""
    states = {row["id"]: row["state"] for row in found(waiting)["listing"].rows}
    assert states == {"muon": "superseded", "bad": "waiting", "muon@2": "waiting"}


def test_while_effects_are_worked_out_the_record_is_shown(reader: Looking) -> None:
    """Ids, components and states, and no number that is not known."""
    working = replace(reader, instead={"show": WORKING})
    content = found(working)
    assert [row["id"] for row in content["listing"].rows] == ids(reader)
    assert all(row["verdict"] is None and not row["gain"] for row in content["listing"].rows)
    html = shown(proposals.PAGE, working)
    assert "being worked out" in html
    assert "muon" in html


def test_a_failure_is_told(reader: Looking) -> None:
    """In the words of who failed."""
    html = shown(proposals.PAGE, replace(reader, instead={"show": failed("the store is <gone>")}))
    assert "the store is &lt;gone&gt;" in html


def test_no_proposal_and_none_like_that_are_said(empty: Looking, reader: Looking) -> None:
    """An empty page says what fills it; an empty filter how to leave it."""
    assert "mainstem propose BRANCH" in shown(proposals.PAGE, empty)
    assert "None of 7 proposals is like that" in shown(proposals.PAGE, reader, q="zzz")


def test_links_keep_the_filters(reader: Looking) -> None:
    """Sorting and chips change one thing of the address and nothing else."""
    html = shown(proposals.PAGE, reader, component="optimizer", sort="-gain", page="1")
    assert 'href="/proposals?component=optimizer&amp;sort=gain"' in html
    assert 'href="/proposals?component=optimizer&amp;sort=-gain&amp;verdict=merge"' in html
    assert 'aria-sort="descending"' in html


def test_what_people_did_is_a_state(folder_world: Callable[[str], World]) -> None:
    """Vetoed, forced and withdrawn, each by its name."""
    world = folder_world("overridden")
    for proposal, kind in (("muon", "veto"), ("bad", "force"), ("rope", "withdraw")):
        overridden(world, proposal, kind)
    states = {row["id"]: row["state"] for row in found(Looking(world=world))["listing"].rows}
    assert states == {"muon": "vetoed", "bad": "forced", "rope": "withdrawn"}


def test_a_name_is_text_whatever_it_holds(folder: Path) -> None:
    """Markup, escapes and turned text act nowhere on the page, and what is long is cut."""
    reader = Looking(world=hostile(folder))
    html = shown(proposals.PAGE, reader)
    harmless(html)
    assert "&lt;script&gt;" in html
    assert not re.search(r">x{100}", html)  # it is whole in its address alone
