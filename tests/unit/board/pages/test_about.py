"""The page that says how to read the others."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from mainstem.board.page import Visit
from mainstem.board.pages import about
from mainstem.board.reader import Question, Reader


def test_every_question_has_its_address() -> None:
    """What a page shows can be had as data."""
    named = SimpleNamespace(stack=SimpleNamespace(trunk="main"), trunk=lambda: "a" * 40)
    found = about.content(cast("Reader", named), Visit())
    assert [row["address"].split("?")[0] for row in found["questions"]] == [
        f"/api/{question}" for question in Question
    ]
