"""The promises of every executor on a real SLURM of two nodes, and what a scheduler adds."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from mainstem.domain.errors import UsageError
from mainstem.domain.stack import Resources
from mainstem.domain.trial import Ending
from tests.clusters.machine import need, until
from tests.clusters.slurm import lacking, running_slurm
from tests.ports.adrift import slurm_executor
from tests.ports.test_executors import ExecutorSuite, collect, job, one, shell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mainstem.engine.ports import Executor
    from mainstem.executors.on_slurm import SlurmExecutor
    from tests.clusters.slurm import Slurm
    from tests.ports.conftest import Adrift
    from tests.ports.test_executors import Start


class Cluster:
    """Executors on a SLURM, closed at the end of a test."""

    def __init__(self, slurm: Slurm, packed: bytes, factory: pytest.TempPathFactory) -> None:
        self.slurm = slurm
        self._packed = packed
        self._factory = factory
        self._closing = contextlib.ExitStack()

    def start(
        self,
        *,
        slots: int = 1,
        grace_s: float = 5.0,
        state: Path | None = None,
        options: tuple[str, ...] = (),
    ) -> SlurmExecutor:
        """Starts an executor in a state folder, a new one if none is named."""
        folder = self._factory.mktemp("state") if state is None else state
        executor = slurm_executor(
            folder, self._packed, slots=slots, grace_s=grace_s, options=options
        )
        self._closing.callback(executor.close)
        return executor

    def close(self) -> None:
        """Closes them all."""
        self._closing.close()


def enter(monkeypatch: pytest.MonkeyPatch, slurm: Slurm, scratch: Path) -> None:
    """This process is one of a machine from which jobs can be submitted."""
    monkeypatch.setenv("SLURM_CONF", slurm.conf)
    monkeypatch.setenv("MAINSTEM_SCRATCH", str(scratch))


@pytest.fixture
def cluster(
    slurm: Slurm,
    packed: bytes,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Cluster]:
    """Executors on the shared cluster."""
    enter(monkeypatch, slurm, tmp_path_factory.mktemp("scratch"))
    made = Cluster(slurm, packed, tmp_path_factory)
    yield made
    made.close()
    until(lambda: slurm.jobs() == [], "that a closed executor leaves no job")


@pytest.fixture
def own_cluster(
    packed: bytes, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cluster]:
    """Executors on a cluster that the test may break; its nodes are of two sorts."""
    need(lacking())
    with running_slurm(tmp_path_factory.mktemp("slurm"), ("old", "new")) as slurm:
        enter(monkeypatch, slurm, tmp_path_factory.mktemp("scratch"))
        made = Cluster(slurm, packed, tmp_path_factory)
        yield made
        made.close()


class TestSlurmExecutor(ExecutorSuite):
    """The promises of every executor."""

    many = 12

    @pytest.fixture
    def start(self, cluster: Cluster) -> Start:
        """Starts executors in state folders of their own."""

        def make(*, slots: int = 1, grace_s: float = 5.0) -> Executor:
            return cluster.start(slots=slots, grace_s=grace_s)

        return make


def slow(folder: Path, name: str, *, attempts: int = 1) -> str:
    """A script that notes each start, and ends well at its `attempts`-th or when it may go on.

    Told to end before, it ends well at once with a wrong value, as a training script may that
    saves what it has.
    """
    starts = f"{folder}/{name}.starts"
    return f"""
        trap 'echo "{{\\"x\\": -1}}" > "$MAINSTEM_METRICS"; exit 0' TERM
        echo started >> {starts}
        until [ -e {folder}/go ] || [ $(wc -l < {starts}) -gt {attempts} ]; do sleep 0.05; done
        echo '{{"x": 1}}' > "$MAINSTEM_METRICS"; echo done
    """


def starts(folder: Path, name: str) -> int:
    """How often it was started."""
    file = folder / f"{name}.starts"
    return len(file.read_text().splitlines()) if file.exists() else 0


def test_a_job_that_is_started_again_counts_once(cluster: Cluster, tmp_path: Path) -> None:
    """A requeued job begins anew; what it left when it was told to end is nobody's result."""
    executor = cluster.start()
    executor.submit(shell("t1", slow(tmp_path, "t1")))
    until(lambda: starts(tmp_path, "t1") == 1)
    (line,) = cluster.slurm.jobs()
    cluster.slurm.said("scontrol", "requeue", line.split()[0])
    until(lambda: starts(tmp_path, "t1") == 2)
    run = collect(executor, 1)["t1"]
    assert (run.exit_code, run.metrics, run.host["attempt"]) == (0, '{"x": 1}\n', "1")
    assert executor.wait(1.0) == []
    assert starts(tmp_path, "t1") == 2


