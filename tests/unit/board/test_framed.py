from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mainstem.board.framed import framed
from mainstem.board.reader import Answer, Question
from tests.unit.board.given import WORKING, Given, answer

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.mark.parametrize(
    ("known", "state"),
    [
        (answer({"html": "<h1>Drawn</h1>"}), "drawn"),
        (answer({"html": ""}), "none"),
        (answer({}), "none"),
        (WORKING, "working"),
        (Answer(body=None, line=0, current=False, working=False, error="no"), "error"),
        (Answer(body={"html": "<p>"}, line=3, current=False, working=True, error="no"), "drawn"),
    ],
)
def test_what_is_known_decides_what_is_shown(known: Answer, state: str) -> None:
    """An older drawing is shown while a newer one fails: the page says of which line it is."""
    found: Mapping[str, Any] = framed(Given(answers={"audit": known}), Question.AUDIT)
    assert found["state"] == state
    assert found["address"] == "/api/audit"
