from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Stack

POOR = """
from mainstem.executors import ladder
from mainstem.executors.plan import Level
lacking = {Level.BUBBLEWRAP: "bubblewrap is not installed"}
ladder.stand = lambda: ladder.Standing(level=Level.LIMITS, lacking=lacking)
ladder.program = lambda name: None
from mainstem.cli.main import main
main()
"""
"""The command on a machine that can only set limits."""

HOG = """#!/bin/sh
head -c 200000000 /dev/zero | tail -c 200000000 | sleep 20
"""
RUNG = """
[[rungs]]
name = "small"
[rungs.resources]
memory = "64MB"
"""


@pytest.mark.parametrize("words", [("check",), ("integrate", "--budget", "4")])
def test_strict_refuses_before_anything_runs(stack: Stack, words: tuple[str, ...]) -> None:
    """One line says what cannot be enforced and what to install; nothing is recorded."""
    stack.mainstem("propose", "lr-high")
    before = stack.mainstem("verify", "--json").json
    done = subprocess.run(
        [sys.executable, "-c", POOR, *words, "--strict"],
        cwd=stack.path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.strip().splitlines()
    for part in (
        "--strict: this machine cannot enforce files",
        "network",
        "apt install bubblewrap",
    ):
        assert part in line
    assert stack.mainstem("verify", "--json").json == before
    assert not list((stack.path / ".mainstem").glob("logs/*"))


def test_check_and_why_tell_how_trials_were_confined(stack: Stack) -> None:
    """The profile, what was asked for, what was enforced and what was not."""
    keys = {"profile", "asked", "enforced", "not_enforced"}
    assert keys <= stack.mainstem("check", "--runs", "1", "--json").json["confinement"].keys()
    stack.mainstem("propose", "lr-high")
    stack.mainstem("integrate", "--budget", "6")
    why = stack.mainstem("why", "lr-high", "--json").json
    (way,) = why["confinement"]
    assert keys | {"trials"} <= way.keys()
    assert way["trials"] == len(why["evidence"])
    assert f"trials ran in the profile {way['profile']}" in stack.mainstem("why", "lr-high").out


def test_a_trial_that_a_limit_ended_says_so(make_stack: Callable[..., Stack]) -> None:
    """In the error, and in `log` for whoever comes later."""
    stack = make_stack(train=HOG)
    with (stack.path / "mainstem.toml").open("a") as file:
        file.write(RUNG)
    said = stack.mainstem("check", "--runs", "1", code=3).err
    assert "ended by SIGKILL: memory limit: " in said
    assert "the rung asks for 64 MB" in said
