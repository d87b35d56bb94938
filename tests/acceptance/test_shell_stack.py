from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Stack

ALL = ("lr-high", "lr-low", "clip", "warmup-long", "deeper")


def test_a_shell_script_goes_from_init_to_merge(make_stack: Callable[..., Stack]) -> None:
    """The README's path on a stack that prints its metrics and imports nothing of ours."""
    stack = make_stack()
    checked = stack.mainstem("check", "--json").json
    assert checked["objectives"]["weights"]["deterministic"]
    assert 0.001 < checked["objectives"]["loss"]["sd"] < 0.1
    taken = stack.mainstem("propose", *ALL, "--json").json
    assert [p["components"] for p in taken["proposals"]][:2] == [["optimizer"], ["optimizer"]]
    assert taken["conflicts"][0]["proposals"] == ["lr-high", "lr-low"]
    planned = stack.mainstem("plan", "--budget", "50", "--json").json
    assert planned["detectable"]["loss"] < 0.1
    said = stack.mainstem("integrate", "--budget", "50", "-j", "2").out
    assert "confirmed on fresh seeds" in said
    shown = stack.mainstem("show", "--json").json
    verdicts = {p["id"]: p["verdict"] for p in shown["proposals"]}
    assert verdicts == {
        "lr-high": "merge",
        "lr-low": "shelve",
        "clip": "merge",
        "warmup-long": "broken",
        "deeper": "shelve",
    }
    assert shown["best"]["gain"]["loss"]["low"] > 0.2
    why = " ".join(stack.mainstem("why", "warmup-long").out.split())
    assert "crashes together with clip" in why
    assert "together failed: exit code 7: clip needs a short warmup clip + warmup-long" in why
    assert "breaks the guard weights" in " ".join(stack.mainstem("why", "deeper").out.split())
    old = stack.git("rev-parse", "main")
    branches = stack.git("for-each-ref", "refs/heads", "--format=%(refname) %(objectname)")
    dry = stack.mainstem("merge", "--dry-run")
    assert "nothing was moved" in dry.out
    assert stack.git("for-each-ref", "refs/heads", "--format=%(refname) %(objectname)") == branches
    stack.mainstem("merge")
    assert stack.git("rev-list", "--count", "--first-parent", f"{old}..main") == "2"
    assert stack.git("status", "--porcelain") == ""
    assert stack.git("show", "main:settings/lr") == "high"
    assert stack.git("show", "main:settings/clip") == "on"
    trailers = stack.git("log", "-1", "--format=%(trailers:key=Mainstem-Proposal,valueonly)")
    assert trailers == "clip"
    assert "merged   clip" in stack.mainstem("status").out
    again = stack.mainstem("merge", code=1)
    assert "in the trunk already" in again.err
    assert "whole" in stack.mainstem("verify").out


def test_the_same_seed_takes_the_same_course_with_any_number_of_slots(
    make_stack: Callable[..., Stack],
) -> None:
    """-j only executes: asks, values and verdicts do not depend on it, nor on a hash seed."""
    shown = []
    for name, slots in (("one", "1"), ("three", "3")):
        stack = make_stack(name)
        stack.mainstem("propose", *ALL)
        words = ("integrate", "--budget", "30", "-j", slots, "--json")
        report = stack.mainstem(*words, fresh=True).json
        report["trunk"].pop("commit")
        shown.append(report)
    assert shown[0] == shown[1]


@pytest.mark.parametrize("command", ["show", "status"])
def test_an_empty_project_can_be_looked_at(stack: Stack, command: str) -> None:
    """Before the first campaign every view works and says what to do."""
    assert "mainstem propose BRANCH" in stack.mainstem("status").out
    stack.mainstem("propose", "clip")
    assert "mainstem integrate" in stack.mainstem(command).out
    stack.mainstem(command, "--json")
