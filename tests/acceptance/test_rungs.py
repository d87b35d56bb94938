"""Two rungs of a real stack: small runs search, and what they suggest is proved at the large."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from typing import TYPE_CHECKING, Any

from tests.acceptance.conftest import STACK, TRAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Stack

RUNGS = (
    STACK.replace('"sh train.sh {seed}"', '"sh train.sh {seed} {rung.scale}"')
    + """
[[rungs]]
name = "tiny"
cost = 1.0
scale = 0.5
[[rungs]]
name = "full"
cost = 8.0
scale = 1.0
"""
)
"""Two rungs, of which the smaller one shows half of every effect."""

SCALED = TRAIN.replace("BEGIN {", "BEGIN { scale = \"'$2'\" + 0;").replace(
    "loss + 0.01 * noise", "3.0 + scale * (loss - 3.0) + 0.03 * noise"
)
"""The same training with a scale, and noise that makes pairs cost something."""

PROPOSALS = ("lr-high", "lr-low", "clip", "warmup-long", "deeper")
BUDGET = ("--budget", "30", "-j", "2")


def asked(stack: Stack) -> list[Any]:
    """Every trial that was asked for, in order, as the ledger has it."""
    from mainstem.wiring import open_project

    with open_project(stack.path) as project:
        lines = [e.body for e in project.ledger.entries(kinds=["batch-asked"])]
    return [row for line in lines for row in line["trials"]]


def one_line(text: str) -> str:
    """A text without the breaks of its lines."""
    return " ".join(text.split())


def test_a_campaign_over_rungs_ends_with_a_set_proved_at_the_large_one(
    make_stack: Callable[..., Stack],
) -> None:
    """For less than at the large rung alone; every command names a trial's rung."""
    stack = make_stack(toml=RUNGS, train=SCALED)
    said = one_line(stack.mainstem("check", "--runs", "2").out)
    assert "at rung tiny (cost 1):" in said
    assert "at rung full (cost 8), which confirms:" in said
    stack.mainstem("propose", *PROPOSALS)
    said = one_line(stack.mainstem("plan", "--budget", "30").out)
    assert "trials of rung full, which confirms (one of tiny counts 0.125)" in said
    lines = stack.mainstem("integrate", *BUDGET).out
    assert " at tiny  " in lines
    assert "(confirmation)" in lines
    trials = asked(stack)
    assert {row["rung"] for row in trials} == {"tiny", "full"}
    assert {row["rung"] for row in trials if row["purpose"] == "confirm"} == {"full"}
    report = stack.mainstem("show", "--json").json
    assert report["best"]["confirmed"]
    assert set(report["best"]["recipe"]) == {"lr-high", "clip"}
    tiny, full = report["rungs"]
    assert report["trials"]["spent"] == tiny["done"] / 8 + full["done"]
    status = one_line(stack.mainstem("status").out)
    assert f"of 30 trials of full ({tiny['done']} at tiny, {full['done']} at full)" in status
    evidence = stack.mainstem("why", "clip", "--json").json["evidence"]
    assert {row["trial"]: row["rung"] for row in evidence}.items() <= {
        row["trial"]: row["rung"] for row in trials
    }.items()
    first = next(row["trial"] for row in trials if row["rung"] == "tiny")
    assert stack.mainstem("log", first, "--json").json["rung"] == "tiny"
    told = stack.mainstem("show", "--transfer", "--json").json
    clip = next(p for p in told["proposals"] if p["id"] == "clip")["objectives"]["loss"]
    assert [at["rung"] for at in clip["effects"]] == ["tiny", "full"]
    assert clip["holding"] == "held"
    assert told["agreement"][0]["rank"]["mean"] > 0.5
    assert "rank agreement" in stack.mainstem("show", "--transfer").out
    stack.mainstem("merge")
    assert "Mainstem-Trials:" in stack.git("log", "-1", "--format=%B")
    stack.mainstem("verify")
    alone = make_stack("alone", toml=RUNGS, train=SCALED)
    alone.mainstem("propose", *PROPOSALS)
    dear = alone.mainstem("integrate", *BUDGET, "--rungs", "full", "--json").json
    assert {row["rung"] for row in asked(alone)} == {"full"}
    assert dear["trials"]["spent"] == dear["trials"]["done"]
    assert report["trials"]["spent"] < dear["trials"]["spent"]


def test_a_campaign_over_rungs_that_is_killed_takes_the_undisturbed_course(
    make_stack: Callable[..., Stack],
) -> None:
    """After kill -9 the same command asks for the same runs at the same rungs."""
    calm, shot = (make_stack(name, toml=RUNGS, train=SCALED) for name in ("calm", "shot"))
    for stack in (calm, shot):
        stack.mainstem("propose", *PROPOSALS)
    expected = calm.mainstem("integrate", *BUDGET, "--json").json
    rng, hits = random.Random(7), 0
    for _ in range(4):
        process = shot.start("integrate", *BUDGET)
        try:
            process.wait(timeout=rng.uniform(0.5, 4.0))
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            hits += 1
        process.communicate()
    assert hits > 0
    found = shot.mainstem("integrate", *BUDGET, "--json").json
    assert asked(shot) == asked(calm)
    for report in (expected, found):
        report["trunk"].pop("commit")
    assert found == expected


def test_a_rung_at_which_the_trunk_does_not_run_is_named_and_left_out(
    make_stack: Callable[..., Stack],
) -> None:
    """By `check` before a campaign, and by `integrate`; without it the campaign runs."""
    picky = SCALED.replace(
        "set -eu", 'set -eu; [ "$2" = 0.5 ] && { echo too short >&2; exit 9; }; :'
    )
    stack = make_stack(toml=RUNGS, train=picky)
    for words in (("check",), ("integrate", "--budget", "8")):
        stack.mainstem("propose", "clip", "lr-high")
        said = stack.mainstem(*words, code=3).err
        assert "at rung 'tiny'): exit code 9: too short" in said
        assert "without rung 'tiny' if decisions.search_rungs leaves it out" in said
    with (stack.path / "mainstem.toml").open("a") as file:
        file.write("[decisions]\nsearch_rungs = []\n")
    assert stack.mainstem("integrate", "--budget", "8", "--json").json["campaign"] == "c2"
