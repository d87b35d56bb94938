"""Audit: how decisions were made over groups of proposals, as `mainstem audit` draws it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.board.framed import framed
from mainstem.board.page import Page
from mainstem.board.reader import Question

if TYPE_CHECKING:
    from mainstem.board.page import Visit
    from mainstem.board.reader import Reader


def content(reader: Reader, visit: Visit) -> dict[str, Any]:
    """What the page shows; nothing is asked of it."""
    del visit
    return framed(reader, Question.AUDIT)


PAGE = Page(name="audit", path="/audit", title="Audit", content=content, menu="Audit")
