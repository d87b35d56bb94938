"""Answers that bring the body of a page along: audit, frontier and lab draw themselves.

Their own packages know what their numbers mean; the board frames what they drew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mainstem.board.reader import Question, Reader

BODY = "html"
"""The key of an answer's body that holds the page's, as HTML."""


def framed(reader: Reader, question: Question) -> dict[str, Any]:
    """What a template needs to frame an answer.

    Args:
        reader: The record.
        question: `audit`, `frontier` or `lab`.
    """
    answer = reader.ask(question)
    report = answer.body or {}
    drawn = report.get(BODY) or None
    return {
        "answer": answer,
        "report": answer.body,
        "drawn": drawn,
        "state": _state(has_error=bool(answer.error), known=answer.body is not None, drawn=drawn),
        "address": f"/api/{question}",
    }


def _state(*, has_error: bool, known: bool, drawn: str | None) -> str:
    """`drawn`, `none` (there is nothing to draw from), `error` or `working`."""
    if drawn is not None:
        return "drawn"
    if has_error:
        return "error"
    return "none" if known else "working"