def test_a_cancelled_job_is_run_again_and_then_reported(cluster: Cluster, tmp_path: Path) -> None:
    """Three times, whoever cancels it; the machines' failure is told in the scheduler's words."""
    executor = cluster.start()
    executor.submit(shell("t1", slow(tmp_path, "t1", attempts=9)))
    for attempt in range(1, 4):
        until(lambda attempt=attempt: starts(tmp_path, "t1") == attempt)  # type: ignore[misc]  # bound at once
        (line,) = [line for line in cluster.slurm.jobs() if " RUNNING" in line]
        cluster.slurm.said("scancel", line.split()[0])
    run = collect(executor, 1)["t1"]
    assert run.ending is Ending.NOT_PREPARED
    assert "3 attempts on SLURM came to nothing" in run.detail
    assert "CANCELLED" in run.detail
    assert run.metrics == ""
    assert one(executor, job("t2", "true")).exit_code == 0


def test_a_node_that_dies_costs_an_attempt(own_cluster: Cluster, tmp_path: Path) -> None:
    """The scheduler starts the job again, on a node that is left; its result comes once."""
    executor = own_cluster.start()
    executor.submit(shell("t1", slow(tmp_path, "t1")))
    until(lambda: starts(tmp_path, "t1") == 1)
    until(lambda: len(own_cluster.slurm.jobs()) == 1)
    node = own_cluster.slurm.jobs()[0].split()[-1]
    own_cluster.slurm.kill_node(node)
    run = collect(executor, 1)["t1"]
    assert (run.exit_code, run.metrics) == (0, '{"x": 1}\n')
    assert run.host["node"] == ({"n1", "n2"} - {node}).pop()
    assert starts(tmp_path, "t1") == 2
    assert executor.wait(0.5) == []


