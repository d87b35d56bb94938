"""The page of the frontier: what `mainstem frontier` draws, or how to begin."""

from __future__ import annotations

from mainstem.board.pages import frontier
from tests.unit.board.given import Given, answer, shown


def test_what_the_frontier_draws_is_framed() -> None:
    """With the JSON a link away."""
    known = answer({"html": "<h1>How far</h1>", "file": "frontier.toml"})
    page = shown(frontier.PAGE, Given(answers={"frontier": known}))
    assert "<h1>How far</h1>" in page
    assert 'href="/api/frontier"' in page


def test_without_its_file_the_page_says_how_to_begin() -> None:
    """With an entry to copy, of this stack's first objective."""
    none = answer({"html": "<h1>How far</h1>", "file": None})
    page = shown(frontier.PAGE, Given(answers={"frontier": none}))
    assert "There is no frontier.toml yet" in page
    assert "objective = &#34;loss&#34;" in page.replace('"loss"', "&#34;loss&#34;")
    assert "How far" not in page


def test_a_frontier_that_is_not_there() -> None:
    """Worked out, or nothing to compare."""
    assert "is being compared" in shown(frontier.PAGE, Given())
    bare = answer({"file": "frontier.toml"})
    page = shown(frontier.PAGE, Given(answers={"frontier": bare}))
    assert "nothing to compare yet" in page
