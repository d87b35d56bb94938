"""Several `mainstem integrate` on one PostgreSQL store: a team's campaign is one person's."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Stack
    from postgres_server import Server

PROPOSALS = ("lr-high", "lr-low", "clip", "warmup-long", "deeper")
BUDGET = ("--budget", "28")
LEASE_S = 2.0
"""As short as a loaded machine can renew it."""


class Team:
    """Clones of one stack that work on one store.

    Attributes:
        server: Has the store.
        database: The store's.
        url: Its address.
        clones: A repository each; the first is where proposals are taken in, the others its clones.
    """

    def __init__(
        self, server: Server, database: str, origin: Stack, folder: Path, size: int
    ) -> None:
        self.server = server
        self.database = database
        self.url = server.address(database)
        self.clones = [origin]
        for number in range(1, size):
            path = folder / f"clone{number}"
            subprocess.run(["git", "clone", "--quiet", origin.path, path], check=True)
            self.clones.append(type(origin)(path))
        self.first = self.clones[0]
        self.first.mainstem("propose", *PROPOSALS, "--store", self.url)

    def start(self, number: int, *words: str) -> subprocess.Popen[str]:
        """Starts a worker."""
        command = ("integrate", *(words or BUDGET), "-j", "2", "--store", self.url)
        return self.clones[number].start(*command)

    def run(self, number: int, *words: str) -> Any:
        """What a command says as JSON."""
        return self.clones[number].mainstem(*words, "--json", "--store", self.url).json

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """What somebody with a database's shell would read."""
        return self.server.sql("SET search_path TO mainstem", query, database=self.database)

    def entries(self, kind: str) -> list[Any]:
        """The bodies of the store's lines of a kind, in order."""
        rows = self.sql("SELECT kind, body FROM entries ORDER BY seq")
        return [json.loads(body) for found, body in rows if found == kind]

    def held(self, worker: subprocess.Popen[str]) -> list[str]:
        """The trials without a result that a worker has leased, as the tables have it."""
        leased = self.sql(
            "SELECT pid, trial FROM leases JOIN workers ON worker = id ORDER BY leases.since, trial"
        )
        finished = {body["trial"] for body in self.entries("trial-finished")}
        return [t for pid, t in leased if pid == worker.pid and t not in finished]


@pytest.fixture
def make_team(
    make_stack: Callable[..., Stack], tmp_path: Path, postgres_server: Server, database: str
) -> Callable[..., Team]:
    """Builds teams of clones of a stack whose trials take half a second."""

    def build(size: int, *, trial_s: float = 0.3, lease_s: float = LEASE_S) -> Team:
        origin = slow_stack(make_stack, "origin", trial_s, lease_s)
        return Team(postgres_server, database, origin, tmp_path, size)

    return build


def slow_stack(
    make_stack: Callable[..., Stack], name: str, trial_s: float, lease_s: float = LEASE_S
) -> Stack:
    """The shell stack with trials that take some time, and a short lease."""
    stack = make_stack(name)
    slow = (stack.path / "train.sh").read_text().replace("set -eu", f"set -eu; sleep {trial_s}")
    (stack.path / "train.sh").write_text(slow)
    file = stack.path / "mainstem.toml"
    patient = file.read_text().replace('timeout = "30s"', 'timeout = "20m"')
    file.write_text(f'{patient}[store]\nlease = "{lease_s:g}s"\n')
    stack.git("commit", "--quiet", "--all", "--message", "Train longer")
    return stack


def course(show: Any, asked: list[Any], finished: list[Any]) -> dict[str, Any]:
    """What has to be the same, however many worked."""
    results = sorted((b["trial"], b["values"], (b["failure"] or {}).get("cause")) for b in finished)
    names = [name for name, _, _ in results]
    assert len(names) == len(set(names))
    verdicts = {p["id"]: (p["verdict"], p["reason"]) for p in show["proposals"]}
    best = None if show["best"] is None else show["best"]["recipe"]
    return {
        "asked": [
            [(t["trial"], t["recipe"], t["seed"], t["purpose"]) for t in b["trials"]] for b in asked
        ],
        "finished": results,
        "verdicts": verdicts,
        "best": best,
    }


def alone(make_stack: Callable[..., Stack]) -> dict[str, Any]:
    """The course of one process on SQLite; its trials take no time."""
    stack = slow_stack(make_stack, "alone", 0.0)
    stack.mainstem("propose", *PROPOSALS)
    show = stack.mainstem("integrate", *BUDGET, "-j", "2", "--json").json
    with closing(sqlite3.connect(stack.path / ".mainstem" / "ledger.sqlite")) as db:
        rows = db.execute("SELECT kind, body FROM entries ORDER BY seq").fetchall()
    bodies = [(kind, json.loads(body)) for kind, body in rows]
    asked = [b for kind, b in bodies if kind == "batch-asked"]
    return course(show, asked, [b for kind, b in bodies if kind == "trial-finished"])


def ended(process: subprocess.Popen[str]) -> str:
    """What a worker said until its end, which has to be a good one."""
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return said