def test_one_array_holds_a_batch_and_runs_so_many_at_once(
    cluster: Cluster, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Four jobs are one submission, of which the scheduler runs two at a time."""
    state = tmp_path_factory.mktemp("state")
    executor = cluster.start(slots=2, state=state)
    for number in range(4):
        executor.submit(shell(f"t{number}", slow(tmp_path, f"t{number}")))
    until(lambda: sum(starts(tmp_path, f"t{number}") for number in range(4)) == 2)
    assert len({line.partition("_")[0] for line in cluster.slurm.jobs()}) == 1
    (batch,) = [path.parent for path in (state / "cluster" / "slurm").glob("*/*/job")]
    assert len(list(batch.glob("*.json"))) == 4
    assert len(executor.running()) == 2
    (tmp_path / "go").touch()
    assert {run.exit_code for run in collect(executor, 4).values()} == {0}


def test_what_ran_on_under_a_killed_campaign_is_taken_over(
    cluster: Cluster, adrift: Adrift, tmp_path: Path
) -> None:
    """One still runs and one has ended: neither is run again; one that nobody wants is ended."""
    jobs = {name: slow(tmp_path, name) for name in ("on", "over", "unwanted")}
    jobs["over"] = f"echo started >> {tmp_path}/over.starts; echo over"
    campaign = adrift("slurm", jobs)
    until(lambda: all(starts(tmp_path, name) == 1 for name in jobs))
    campaign.kill()
    executor = cluster.start(slots=3, state=campaign.state)
    for name in ("on", "over"):
        executor.submit(shell(name, jobs[name]))
    assert collect(executor, 1)["over"].stdout == "over\n"
    until(lambda: len(cluster.slurm.jobs()) == 1)
    assert executor.running() == ["on"]
    (tmp_path / "go").touch()
    assert collect(executor, 1)["on"].metrics == '{"x": 1}\n'
    assert [starts(tmp_path, name) for name in jobs] == [1, 1, 1]
    assert (campaign.state / "logs" / "over" / "stdout").read_text() == "over\n"


def test_a_job_that_asks_for_something_else_is_not_taken_over(
    cluster: Cluster, adrift: Adrift, tmp_path: Path
) -> None:
    """The same name alone is not enough."""
    campaign = adrift("slurm", {"t1": slow(tmp_path, "t1")})
    until(lambda: starts(tmp_path, "t1") == 1)
    campaign.kill()
    executor = cluster.start(state=campaign.state)
    assert one(executor, shell("t1", "echo another")).stdout == "another\n"


def test_two_executors_on_one_store_leave_each_other_alone(
    cluster: Cluster, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """`check` beside `integrate`: closing one ends none of the other's jobs."""
    state = tmp_path_factory.mktemp("state")
    first, second = cluster.start(state=state), cluster.start(state=state)
    first.submit(shell("c1.1", slow(tmp_path, "c1.1")))
    until(lambda: starts(tmp_path, "c1.1") == 1)
    assert one(second, job("k1.1", "true")).exit_code == 0
    second.close()
    (tmp_path / "go").touch()
    assert collect(first, 1)["c1.1"].exit_code == 0
    assert starts(tmp_path, "c1.1") == 1


@pytest.mark.parametrize(
    ("wishes", "options", "part"),
    [
        (Resources(gpus=2), (), "--gres=gpu:2 .*Invalid generic resource"),
        (Resources(cpus=400), (), "not available"),
        (Resources(memory_bytes=2**50), (), "not available"),
        (Resources(), ("--partition=nowhere",), "partition"),
    ],
    ids=["gpus", "cpus", "memory", "partition"],
)
def test_what_the_cluster_cannot_give_is_said_before_anything_runs(
    cluster: Cluster, wishes: Resources, options: tuple[str, ...], part: str
) -> None:
    """One line in the scheduler's words, that says what to change."""
    executor = cluster.start(options=options)
    with pytest.raises(UsageError, match=part) as caught:
        executor.require(job("t1", "true", resources=wishes))
    assert "[rungs.resources]" in str(caught.value)
    cluster.start().require(job("t1", "true", resources=Resources(cpus=2, memory_bytes=10**9)))


def test_a_job_that_would_wait_for_ever_is_given_up(cluster: Cluster) -> None:
    """A time beyond what the partition allows: the reason of the queue is the detail."""
    executor = cluster.start(options=("--partition=short",))
    run = one(executor, job("t1", "true", timeout_s=3600.0))
    assert run.ending is Ending.NOT_PREPARED
    assert "PartitionTimeLimit" in run.detail


def test_the_time_that_a_rung_asks_for_bounds_the_trial(cluster: Cluster) -> None:
    """It ends as a timeout of ours, with its output, before the scheduler would kill it."""
    wishes = Resources(time_s=5.0)
    run = one(cluster.start(), shell("t1", "echo said; sleep 300", resources=wishes))
    assert (run.ending, run.stdout) == (Ending.TIMEOUT, "said\n")


def test_both_halves_of_a_pair_run_on_nodes_of_one_sort(own_cluster: Cluster) -> None:
    """Other trials use every node; halves wait for each other rather than go to another sort."""
    executor = own_cluster.start(slots=8)
    most = Resources(cpus=3)  # two of these do not fit on a node of four
    for number in range(2):
        executor.submit(job(f"t{number}", "sleep", "1", resources=most))
    free = collect(executor, 2).values()
    assert {run.host["node"] for run in free} == {"n1", "n2"}
    for number in range(4):
        executor.submit(job(f"p{number}", "sleep", "0.5", pair=f"c1.s{number % 2}", resources=most))
    halves = collect(executor, 4).values()
    assert len({run.host["node"] for run in halves}) == 1
    assert {run.host["kind"] for run in halves} == {next(iter(free)).host["kind"]}


def test_secrets_that_travel_are_for_their_owner_only(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variables that the stack names are in the order; nobody else can read it."""
    monkeypatch.setenv("API_TOKEN", "hunter2")
    state = tmp_path_factory.mktemp("state")
    executor = cluster.start(state=state)
    run = one(executor, shell("t1", "echo $API_TOKEN", passed_env=("API_TOKEN",)))
    assert run.stdout == "hunter2\n"
    holders = [
        path
        for path in (state / "cluster").rglob("*")
        if path.is_file() and b"hunter2" in path.read_bytes()
    ]
    assert holders
    assert {path.stat().st_mode & 0o077 for path in holders} <= {0}
    folders = [path for path in (state / "cluster").rglob("*") if path.is_dir()]
    assert {path.stat().st_mode & 0o077 for path in folders} == {0}


def wrapped(folder: Path, name: str, script: str) -> str:
    """A PATH on which a command of SLURM's is this script; `$REAL` in it is the real one."""
    folder.mkdir(exist_ok=True)
    real = shutil.which(name)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n".replace("$REAL", str(real)))
    (folder / name).chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_a_submission_that_says_no_and_is_taken_all_the_same_runs_nothing_twice(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy controller can time out on a job that it has taken: its tasks find nothing to do."""
    script = f"""
        case "$*" in *--test-only*) exec $REAL "$@";; esac
        if [ -e {tmp_path}/again ]; then exec $REAL "$@"; fi
        touch {tmp_path}/again; $REAL "$@" > {tmp_path}/taken
        echo "sbatch: error: Batch job submission failed: Socket timed out" >&2; exit 1
    """
    path = wrapped(tmp_path / "bin", "sbatch", script)
    executor = cluster.start()
    with monkeypatch.context() as patch:
        patch.setenv("PATH", path)
        run = one(executor, shell("t1", f"echo started >> {tmp_path}/t1.starts"))
    assert (run.exit_code, run.host["attempt"]) == (0, "1")
    taken = (tmp_path / "taken").read_text().strip()
    ended = ("squeue", "--noheader", "--states=all", f"--jobs={taken}", "--format=%T")
    until(lambda: cluster.slurm.said(*ended) in {"COMPLETED", "FAILED"})
    assert starts(tmp_path, "t1") == 1


def test_a_queue_that_does_not_answer_for_a_while_loses_nothing(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A controller is restarted under a campaign: results come as files, and jobs are not lost."""
    script = f"echo asked >> {tmp_path}/asked; echo 'squeue: error: gone' >&2; exit 1"
    path = wrapped(tmp_path / "bin", "squeue", script)
    executor = cluster.start()
    executor.submit(shell("t1", slow(tmp_path, "t1")))
    until(lambda: starts(tmp_path, "t1") == 1)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", path)
        until((tmp_path / "asked").exists)
        until(lambda: len((tmp_path / "asked").read_text().splitlines()) >= 3)
        (tmp_path / "go").touch()
        assert collect(executor, 1)["t1"].host["attempt"] == "1"
    assert starts(tmp_path, "t1") == 1
