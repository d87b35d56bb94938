"""The page that says how to read the others."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from mainstem.board.page import Visit
from mainstem.board.pages import about
from mainstem.board.reader import Question, Reader
from mainstem.board.words import TERMS


def test_every_word_of_ours_is_there() -> None:
    """With what it means."""
    named = SimpleNamespace(stack=SimpleNamespace(trunk="main"), trunk=lambda: "a" * 40)
    assert about.content(cast("Reader", named), Visit())["terms"] == TERMS


def test_every_question_has_its_address() -> None:
    """What a page shows can be had as data."""
    named = SimpleNamespace(stack=SimpleNamespace(trunk="main"), trunk=lambda: "a" * 40)
    found = about.content(cast("Reader", named), Visit())
    assert [row["address"].split("?")[0] for row in found["questions"]] == [
        f"/api/{question}" for question in Question
    ]
