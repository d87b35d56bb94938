from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Stack

KILLS = int(os.environ.get("MAINSTEM_TEST_KILLS", "6"))
"""How often the campaign is killed; `make bench` sets 20."""

BUDGET = ("--budget", "36", "-j", "2")


def rows(stack: Stack, query: str) -> list[Any]:
    """What a person with a sqlite shell would read."""
    path = stack.path / ".mainstem" / "ledger.sqlite"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
        return store.execute(query).fetchall()


ASKED = "SELECT json_extract(body, '$.trials') FROM entries WHERE kind = 'batch-asked' ORDER BY seq"
FINISHED = (
    "SELECT json_extract(body, '$.trial'), json_extract(body, '$.values') FROM entries "
    "WHERE kind = 'trial-finished' ORDER BY 1, 2"
)


def trials_of(folder: Path) -> list[int]:
    """Processes whose environment says that they are trials of this stack."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            working = (entry / "cwd").readlink()
        except OSError:
            continue
        if working.is_relative_to(folder / ".mainstem"):
            found.append(int(entry.name))
    return found


def kill_at_random(stack: Stack, kills: int) -> int:
    """Kills `integrate` with SIGKILL at random moments of its work; says how many hit."""
    rng = random.Random(7)
    hits = 0
    for _ in range(kills):
        process = stack.start("integrate", *BUDGET)
        try:
            process.wait(timeout=rng.uniform(0.3, 3.0))
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            hits += 1
        process.communicate()
    return hits


def test_a_campaign_killed_at_random_moments_takes_the_undisturbed_course(
    make_stack: Callable[..., Stack],
) -> None:
    """After kill -9 the same command loses and doubles no trial, and asks and decides the same."""
    proposals = ("lr-high", "lr-low", "clip", "warmup-long", "deeper")
    calm, shot = make_stack("calm"), make_stack("shot")
    for stack in (calm, shot):
        stack.mainstem("propose", *proposals)
    expected = calm.mainstem("integrate", *BUDGET, "--json").json
    hits = kill_at_random(shot, KILLS)
    assert hits > 0
    found = shot.mainstem("integrate", *BUDGET, "--json").json
    assert rows(shot, ASKED) == rows(calm, ASKED)
    assert rows(shot, FINISHED) == rows(calm, FINISHED)
    names = [name for name, _ in rows(shot, FINISHED)]
    assert len(names) == len(set(names))
    for report in (expected, found):
        report["trunk"].pop("commit")
    assert found == expected
    assert "whole" in shot.mainstem("verify").out
    deadline = time.monotonic() + 20.0
    while trials_of(shot.path) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert trials_of(shot.path) == []


def train_longer(stack: Stack, *, trial_s: float = 0.5) -> None:
    """Gives trials half a second or more: a campaign is still at work when a test looks."""
    slow = (stack.path / "train.sh").read_text().replace("set -eu", f"set -eu; sleep {trial_s}")
    (stack.path / "train.sh").write_text(slow)
    stack.git("commit", "--quiet", "--all", "--message", "Train longer")


def test_ctrl_c_stops_at_once_and_the_same_command_goes_on(stack: Stack) -> None:
    """An interrupted campaign says so, exits 0, leaves no process, and keeps what it has."""
    train_longer(stack)
    stack.mainstem("propose", "clip", "deeper")
    process = stack.start("integrate", "--budget", "400")
    lines = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if line.startswith("c1.3"):
            break
    os.kill(process.pid, signal.SIGINT)
    rest, _ = process.communicate(timeout=30)
    assert process.returncode == 0, rest
    assert "the same command goes on" in rest
    assert trials_of(stack.path) == []
    kept = stack.mainstem("status", "--json").json["spent"]
    assert kept >= 3


def test_ctrl_c_in_check_is_a_stopped_command(stack: Stack) -> None:
    """One line, exit code 130, no process left; nothing recorded, and it can begin anew."""
    train_longer(stack)
    process = stack.start("check", "--runs", "40", "-j", "2")
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("trunk run 2"):
            break
    deadline_s = time.monotonic() + 10.0
    while not trials_of(stack.path):  # between two trials there may be none
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    rest, _ = process.communicate(timeout=30)
    assert process.returncode == 130, rest
    last = rest.splitlines()[-1]
    assert last.startswith("mainstem: stopped after ")
    assert "of 41 trunk runs; nothing was recorded" in last
    assert "Traceback" not in rest
    assert trials_of(stack.path) == []
    assert rows(stack, "SELECT kind FROM entries") == []
    assert "mean" in stack.mainstem("check", "--runs", "1").out


def test_a_second_integrate_on_one_store_is_refused_and_names_the_first(stack: Stack) -> None:
    """Two campaigns cannot write one SQLite store; the second names the pid of the first."""
    train_longer(stack, trial_s=3.0)
    stack.mainstem("propose", "clip", "deeper")
    first = stack.start("integrate", "--budget", "400")
    assert first.stdout is not None
    for line in first.stdout:
        if line.startswith("c1.1"):
            break
    try:
        second = stack.mainstem("integrate", "--budget", "400", code=2)
        assert str(first.pid) in second.err
        assert stack.mainstem("status", "--json").json["pid"] == first.pid
    finally:
        os.kill(first.pid, signal.SIGINT)
        first.communicate(timeout=30)