@pytest.fixture(scope="module")
def known() -> dict[str, Any]:
    """What the tests of this module need once: the course of one process alone."""
    return {}


@pytest.fixture
def check_course(make_stack: Callable[..., Stack], known: dict[str, Any]) -> Callable[[Team], None]:
    """Checks that a team's campaign took the course of one process on SQLite."""

    def check(team: Team) -> None:
        found = course(
            team.run(0, "show"), team.entries("batch-asked"), team.entries("trial-finished")
        )
        if not known:
            known.update(alone(make_stack))
        assert found == known
        assert len(team.entries("campaign-opened")) == len(team.entries("campaign-ended")) == 1
        assert len(team.entries("verdict")) == len(PROPOSALS)
        assert "whole" in team.first.mainstem("verify", "--store", team.url).out

    return check


def until(said: Callable[[], bool]) -> None:
    """Waits until something holds."""
    deadline_s = time.monotonic() + 60.0
    while not said():
        assert time.monotonic() < deadline_s
        time.sleep(0.1)


def test_three_workers_take_the_course_of_one(
    make_team: Callable[..., Team],
    check_course: Callable[[Team], None],
) -> None:
    """Same asks, same results, same verdicts as one process on SQLite; each verdict stands once."""
    team = make_team(3)
    workers = [team.start(number) for number in range(3)]
    # Others look and file at the same time; what is known already changes nothing.
    for words in (("status",), ("show",), ("propose", "clip"), ("why", "clip")):
        team.run(0, *words)
    said = [ended(worker) for worker in workers]
    check_course(team)
    finished = team.entries("trial-finished")
    assert {body["worker"]["pid"] for body in finished} == {worker.pid for worker in workers}
    lines = [line for text in said for line in text.splitlines()]
    assert sum(bool(re.match(r"c1\.\d+ ", line)) for line in lines) == len(finished)
    assert not any(line.startswith("note:") for line in lines)


def _stands_still_with_trials(team: Team, worker: subprocess.Popen[str]) -> bool:
    """Whether it holds trials, stopped, so that it cannot give them back before it is killed."""
    os.kill(worker.pid, signal.SIGSTOP)
    if team.held(worker):
        return True
    os.kill(worker.pid, signal.SIGCONT)
    return False


def test_the_trials_of_a_killed_worker_are_run_by_another(
    make_team: Callable[..., Team],
    check_course: Callable[[Team], None],
) -> None:
    """Kill -9: its leases end, another worker runs its trials, nothing is lost or doubled."""
    team = make_team(2, trial_s=0.5)
    doomed = team.start(1)
    until(lambda: len(team.entries("trial-finished")) > 2)
    until(lambda: _stands_still_with_trials(team, doomed))
    os.kill(doomed.pid, signal.SIGKILL)
    doomed.communicate()
    lost = team.held(doomed)
    assert lost
    other = team.start(0)
    ended(other)
    check_course(team)
    by = {body["trial"]: body["worker"]["pid"] for body in team.entries("trial-finished")}
    assert {by[name] for name in lost} == {other.pid}
    assert team.entries("trial-late") == []


def test_a_late_result_is_kept_and_not_counted(
    make_team: Callable[..., Team],
    check_course: Callable[[Team], None],
) -> None:
    """A worker that stood still comes back when its trials were run: its results are evidence."""
    team = make_team(2, trial_s=0.5)
    sleeper = team.start(1)
    until(lambda: len(team.held(sleeper)) > 0)
    os.kill(sleeper.pid, signal.SIGSTOP)
    lost = team.held(sleeper)
    assert lost
    other = team.start(0)
    try:
        until(lambda: {b["trial"] for b in team.entries("trial-finished")} >= set(lost))
    finally:
        os.kill(sleeper.pid, signal.SIGCONT)
    ended(sleeper)
    ended(other)
    late = team.entries("trial-late")
    assert late
    assert {body["trial"] for body in late} <= set(lost)
    assert {body["worker"]["pid"] for body in late} == {sleeper.pid}
    assert all(body["values"] is not None for body in late)
    check_course(team)
    rows = team.sql("SELECT trial FROM trials WHERE late = 1")
    assert sorted(name for (name,) in rows) == sorted(body["trial"] for body in late)


def test_a_database_that_is_restarted_only_pauses_the_campaign(
    make_team: Callable[..., Team],
    check_course: Callable[[Team], None],
    postgres_server: Server,
) -> None:
    """Two workers in mid-way, the server goes and comes: both go on, and the course is the same."""
    team = make_team(2)
    workers = [team.start(number) for number in range(2)]
    until(lambda: len(team.entries("trial-finished")) > 4)
    postgres_server.stop()
    time.sleep(1.0)
    postgres_server.start()
    until(lambda: len(team.entries("trial-finished")) > 12)
    postgres_server.restart(hard=True)
    for worker in workers:
        ended(worker)
    check_course(team)


