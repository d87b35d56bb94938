"""The Pareto front, and every set that ran."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.board.chosen import joined
from mainstem.board.page import NotHereError, Visit
from mainstem.board.pages import recipes
from mainstem.board.ran import by_recipe
from mainstem.board.reader import Diff, Question
from mainstem.domain.stack import Objective, Role
from tests.unit.board.conftest import HOSTILE, harmless, hostile
from tests.unit.board.looking import WORKING, Looking, failed, one_file, shown, take
from tests.unit.engine.conftest import make_world

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def found(reader: Looking, **query: str) -> dict[str, Any]:
    """What the template is given."""
    return recipes.content(reader, Visit(query=query))


def page(reader: Looking, **query: str) -> str:
    """The page on one line."""
    return " ".join(shown(recipes.PAGE, reader, **query).split())


@pytest.fixture(scope="session")
def apart(folder: Path) -> Looking:
    """Two objectives to improve that pull apart, so that there is a front to choose from."""

    def outcome(content: frozenset[str], seed: int) -> Mapping[str, float]:
        noise = (seed % 997) / 1e5
        loss = 2.0 - 0.3 * ("deep" in content) + 0.2 * ("small" in content)
        size = 100.0 + 30.0 * ("deep" in content) - 40.0 * ("small" in content)
        return {"loss": loss + noise, "size": size + 100 * noise}

    world = make_world(folder / "apart")
    objectives = (Objective("loss", margin=0.1, unit="nats"), Objective("size", margin=15.0))
    world.stack = replace(world.stack, objectives=objectives)
    world.outcome = outcome
    take(world, {"deep": (), "small": (), "nothing": ()})
    world.integrate(budget=24)
    return Looking(world=world)


def test_every_recipe_that_ran_is_in_the_table_with_its_runs(reader: Looking) -> None:
    """And the front's too; the best set first, then the trunk, then what gains most."""
    ran = by_recipe(reader.record().latest())
    rows = found(reader)["listing"].rows
    assert {frozenset(row.recipe) for row in rows} == set(ran)
    assert "ran, and is not on the front" in found(reader)["picture"]
    assert {frozenset(r.recipe): r.runs for r in rows} == {
        key: len(one.trials) for key, one in ran.items()
    }
    assert [row.kind for row in rows[:2]] == ["best", "trunk"]
    gains = [row.mean("loss") for row in rows[2:] if row.mean("loss") is not None]
    assert gains == sorted(gains, reverse=True)


def test_the_front_has_the_landscapes_numbers_and_others_their_own(apart: Looking) -> None:
    """What `show` says of a point is what the table has."""
    show = apart.ask(Question.SHOW).body
    assert show is not None
    assert len(show["front"]) > 1
    rows = {frozenset(row.recipe): row for row in found(apart)["listing"].rows}
    for point in show["front"]:
        row = rows[frozenset(point["recipe"])]
        assert {name: row.along(name) for name in point["objectives"]} == point["objectives"]
        assert row.probability == point["probability"]
    assert found(apart)["front"] == len(show["front"])
    rest = [row for row in rows.values() if row.point is None]
    assert rest
    assert all(row.probability is None for row in rest)


def test_any_two_objectives_can_be_the_axes(apart: Looking) -> None:
    """Each with its unit."""
    usual, turned = found(apart), found(apart, x="size", y="loss")
    assert (usual["x"], usual["y"]) == ("loss", "size")
    assert "gain on loss, nats" in usual["picture"]
    assert (turned["x"], turned["y"]) == ("size", "loss")
    assert found(apart, x="size")["y"] == "loss"
    sizes = [row.mean("size") for row in found(apart, sort="-x", x="size")["listing"].rows]
    means = [one for one in sizes if one is not None]
    assert means == sorted(means, reverse=True)


def test_with_one_objective_the_size_of_a_set_is_the_other_axis(folder: Path) -> None:
    """A picture needs two."""
    world = make_world(folder / "one")
    world.stack = replace(world.stack, objectives=(Objective("loss", margin=0.05),))
    world.outcome = lambda content, seed: {"loss": 2.0 - 0.3 * len(content) + (seed % 97) / 1e4}
    take(world, {"muon": (), "rope": ()})
    world.integrate(budget=12)
    reader = Looking(world=world)
    assert found(reader)["y"] == recipes.SIZE
    assert "proposals in the set" in found(reader)["picture"]
    assert "Recipes" in page(reader)


def test_a_point_leads_to_its_set(reader: Looking) -> None:
    """Numbers on all objectives, runs, diff, and how to have it."""
    assert 'href="/recipes?recipe=muon%2Crope#one"' in found(reader)["picture"]
    html = page(replace(reader, changes=one_file("+new\n")), recipe="rope,muon")
    ran = by_recipe(reader.record().latest())[frozenset({"muon", "rope"})]
    assert all(f'href="/runs/{trial}"' in html for trial in ran.trials[:30])
    assert "gain by fresh pairs" in html
    assert '<span class="add">+new</span>' in html
    assert "<code>mainstem merge</code> puts it onto the trunk" in html
    assert "mainstem try try-these" in html
    other = page(reader, recipe="muon")
    assert "It is merged once fresh pairs have proved it" in other
    assert "gain by fresh pairs" not in other


def test_a_conflict_and_what_is_in_the_trunk_say_so(reader: Looking, merged: Looking) -> None:
    """In the place of a diff and of how to have it."""
    conflict = Diff(text="", files=(), cut=False, error="git cannot merge rope and fork")
    assert "git cannot merge rope and fork" in page(
        replace(reader, changes=conflict), recipe="rope,fork"
    )
    html = page(merged, recipe="muon")
    assert "All of it is in the trunk" in html
    assert "How to have it" not in html


def test_the_trunk_is_a_recipe_too(reader: Looking) -> None:
    """The one without members: it has runs, and changes nothing."""
    one = found(reader, recipe=",")["one"]
    assert one["recipe"] == ()
    assert one["trials"]
    assert one["diff"] is None
    assert "<h2>The trunk</h2>" in page(reader, recipe=",")


def test_there_may_be_no_such_recipe(reader: Looking) -> None:
    """A wrong link says which name is wrong."""
    with pytest.raises(NotHereError, match="no proposal 'moun'"):
        found(reader, recipe="muon,moun")


def test_states_without_numbers(reader: Looking, waiting: Looking) -> None:
    """No campaign, being worked out, failed."""
    assert "No campaign yet" in page(waiting)
    working = page(replace(reader, instead={"show": WORKING}))
    assert "being worked out" in working
    assert "<bdi>muon</bdi> + <bdi>rope</bdi>" in working  # runs are known from the record
    assert "the store is gone" in page(
        replace(reader, instead={"show": failed("the store is gone")})
    )


def test_a_guard_may_be_an_axis(reader: Looking) -> None:
    """What it costs is seen beside what it gains."""
    assert reader.stack.objectives[1].role is Role.GUARD
    row = next(r for r in found(reader)["listing"].rows if r.recipe == ("wide",))
    assert row.mean("params") == pytest.approx(-300.0)


def test_whatever_the_record_holds_is_text(folder: Path) -> None:
    """Names, files and failures that hold markup, escapes or turned text act nowhere."""
    html = shown(recipes.PAGE, Looking(world=hostile(folder)), recipe=joined(HOSTILE))
    harmless(html)
    assert "&lt;script&gt;" in html
