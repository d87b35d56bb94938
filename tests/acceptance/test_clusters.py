"""A campaign does not depend on where its trials run: here, on SLURM's nodes, or on Ray's."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.clusters.machine import marked, need, until
from tests.clusters.ray import lacking as no_ray

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Stack
    from postgres_server import Server
    from tests.clusters.ray import Ray
    from tests.clusters.slurm import Slurm

ALL = ("lr-high", "lr-low", "clip", "warmup-long", "deeper")
BUDGET = ("--budget", "10", "-j", "4")
ASKED = "SELECT json_extract(body, '$.trials') FROM entries WHERE kind = 'batch-asked' ORDER BY seq"
FINISHED = (
    "SELECT json_extract(body, '$.trial'), json_extract(body, '$.values'), "
    "json_extract(body, '$.failure') FROM entries WHERE kind = 'trial-finished' ORDER BY 1"
)
RUNS = "SELECT json_extract(body, '$.run') FROM entries WHERE kind = 'trial-finished' ORDER BY seq"


def rows(stack: Stack, query: str) -> list[Any]:
    """What the ledger holds."""
    path = stack.path / ".mainstem" / "ledger.sqlite"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
        return store.execute(query).fetchall()


def runs(stack: Stack) -> list[dict[str, Any]]:
    """The records of all finished trials."""
    return [json.loads(row) for (row,) in rows(stack, RUNS)]


@pytest.fixture
def on_slurm(
    slurm: Slurm, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Slurm]:
    """This machine can submit to the cluster."""
    monkeypatch.setenv("SLURM_CONF", slurm.conf)
    monkeypatch.setenv("MAINSTEM_SCRATCH", str(tmp_path_factory.mktemp("scratch")))
    yield slurm
    until(lambda: slurm.jobs() == [], "the end of all jobs")


def decided(stack: Stack, *place: str) -> Any:
    """What a campaign comes to."""
    report = stack.mainstem("integrate", *BUDGET, *place, "--json", fresh=True).json
    report["trunk"].pop("commit")
    return report


@pytest.mark.usefixtures("on_slurm")
def test_a_campaign_takes_one_course_wherever_its_trials_run_and_its_ledger_lies(
    make_stack: Callable[..., Stack], ray_nodes: Ray, postgres_server: Server, database: str
) -> None:
    """The same asks, values and verdicts here, on SLURM's two nodes, Ray's three, PostgreSQL."""
    here, there, yonder, kept = (make_stack(name) for name in ("here", "there", "yonder", "kept"))
    yonder = replace(yonder, enter=ray_nodes.enter)
    for stack in (here, there, yonder):
        stack.mainstem("propose", *ALL)
    expected = decided(here)
    url = postgres_server.address(database)
    kept.mainstem("propose", *ALL, "--store", url)
    assert decided(kept, "--store", url) == expected
    kept.mainstem("store", "copy", "--from", url, "--to", "sqlite")
    assert rows(kept, ASKED) == rows(here, ASKED)
    assert rows(kept, FINISHED) == rows(here, FINISHED)
    assert decided(there, "-x", "slurm") == expected
    assert decided(yonder, "-x", f"ray:{ray_nodes.address}") == expected
    for stack in (there, yonder):
        assert rows(stack, ASKED) == rows(here, ASKED)
        assert rows(stack, FINISHED) == rows(here, FINISHED)
        log = here.path / ".mainstem" / "logs" / "c1.1" / "stdout"
        assert stack.mainstem("log", "c1.1").out == log.read_text()
    assert {run["host"]["node"] for run in runs(there)} <= {"n1", "n2"}
    assert {run["host"]["node"] for run in runs(yonder)} <= {f"127.0.0.{n}" for n in (11, 12, 13)}
    profiles = {run["confinement"]["profile"] for run in runs(here)}
    assert {run["confinement"]["profile"] for run in runs(there) + runs(yonder)} == profiles


def train_longer(stack: Stack) -> None:
    """Gives trials a second more: a campaign is still at work when a test looks."""
    slow = (stack.path / "train.sh").read_text().replace("set -eu", "set -eu; sleep 1")
    (stack.path / "train.sh").write_text(slow)
    stack.git("commit", "--quiet", "--all", "--message", "Train longer")


def kill_while_it_runs(stack: Stack, *place: str) -> None:
    """Kills `integrate` with SIGKILL while trials of its second batch run."""
    process = stack.start("integrate", *BUDGET, *place)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("c1.4"):
            break
    progress = stack.path / ".mainstem" / "progress.json"
    until(lambda: progress.exists() and "c1.5" in json.loads(progress.read_text())["running"])
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_a_killed_campaign_takes_up_what_ran_on(
    make_stack: Callable[..., Stack], on_slurm: Slurm, ray_nodes: Ray
) -> None:
    """After kill -9 no trial runs twice, none is lost, and the course is the undisturbed one."""
    calm, there, yonder = (make_stack(name) for name in ("calm", "there", "yonder"))
    yonder = replace(yonder, enter=ray_nodes.enter)
    places = {there: ("-x", "slurm"), yonder: ("-x", f"ray:{ray_nodes.address}")}
    for stack in (calm, there, yonder):
        train_longer(stack)
        stack.mainstem("propose", *ALL)
    expected = decided(calm)
    for stack, place in places.items():
        kill_while_it_runs(stack, *place)
    before = [len(rows(stack, FINISHED)) for stack in places]
    until(lambda: not any("RUNNING" in job for job in on_slurm.jobs()), "the end of what ran on")
    assert [len(rows(stack, FINISHED)) for stack in places] == before
    for stack, place in places.items():
        assert decided(stack, *place) == expected
        assert rows(stack, ASKED) == rows(calm, ASKED)
        assert rows(stack, FINISHED) == rows(calm, FINISHED)
        assert {run["host"]["attempt"] for run in runs(stack)} == {"1"}
    jobs = [run["host"]["job"] for run in runs(there)]
    assert len(set(jobs)) == len(jobs)
    everything = f"--name=mainstem-{(there.path / '.mainstem/cluster/store').read_text()}"
    said = on_slurm.said("squeue", "--noheader", "--array", "--states=all", everything)
    assert len(said.splitlines()) == len(jobs), "one job per trial, and no more"


@pytest.mark.parametrize("kind", ["slurm", "ray"])
def test_ctrl_c_leaves_nothing_on_the_cluster(
    stack: Stack, kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """It says so, exits with 0, and neither job nor actor nor trial is left."""
    if kind == "slurm":
        slurm: Slurm = request.getfixturevalue("on_slurm")
        place: tuple[str, ...] = ("-x", "slurm")
    else:
        ray: Ray = request.getfixturevalue("ray_nodes")
        stack, place = replace(stack, enter=ray.enter), ("-x", f"ray:{ray.address}")
    (stack.path / "train.sh").write_text(f"sleep 300 # {tmp_path}\n")
    stack.git("commit", "--quiet", "--all", "--message", "Train for ever")
    stack.mainstem("propose", "deeper")
    process = stack.start("integrate", *BUDGET, *place)
    progress = stack.path / ".mainstem" / "progress.json"
    until(lambda: progress.exists() and len(json.loads(progress.read_text())["running"]) == 4)
    os.kill(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "the same command goes on" in said
    if kind == "slurm":
        assert slurm.jobs() == []
        assert list((stack.path / ".mainstem/cluster/slurm").iterdir()) == []
    else:
        code = f"import ray; ray.init('{ray.address}', log_to_driver=False); "
        code += "print(ray.util.list_named_actors(all_namespaces=True))"
        store = (stack.path / ".mainstem/cluster/store").read_text()
        listed = subprocess.run(
            [*ray.enter, sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert store not in listed.stdout


def test_ray_works_through_a_client(stack: Stack, ray_nodes: Ray) -> None:
    """`ray://` needs no node of the cluster on this machine."""
    client = replace(stack, enter=ray_nodes.enter)
    seen = client.mainstem("check", "--runs", "1", "-x", ray_nodes.client, "--json").json
    assert seen["host"]["node"].startswith("127.0.0.")
    assert client.mainstem("log", "k1.1").out.startswith("step 1 loss 9.9")


def test_ray_works_without_a_cluster(stack: Stack, ray_nodes: Ray) -> None:
    """`-x ray` starts one of its own, with a secret, and leaves nothing of it."""
    own = replace(stack, enter=ray_nodes.enter)
    seen = own.mainstem("check", "--runs", "1", "-j", "2", "-x", "ray", "--json").json
    assert seen["objectives"]["weights"]["mean"] == 4000
    until(lambda: not list(marked("RAY_AUTH_MODE=token")), "the end of its own Ray")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("-x", "lokal"), "-x lokal: write local, slurm, ray"),
        (("-x", "ray:"), "-x ray:: write"),
        (("--slurm-option", "--partition=x"), "--slurm-option is for -x slurm"),
        (("-x", "slurm", "--slurm-option", "--array=1"), "Mainstem sets this one itself"),
        (("-x", "slurm", "--slurm-option", "-p x"), "write an option with two hyphens"),
        (("-x", "slurm"), "not found on PATH"),
        (("-x", "ray:127.0.0.1:9"), "no Ray cluster at 127.0.0.1:9"),
    ],
    ids=["word", "no address", "not for slurm", "own option", "short", "no slurm", "no ray"],
)
def test_a_place_that_means_nothing_is_one_line(
    stack: Stack, words: tuple[str, ...], part: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Exit code 2, and nothing is recorded."""
    if words[1].startswith("ray:1"):
        need(no_ray())
    if words == ("-x", "slurm"):
        (tmp_path / "bin").mkdir()
        for name in ("git", "sh"):
            found = subprocess.run(["which", name], capture_output=True, text=True, check=True)
            (tmp_path / "bin" / name).symlink_to(found.stdout.strip())
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    said = stack.mainstem("check", *words, code=2)
    (line,) = said.err.strip().splitlines()
    assert part in line
    assert not (stack.path / ".mainstem" / "logs").exists()


def test_what_slurm_cannot_give_is_said_at_once(stack: Stack, on_slurm: Slurm) -> None:
    """A rung that asks for an accelerator where there is none; options of the file count."""
    with (stack.path / "mainstem.toml").open("a") as file:
        file.write('[[rungs]]\nname = "big"\n[rungs.resources]\ngpus = 1\n')
    said = stack.mainstem("integrate", "--budget", "4", "-x", "slurm", code=2)
    assert "SLURM cannot run a trial that asks for" in said.err
    assert "--gres=gpu:1" in said.err
    (stack.path / "mainstem.toml").write_text(
        (stack.path / "mainstem.toml").read_text().replace("gpus = 1", "gpus = 0")
        + '[executors.slurm]\noptions = ["--partition=nowhere"]\n'
    )
    said = stack.mainstem("check", "-x", "slurm", code=2)
    assert "--partition=nowhere" in said.err
    assert on_slurm.jobs() == []
