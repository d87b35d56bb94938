"""Frontier: how far the trunk is from results elsewhere, as `mainstem frontier` draws it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.board.framed import framed
from mainstem.board.page import Page
from mainstem.board.reader import Question

if TYPE_CHECKING:
    from mainstem.board.page import Visit
    from mainstem.board.reader import Reader


def content(reader: Reader, visit: Visit) -> dict[str, Any]:
    """What the page shows; where there is no `frontier.toml`, how to begin one."""
    del visit
    found = framed(reader, Question.FRONTIER)
    report = found["report"]
    return {
        **found,
        "begin": report is not None and report["file"] is None,
        "objective": reader.stack.objectives[0].name,
    }


PAGE = Page(name="frontier", path="/frontier", title="Frontier", content=content, menu="Frontier")
