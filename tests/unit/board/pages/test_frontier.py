"""The page of the frontier: what `mainstem frontier` draws, or how to begin."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mainstem.board.pages import frontier
from mainstem.domain.stack import Objective
from mainstem.tomlfiles.frontier import read_frontier
from tests.unit.board import ledgers
from tests.unit.board.given import Given, answer, shown

if TYPE_CHECKING:
    from pathlib import Path


def test_what_the_frontier_draws_is_framed() -> None:
    """With the JSON a link away."""
    known = answer({"html": "<h2>How far</h2>", "file": "frontier.toml"})
    page = shown(frontier.PAGE, Given(answers={"frontier": known}))
    assert "<h2>How far</h2>" in page
    assert 'href="/api/frontier"' in page


def test_without_its_file_the_page_says_how_to_begin() -> None:
    """And shows nothing that was drawn of nothing."""
    none = answer({"html": "<h2>How far</h2>", "file": None})
    page = shown(frontier.PAGE, Given(answers={"frontier": none}))
    assert "There is no frontier.toml yet" in page
    assert "objective = &#34;loss&#34;" in page
    assert "<h2>How far</h2>" not in page


@pytest.mark.parametrize(
    ("name", "unit"),
    [("loss", "nats"), ("acc", ""), ('a "b"\\ \U0001f600', "\u00b5s"), ("a.b", "%")],
)
def test_what_it_says_to_begin_from_is_a_frontier(tmp_path: Path, name: str, unit: str) -> None:
    """Copied as it stands it is read without an error."""
    objective = Objective(name, margin=1.0, unit=unit)
    file = tmp_path / "frontier.toml"
    file.write_text(frontier.example(objective), encoding="utf-8")
    stack = replace(ledgers.STACK, objectives=(objective,))
    found = read_frontier(file, stack, today=dt.date(2026, 6, 1))
    assert found is not None
    [reference] = found.references
    assert (reference.objective, reference.unit) == (name, unit)


def test_a_frontier_that_is_not_there() -> None:
    """Worked out, or nothing to compare."""
    loading = shown(frontier.PAGE, Given())
    assert "is being compared" in loading
    assert loading.count('class="loading"') == 1
    bare = answer({"file": "frontier.toml"})
    page = shown(frontier.PAGE, Given(answers={"frontier": bare}))
    assert "nothing to compare yet" in page
