"""The page of the audit: what `mainstem audit` draws, in the board's frame."""

from __future__ import annotations

from mainstem.board.pages import audit
from mainstem.board.reader import Answer
from tests.unit.board.given import Given, answer, shown


def test_what_the_audit_draws_is_framed() -> None:
    """With the JSON a link away."""
    page = shown(audit.PAGE, Given(answers={"audit": answer({"html": "<h2>How it decides</h2>"})}))
    assert "<h2>How it decides</h2>" in page
    assert page.count("<h1>") == 1
    assert 'href="/api/audit"' in page


def test_an_audit_of_an_earlier_line_says_so() -> None:
    """What came since is being worked out."""
    older = Answer(body={"html": "<h2>x</h2>"}, line=1234, current=False, working=True)
    assert "As of line 1,234" in shown(audit.PAGE, Given(answers={"audit": older}))


def test_an_audit_that_is_not_there() -> None:
    """Worked out, not possible, or nothing decided: each has its words and a heading."""
    loading = shown(audit.PAGE, Given())
    assert "is being laid beside the evidence" in loading
    assert loading.count('class="loading"') == 1
    assert "Nothing is decided yet" in shown(audit.PAGE, Given(answers={"audit": answer({})}))
    failed = Answer(body=None, line=0, current=False, working=False, error="contributors.toml: no")
    page = shown(audit.PAGE, Given(answers={"audit": failed}))
    assert "contributors.toml: no" in page
    assert "<h1>Audit" in page
