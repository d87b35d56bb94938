"""What two proposals do together beyond the sum."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.board import ran
from mainstem.board.chosen import joined
from mainstem.board.page import NotHereError, Visit
from mainstem.board.pages import interactions
from mainstem.board.reader import Question
from tests.unit.board.conftest import HOSTILE, harmless, hostile
from tests.unit.board.looking import WORKING, Looking, failed, shown, take
from tests.unit.engine.conftest import make_world

if TYPE_CHECKING:
    from pathlib import Path


def found(reader: Looking, **query: str) -> dict[str, Any]:
    """What the template is given."""
    return interactions.content(reader, Visit(query=query))


def page(reader: Looking, **query: str) -> str:
    """The page on one line."""
    return " ".join(shown(interactions.PAGE, reader, **query).split())


@pytest.fixture(scope="session")
def many(folder: Path) -> Looking:
    """More proposals than can be read at once, of three components; a few ran."""
    world = make_world(folder / "many")
    take(world, {f"p{k}": (("a", "b", "c")[k % 3],) for k in range(61)})
    world.integrate(budget=4)
    working = {"interactions": WORKING, "show": WORKING}
    return Looking(world=world, instead=working)


def test_every_pair_has_its_number_and_its_runs(reader: Looking) -> None:
    """As `show` says, and as counting says."""
    body, content = reader.ask(Question.SHOW).body, found(reader)
    assert body is not None
    known = {
        tuple(row["pair"]): row["mean"]
        for row in body["interactions"]
        if row["objective"] == "loss"
    }
    held = ran.holders(reader.record().latest())
    rows = content["listing"].rows
    assert len(rows) == 7 * 6 / 2
    order = [str(p) for p in reader.record().campaigns["c1"].proposals]
    for row in rows:
        a, b = sorted((row["a"], row["b"]), key=order.index)
        assert (None if row["value"] is None else row["value"]["mean"]) == known.get((a, b))
        assert row["runs"] == ran.together(held, a, b)
    assert content["tried"] + content["failed"] + content["untried"] == len(rows)
    assert content["tried"] == sum(row["runs"] > 0 for row in rows)


def test_the_best_established_come_first_and_never_tried_can_be_chosen(reader: Looking) -> None:
    """A pair without a run is in one list, a pair with one in the other."""
    rows = found(reader)["listing"].rows
    sure = [
        abs(row["value"]["mean"]) / ((row["value"]["high"] - row["value"]["low"]) or 1e9)
        for row in rows
        if row["value"] is not None
    ]
    assert all(a >= b for a, b in pairwise(sure))
    assert all(row["runs"] for row in found(reader, tried="yes")["listing"].rows)
    assert not any(row["runs"] for row in found(reader, tried="no")["listing"].rows)


def test_what_only_ever_failed_together_is_no_gap(reader: Looking) -> None:
    """It has a list and a hatching of its own, and is not among what nobody tried."""
    failing = found(reader, tried="failed")["listing"].rows
    assert {"muon", "old"} in [{row["a"], row["b"]} for row in failing]
    assert all(row["failures"] and not row["runs"] for row in failing)
    untried = found(reader, tried="no")["listing"].rows
    assert untried
    assert not any(row["failures"] for row in untried)
    content, html = found(reader), page(reader)
    assert f"{len(failing)} only ever failed together, {content['untried']} were never" in html
    assert re.search(
        "(old and muon|muon and old): [^<]*only ever failed together; [0-9]+ runs? with", html
    )
    assert "both ways: only failed together" in html
    assert "Every run with both failed" in page(reader, pair="muon,old")


def test_the_picture_is_ordered_by_component_and_leads_to_the_runs(reader: Looking) -> None:
    """Hatched where nothing ran together, crossed where git cannot merge."""
    content = found(reader)
    components = [reader.record().proposals[p].components for p in content["ids"]]
    first = [one[0] if one else "(none)" for one in components]
    assert [x for k, x in enumerate(first) if k == 0 or x != first[k - 1]] == list(
        dict.fromkeys(first)
    )
    picture = content["heatmap"]
    assert 'href="/interactions?pair=muon%2Crope&amp;objective=loss"' in picture
    assert "rope and fork: cannot be merged together" in picture.replace(
        "fork and rope", "rope and fork"
    )
    untried = [row for row in content["listing"].rows if not row["runs"]]
    for row in untried:
        words = f"({row['a']} and {row['b']}|{row['b']} and {row['a']})"
        assert re.search(
            f"{words}: [^<]*(never ran|only ever failed|cannot be merged) together", picture
        )
    assert len(untried) > 1


def test_a_pair_shows_its_four_recipes(reader: Looking) -> None:
    """With their runs; in whatever order it was asked for."""
    html = page(reader, pair="rope,muon")
    assert html.index("neither: the trunk") < html.index("</a> alone</th>")
    for trial in ran.by_recipe(reader.record().latest())[frozenset({"muon", "rope"})].trials:
        assert f'href="/runs/{trial}"' in html
    assert found(reader, pair="rope,muon")["pair"]["ids"] == ("muon", "rope")
    assert found(reader)["pair"] is None


def test_a_pair_that_git_cannot_merge_says_so(reader: Looking) -> None:
    """With the files; and one that crashed names the runs that did."""
    assert "git cannot merge the two (<code><bdi>train.py" in page(reader, pair="rope,fork")
    crashed = found(reader, pair="muon,old")["pair"]["failed"]
    assert crashed
    assert f'href="/runs/{crashed[0]}"' in page(reader, pair="muon,old")


@pytest.mark.parametrize(
    ("pair", "said"),
    [("muon,moun", "no proposal 'moun'; there are: muon"), ("muon", "two proposals, not of 1")],
)
def test_what_is_no_pair_is_told(reader: Looking, pair: str, said: str) -> None:
    """A wrong link says what is wrong."""
    with pytest.raises(NotHereError, match=said):
        found(reader, pair=pair)


def test_of_many_those_that_ran_most_are_drawn_and_components_choose_others(many: Looking) -> None:
    """Never more than can be read; a grid says where pairs were tried at all."""
    held = ran.holders(many.record().latest())
    content = found(many)
    assert len(content["ids"]) == interactions.FEWER
    least = min(held.get(p, 0).bit_count() for p in content["ids"])
    others = {f"p{k}" for k in range(61)} - set(content["ids"])
    assert all(held.get(p, 0).bit_count() <= least for p in others)
    assert "of 210 pairs" in content["overview"]  # p0, p3, ... are 21
    chosen = found(many, components="a,b")
    assert {many.record().proposals[p].components[0] for p in chosen["ids"]} == {"a", "b"}
    switches = {one["name"]: one for one in chosen["components"]}
    assert (switches["a"]["on"], switches["a"]["then"]) == (True, "b")
    assert (switches["c"]["on"], switches["c"]["count"]) == (False, 20)
    html = page(many)
    assert "Pairs of 40 of 61 proposals" in html
    assert "those that ran most often" in html


def test_few_have_no_overview(reader: Looking) -> None:
    """All of them are in the picture."""
    assert found(reader)["overview"] is None


def test_states_without_numbers(
    reader: Looking, waiting: Looking, empty: Looking, folder: Path
) -> None:
    """No campaign, one proposal, being worked out, failed: each says so."""
    assert "No campaign yet" in page(waiting)
    assert "No campaign yet" in page(empty)
    world = make_world(folder / "single")
    take(world, {"muon": ()})
    world.integrate(budget=8)
    assert "nobody to interact with" in page(Looking(world=world))
    working = {"interactions": WORKING, "show": WORKING}
    assert "being worked out" in page(replace(reader, instead=working))
    assert "gone" in page(replace(reader, instead={"interactions": failed("gone")}))


def test_whatever_the_record_holds_is_text(folder: Path) -> None:
    """Names, files and failures that hold markup, escapes or turned text act nowhere."""
    html = shown(interactions.PAGE, Looking(world=hostile(folder)), pair=joined(HOSTILE[:2]))
    harmless(html)
    assert "&lt;script&gt;" in html
