"""About: how to read this board, and where its numbers can be had as data."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from mainstem.board.page import Page
from mainstem.board.reader import Question
from mainstem.board.words import TERMS

if TYPE_CHECKING:
    from mainstem.board.page import Visit
    from mainstem.board.reader import Reader

_ASKED_OF = {
    Question.WHY: "?id=PROPOSAL",
    Question.INTERACTIONS: "?objective=NAME&rows=ID,ID&columns=ID,ID",
}


def content(reader: Reader, visit: Visit) -> dict[str, Any]:
    """The version, the project, and an address per question."""
    del visit
    return {
        "version": version("mainstem"),
        "trunk": reader.trunk(),
        "branch": reader.stack.trunk,
        "terms": TERMS,
        "questions": [
            {
                "name": str(q),
                "address": f"/api/{q}{_ASKED_OF.get(q, '')}",
                "plain": q not in _ASKED_OF,
            }
            for q in Question
        ],
    }


PAGE = Page(name="about", path="/about", title="About", content=content, menu="About")
