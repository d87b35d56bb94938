"""Frontier: how far the trunk is from results elsewhere, as `mainstem frontier` draws it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mainstem.board.framed import framed
from mainstem.board.page import Page
from mainstem.board.reader import Question

if TYPE_CHECKING:
    from mainstem.board.page import Visit
    from mainstem.board.reader import Reader
    from mainstem.domain.stack import Objective


def content(reader: Reader, visit: Visit) -> dict[str, Any]:
    """What the page shows; where there is no `frontier.toml`, how to begin one."""
    del visit
    found = framed(reader, Question.FRONTIER)
    report = found["report"]
    return {
        **found,
        "begin": report is not None and report["file"] is None,
        "example": example(reader.stack.objectives[0]),
    }


def example(objective: Objective) -> str:
    """A `frontier.toml` to begin from, whatever the objective is called."""
    # On one line without control characters, a string of JSON is one of TOML too.
    name, unit = (json.dumps(s, ensure_ascii=False) for s in (objective.name, objective.unit))
    unit_line = f"unit = {unit}\n" if objective.unit else ""
    return (
        f'[measured.{name}]\nharness = "eval.py"\nversion = "1"\n\n'
        f'[[references]]\nid = "theirs-2026"\nobjective = {name}\nvalue = 2.31\n{unit_line}'
        'harness = "eval.py"\nversion = "1"\ndate = 2026-02-01\n'
        'source = "https://example.org/their-report"\nobtained = "published"\n'
    )


PAGE = Page(name="frontier", path="/frontier", title="Frontier", content=content, menu="Frontier")
