"""What an old address asks for: of which campaign it was, and where its evidence is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainstem.board.bygone import bygone
from mainstem.board.page import NotHereError
from mainstem.board.pages import interactions, recipes
from tests.unit.board.looking import Looking, shown, take
from tests.unit.engine.conftest import make_world

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def later(folder: Path) -> Looking:
    """A campaign whose set was merged, and the next one, of another proposal."""
    world = make_world(folder / "later")
    take(world, {"muon": ("optimizer",), "bad": ()})
    world.integrate(budget=30)
    assert world.merge() == ["muon"]
    take(world, {"rope": ()})
    world.integrate(budget=4)
    take(world, {"noise": ()})
    return Looking(world=world)


def test_what_the_latest_campaign_holds_is_not_bygone(later: Looking) -> None:
    """Nor is the trunk."""
    record = later.record()
    assert "muon" not in record.campaigns["c2"].proposals
    assert bygone(record, ["rope"], exactly=True) is None
    assert bygone(record, [], exactly=True) is None


def test_the_last_campaign_that_held_all_has_the_runs(later: Looking) -> None:
    """Of just these, or of all that hold them; with what became of each."""
    record = later.record()
    old = bygone(record, ["bad", "muon"], exactly=False)
    assert old is not None
    assert old.campaign is record.campaigns["c1"]
    assert (old.ids, old.latest) == (("muon", "bad"), "c2")
    assert dict(old.missing)["muon"] == "in the trunk since"
    both = {"muon", "bad"}
    held = [a.name for a, _ in old.campaign.ended_trials() if both <= a.trial.recipe]
    assert held
    assert list(old.runs) == held
    alone = bygone(record, ["muon"], exactly=True)
    assert alone is not None
    assert 0 < len(alone.runs) < len(record.campaigns["c1"].finished)


def test_what_was_never_together_is_said_so(later: Looking) -> None:
    """Each with the campaign that it was in, if there was one."""
    old = bygone(later.record(), ["muon", "noise"], exactly=False)
    assert old is not None
    assert (old.campaign, old.runs) == (None, ())
    assert dict(old.was_in) == {"muon": "c1", "noise": None}


def test_nobody_is_bygone_who_never_was(later: Looking) -> None:
    """A wrong name is told with the right ones."""
    with pytest.raises(NotHereError, match="no proposal 'moun'; there are: muon, bad"):
        bygone(later.record(), ["muon", "moun"], exactly=True)


def test_pages_say_so_and_lead_to_the_evidence(later: Looking) -> None:
    """In the place of the pair or of the recipe, above all others of now."""
    pair = " ".join(shown(interactions.PAGE, later, pair="muon,bad").split())
    one = " ".join(shown(recipes.PAGE, later, recipe="muon").split())
    for page in (pair, one):
        assert "Campaign <bdi>c2</bdi>, which this page shows, is not of all of them" in page
        assert "in the trunk since; last in campaign <bdi>c1</bdi>" in page
        assert 'href="/runs?campaign=c1&amp;proposal=muon"' in page
        assert "mainstem report --campaign c1" in page
        assert 'href="/runs/c1.' in page
    waits = " ".join(shown(recipes.PAGE, later, recipe="noise").split())
    assert "in no campaign so far" in waits
    assert "there is no evidence to show" in waits
