"""Who files much waits for no larger share: on a real repository, with real authors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Stack

CONTRIBUTORS = """
[[contributors]]
handle = "ada"
kind = "student"
emails = ["ada@example.org"]

[[contributors]]
handle = "bob"
kind = "staff"
emails = ["bob@example.org", "bob@lab.example"]

[[contributors]]
handle = "eve"
kind = "agent"
emails = ["eve@example.org"]
"""

ANY_LINE = "[shares]\nline = 1\n"

AUTHORS = {
    "lr-low": "Eve <eve@example.org>",
    "lr-high": "Ada <ada@example.org>",
    "clip": "B. <bob@lab.example>",
    "warmup-long": "Eve <eve@example.org>",
    "deeper": "Eve <eve@example.org>",
}
"""Of every branch, in the order of proposing."""


def sign(stack: Stack, authors: dict[str, str]) -> None:
    """Has every branch's commit written by its author."""
    for branch, author in authors.items():
        stack.git("checkout", "--quiet", branch)
        stack.git("commit", "--quiet", "--amend", "--no-edit", f"--author={author}")
    stack.git("checkout", "--quiet", "main")


def shares(stack: Stack) -> dict[str, Any]:
    """Each contributor's row."""
    report = stack.mainstem("shares", "--json").json
    return {row["handle"]: row for row in report["contributors"]}


def test_who_files_three_of_five_waits_with_two(stack: Stack) -> None:
    """Where any line is worth a turn: two file one each, so has the third one place."""
    sign(stack, AUTHORS)
    assert "no proposal yet" in stack.mainstem("shares").out
    (stack.path / "contributors.toml").write_text(f"{CONTRIBUTORS}{ANY_LINE}")
    stack.mainstem("propose", *AUTHORS)
    stack.mainstem("integrate", "--budget", "60", "--json")
    found = shares(stack)
    assert {h: (row["proposals"], row["kind"]) for h, row in found.items()} == {
        "eve": (3, "agent"),
        "ada": (1, "student"),
        "bob": (1, "staff"),
    }
    spent = stack.mainstem("status", "--json").json["spent"]
    assert sum(row["trials"] for row in found.values()) == pytest.approx(spent)
    lines = [line for line in ledger(stack) if line[0].startswith("campaign-")]
    assert [members for kind, members in lines if kind != "campaign-ended"] == [
        ["lr-low", "lr-high", "clip"],
        ["warmup-long", "deeper"],
    ]
    said = stack.mainstem("shares", "ada").out
    assert said.startswith("ada has filed 1 proposal; their part of the trials is ")
    assert "an equal claim is 33%" in said
    text = stack.mainstem("shares").out
    assert "Jain's index of the trials" in text
    assert "nobody is in line: every proposal has its verdict" in text


def test_those_in_line_are_shown_while_they_wait(stack: Stack) -> None:
    """The first trials are of those who are in; the others are counted, and the rule is told."""
    sign(stack, AUTHORS)
    (stack.path / "contributors.toml").write_text(f"{CONTRIBUTORS}{ANY_LINE}")
    stack.mainstem("propose", *AUTHORS)
    said = stack.mainstem("shares", "eve").out
    assert "1 enters it by the next `mainstem integrate`; 2 wait until" in " ".join(said.split())
    stack.mainstem("integrate", "--budget", "4", "--json")
    found = shares(stack)
    assert (found["eve"]["in_campaign"], found["eve"]["waiting"]) == (1, 2)
    assert found["eve"]["waiting_s"] >= 0.0
    said = stack.mainstem("shares", "eve").out
    assert "1 of 3 undecided ones are in the campaign; 2 wait until" in said
    assert "may have 1 proposal in the campaign at once" in stack.mainstem("shares").out


def test_nobody_waits_where_the_line_would_be_short(stack: Stack) -> None:
    """Five proposals are too few for turns: all are in the campaign, and that is said."""
    sign(stack, AUTHORS)
    (stack.path / "contributors.toml").write_text(CONTRIBUTORS)
    stack.mainstem("propose", *AUTHORS)
    assert "3 enter it by the next" in stack.mainstem("shares", "eve").out
    stack.mainstem("integrate", "--budget", "4", "--json")
    assert shares(stack)["eve"]["waiting"] == 0
    assert "fewer than 39 proposals would wait" in stack.mainstem("shares").out


def test_without_the_file_nothing_is_shared_out(stack: Stack) -> None:
    """Authors stand for themselves, everybody enters at once, and that is said."""
    sign(stack, AUTHORS)
    stack.mainstem("propose", *AUTHORS)
    stack.mainstem("integrate", "--budget", "4", "--json")
    found = shares(stack)
    assert found["eve@example.org"]["in_campaign"] == 3
    assert found["bob@lab.example"]["waiting"] == 0
    assert "there is no contributors.toml" in stack.mainstem("shares").out


def test_authors_change_no_line_of_the_record(make_stack: Any) -> None:
    """With shares off any authors give the same trees, asks, results and verdicts, line by line."""
    one, other = make_stack("one"), make_stack("other")
    sign(one, AUTHORS)
    names = list(AUTHORS.values())
    sign(other, dict(zip(AUTHORS, reversed(names), strict=True)))
    records = []
    for stack in (one, other):
        stack.mainstem("propose", *AUTHORS)
        stack.mainstem("integrate", "--budget", "24", "--json")
        records.append(stack.mainstem("show", "--json").json)
    for report in records:
        del report["trunk"]["commit"], report["measured_on"]
    assert records[0] == records[1]


def test_wrong_use_is_one_clear_line(stack: Stack) -> None:
    """A handle that filed nothing, a file that is wrong: exit code 2, where and what to write."""
    (stack.path / "contributors.toml").write_text('[[contributors]]\nhandle = "ada"\n')
    wrong = stack.mainstem("shares", code=2).err
    assert "contributors.toml:1: contributors.emails is missing" in wrong
    assert "contributors.toml" in stack.mainstem("integrate", "--budget", "9", code=2).err
    (stack.path / "contributors.toml").write_text("")
    assert "'ada' has filed no proposal" in stack.mainstem("shares", "ada", code=2).err


def ledger(stack: Stack) -> list[tuple[str, list[str]]]:
    """Kind and proposals of every line."""
    from mainstem.wiring import open_project

    with open_project(stack.path) as project:
        return [(e.kind, list(e.body.get("proposals", ()))) for e in project.ledger.entries()]