def test_a_stopped_worker_gives_its_trials_back_at_once(
    make_team: Callable[..., Team],
) -> None:
    """Ctrl-C: no row of it is left, so nobody waits for its leases to end."""
    team = make_team(2, trial_s=600.0, lease_s=600.0)
    worker = team.start(1)
    until(lambda: len(team.held(worker)) == 2)
    report = team.run(0, "status")
    [seen] = report["workers"]
    folder = str(team.clones[1].path / ".mainstem")
    assert (seen["pid"], seen["slots"], seen["folder"]) == (worker.pid, 2, folder)
    assert report["running"] == team.held(worker)
    assert report["pid"] == worker.pid
    shown = team.first.mainstem("status", "--store", team.url).out
    assert "running on 1 worker" in shown
    assert f"{seen['host']} {worker.pid}" in shown
    os.kill(worker.pid, signal.SIGINT)
    assert "the same command goes on" in ended(worker)
    assert team.sql("SELECT trial FROM leases") == team.sql("SELECT host FROM workers") == []
    assert team.run(0, "status")["workers"] == []


def test_a_second_worker_in_one_folder_is_refused(
    make_team: Callable[..., Team],
) -> None:
    """Two would clean up each other's trials: the line says that a worker needs its own clone."""
    team = make_team(1, trial_s=600.0)
    first = team.start(0)
    until(lambda: len(team.held(first)) > 0)
    refused = team.first.mainstem("integrate", "--store", team.url, code=2).err
    assert f"pid {first.pid}" in refused
    assert "a second worker needs a clone of its own" in refused
    os.kill(first.pid, signal.SIGINT)
    ended(first)


def test_a_clone_without_a_proposal_is_told_to_fetch_it(make_team: Callable[..., Team]) -> None:
    """A worker whose clone lacks a commit stops before it holds anything, and says what to do."""
    team = make_team(2)
    team.first.git("branch", "newer", "main")
    team.first.git("checkout", "--quiet", "newer")
    (team.first.path / "settings" / "lr").write_text("middle\n")
    team.first.git("commit", "--quiet", "--all", "--message", "Newer")
    team.first.git("checkout", "--quiet", "main")
    team.first.mainstem("propose", "newer", "--store", team.url)
    said = team.clones[1].mainstem("integrate", *BUDGET, "--store", team.url, code=2).err
    assert "'newer'" in said
    assert "if this clone never had it, fetch it" in said
    team.clones[1].git("fetch", "--quiet")
    team.clones[1].mainstem("integrate", "--budget", "2", "--store", team.url)


def test_a_newcomer_tries_and_reviews_in_a_clone_of_their_own(
    make_team: Callable[..., Team],
) -> None:
    """What another clone alone has is not looked at; names of trials are the store's."""
    team = make_team(2, trial_s=0.0)
    newcomer = team.clones[1]
    team.first.git("checkout", "--quiet", "-b", "newer", "main")
    (team.first.path / "settings" / "lr").write_text("middle\n")
    team.first.git("commit", "--quiet", "--all", "--message", "Newer")
    team.first.git("checkout", "--quiet", "main")
    team.first.mainstem("propose", "newer", "--store", team.url)
    team.run(0, "try", "deeper", "--pairs", "1")
    found = team.run(1, "try", "origin/lr-high", "--pairs", "1")
    assert found["trials"][0]["trunk"]["trial"] == "t2.1"
    assert found["not_fetched"] == ["newer"]
    assert [c["with"] for c in found["conflicts"]] == ["lr-low"]
    assert found["proposal"]["id"] == "lr-high"
    newcomer.mainstem("review", "lr-high", "--merge", "0.8", "--store", team.url)
    (body,) = team.entries("review-given")
    assert body["merge"] == 0.8
    assert [p["id"] for p in team.run(0, "review")["to_review"]][:1] == ["lr-low"]


def test_the_log_of_a_trial_that_ran_elsewhere_says_where_it_is(
    make_team: Callable[..., Team],
) -> None:
    """Logs stay where trials ran; every clone can name the place."""
    team = make_team(2, trial_s=0.0)
    ended(team.start(1, "--budget", "4"))
    here = team.clones[1].mainstem("log", "c1.1", "--store", team.url).out
    assert "final_loss" in here
    assert "ran on" not in here
    there = team.first.mainstem("log", "c1.1", "--store", team.url).err
    place = team.clones[1].path / ".mainstem" / "logs" / "c1.1"
    assert f"what it printed is there, in {place}" in there
    assert team.run(0, "log", "c1.1")["elsewhere"]["folder"] == str(place)


def test_a_store_in_the_file_needs_no_option(make_team: Callable[..., Team]) -> None:
    """`[store] url` in mainstem.toml, and every command works on it; nothing is kept beside it."""
    team = make_team(1, trial_s=0.0)
    file = team.first.path / "mainstem.toml"
    file.write_text(file.read_text().replace("[store]\n", f'[store]\nurl = "{team.url}"\n'))
    team.first.mainstem("integrate", "--budget", "4")
    assert team.first.mainstem("status", "--json").json["spent"] > 0
    team.first.mainstem("why", "clip")
    assert not (team.first.path / ".mainstem" / "ledger.sqlite").exists()
