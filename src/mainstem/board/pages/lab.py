"""Lab: what another way of working would have cost, as the last replay of this record drew it.

A replay plays thousands of campaigns and takes minutes, so it is not made because somebody looks:
`mainstem lab --replay` makes it, and what it said stays until the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.board.framed import framed
from mainstem.board.page import Page
from mainstem.board.reader import Question

if TYPE_CHECKING:
    from mainstem.board.page import Visit
    from mainstem.board.reader import Reader


def content(reader: Reader, visit: Visit) -> dict[str, Any]:
    """What the page shows; where no replay was made, how to make one."""
    del visit
    latest = reader.record().latest()
    ended = latest is not None and latest.ended
    return {**framed(reader, Question.LAB), "ended": ended}


PAGE = Page(name="lab", path="/lab", title="Lab", content=content, menu="Lab")
