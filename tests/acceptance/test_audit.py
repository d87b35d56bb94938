"""The audit of a real campaign: few decisions, so it says what it cannot tell, and hides nobody."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conftest import Stack

CONTRIBUTORS = """
[[contributors]]
handle = "ada"
kind = "student"
joined = 2024-05-01
emails = ["ada@example.org"]
"""


def evidence(stack: Stack) -> dict[str, Any]:
    """The evidence that stands beside every verdict."""
    with sqlite3.connect(stack.path / ".mainstem/ledger.sqlite") as store:
        rows = store.execute("SELECT body FROM entries WHERE kind = 'verdict' ORDER BY seq")
        bodies = [json.loads(row[0]) for row in rows]
    return {body["proposal"]: body.get("evidence") for body in bodies}


def test_an_audit_of_two_decisions_says_that_it_cannot_tell(stack: Stack) -> None:
    """In words, as JSON and as a page; the evidence is that of `show` at the verdict."""
    stack.mainstem("propose", "clip", "lr-low", "--claim", "loss +0.01")
    assert "0 decided" in stack.mainstem("audit").out
    (stack.path / "contributors.toml").write_text(CONTRIBUTORS)
    shown = stack.mainstem("integrate", "--budget", "40", "--json").json
    kept = evidence(stack)
    for proposal in shown["proposals"]:
        for name, gain in proposal["gain"].items():
            assert kept[proposal["id"]]["gain"][name]["mean"] == gain["mean"]
    report = stack.mainstem("audit", "--json").json
    assert (report["filed"], report["decisions"]) == (2, 2)
    asked = {row["id"]: row["status"] for row in report["questions"]}
    assert asked["gain"] == "cannot tell"
    assert asked["team"] == "not asked"
    file = stack.path / "audit.html"
    said = stack.mainstem("audit", "--html", str(file)).out
    assert "The data cannot tell: 2 decisions are too few" in said
    assert "An odds ratio of 1 is no difference" in said
    assert f"written: {file}" in said.replace("\n", "")
    page = file.read_text(encoding="utf-8")
    assert "The data cannot tell: 2 decisions are too few" in page
    assert "An odds ratio of 1 is no difference" in page


def test_a_veto_is_a_decision_on_the_evidence_that_stood(stack: Stack) -> None:
    """Told without a name; what was measured of it before is what it is judged by."""
    stack.mainstem("propose", "clip", "lr-low")
    stack.mainstem("integrate", "--budget", "40", "--json")
    kept = evidence(stack)
    stack.mainstem("veto", "clip", "--reason", "no")
    report = stack.mainstem("audit", "--json").json
    assert (report["decisions"], report["evidence_not_known"]) == (2, 0)
    assert (report["overrides"]["vetoes"], report["overrides"]["forces"]) == (1, 0)
    assert [cell["by"] for cell in report["overrides"]["cells"]] == ["everybody"]
    lines = [" ".join(line.split()) for line in stack.mainstem("audit").out.splitlines()]
    at = lines.index("overrides by on proposals of vetoed forced")
    assert lines[at + 1] == "everybody everybody 1 0"
    at = lines.index("lead authors people filed of what was filed of all trials")
    assert lines[at + 1] == "everybody 1 2 100% 100%"
    assert evidence(stack) == kept


def test_a_page_that_cannot_be_written_is_one_line(stack: Stack) -> None:
    """With the file's name and why; exit code 2."""
    stack.mainstem("propose", "clip")
    ended = stack.mainstem("audit", "--html", "nowhere/audit.html", code=2)
    assert "nowhere/audit.html cannot be written: No such file or directory" in ended.err
