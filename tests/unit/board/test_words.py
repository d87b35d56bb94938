"""Words that several pages say."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mainstem.board import words
from mainstem.board.pages import proposal, recipes, trunk
from mainstem.domain.verdict import VerdictKind
from tests.unit.board.looking import WORKING, Looking, shown as seen

if TYPE_CHECKING:
    from mainstem.board.page import Page


def shown(page: Page, reader: Looking, **words: str) -> str:
    """A page of which only what the engine's views say is known."""
    instead = {"frontier": WORKING, "forecast": WORKING}
    return seen(page, replace(reader, instead=instead), **words)


def test_every_verdict_is_explained() -> None:
    """For somebody who has never seen one."""
    assert set(words.MEANING) == set(VerdictKind)


def told(html: str) -> list[str]:
    """The words that a page explains, each as often as it does."""
    return sorted(re.findall(r'<abbr title="[^"]+">([^<]+)</abbr>', html))


def test_pages_explain_their_words_once(reader: Looking, merged: Looking) -> None:
    """Where they are met first; a newcomer may open any page first."""
    assert told(shown(trunk.PAGE, reader)) == [
        "best set",
        "fresh pairs",
        "guard",
        "landscape",
        "margin",
    ]
    assert told(shown(trunk.PAGE, merged)) == ["fresh pairs", "guard", "landscape", "margin"]
    one = told(shown(recipes.PAGE, reader, recipe="muon,rope"))
    assert one == ["Pareto front", "fresh pairs", "guard", "landscape", "margin"]
    assert told(shown(recipes.PAGE, reader)) == ["Pareto front", "fresh pairs", "landscape"]
    of_one = set(told(shown(proposal.PAGE, reader, at="muon")))
    assert of_one >= {"best set", "e-value", "fresh pairs", "guard", "landscape", "margin"}
    for page in (proposal.PAGE, trunk.PAGE, recipes.PAGE):
        found = told(shown(page, reader, at="muon", recipe="muon"))
        assert len(found) == len(set(found))


def test_which_interval_of_a_gain_is_which_is_said_on_both_pages(reader: Looking) -> None:
    """Trunk has that of fresh pairs, which decides; Recipes has all three."""
    first = " ".join(shown(trunk.PAGE, reader).split())
    assert "alone, which had no part in choosing it: that decides" in first
    assert "the model of all runs, and by a set's own runs as well: their intervals are" in first
    other = " ".join(shown(recipes.PAGE, reader, recipe="muon,rope").split())
    assert "each with its own interval" in other
    assert 'so they decide a merge, and are what <a href="/">Trunk</a> says' in other


def test_amounts_have_their_unit() -> None:
    """And two digits."""
    assert words.amount(0.04, "bits/byte") == "0.040 bits/byte"
    assert words.amount(4214.4) == "4,214"


@pytest.mark.parametrize(
    ("value", "text"),
    [(84288.0, "84,288"), (3.7121634, "3.71216"), (1e300, "1e+300"), (-2.0, "-2")],
)
def test_a_measured_value_is_told_as_it_is(value: float, text: str) -> None:
    """Counts whole, the rest with six digits."""
    assert words.raw(value) == text
