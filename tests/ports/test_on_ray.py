"""The promises of every executor on a real Ray of three nodes, and what a cluster adds."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mainstem.domain.errors import UsageError
from mainstem.domain.stack import Resources
from mainstem.domain.trial import Ending
from mainstem.executors.on_ray import _Door
from tests.clusters.machine import need, until
from tests.clusters.ray import CPUS, lacking
from tests.ports.adrift import WORKER, ray_executor
from tests.ports.test_executors import ExecutorSuite, collect, job, one, shell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mainstem.engine.ports import Executor
    from mainstem.executors.on_ray import RayExecutor
    from tests.clusters.ray import Ray
    from tests.ports.conftest import Adrift
    from tests.ports.test_executors import Start

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def _connected(ray_nodes: Ray) -> Iterator[None]:
    """Keeps this process connected: a connection takes longer than most tests."""
    with ray_nodes.inside():
        door = _Door(ray_nodes.address, "tests", WORKER, "tests")
    yield
    with ray_nodes.inside():
        door.close()


@pytest.fixture
def inside(ray_nodes: Ray, _connected: None) -> Iterator[Ray]:
    """The cluster, with this test in its network."""
    with ray_nodes.inside():
        yield ray_nodes


class Cluster:
    """Executors on a Ray, closed at the end of a test."""

    def __init__(self, ray: Ray, packed: bytes, factory: pytest.TempPathFactory) -> None:
        self.ray = ray
        self._packed = packed
        self._factory = factory
        self._closing = contextlib.ExitStack()

    def start(
        self, *, slots: int = 1, grace_s: float = 5.0, state: Path | None = None
    ) -> RayExecutor:
        """Starts an executor in a state folder, a new one if none is named."""
        folder = self._factory.mktemp("state") if state is None else state
        executor = ray_executor(
            folder, self._packed, self.ray.address, slots=slots, grace_s=grace_s
        )
        self._closing.callback(executor.close)
        return executor

    def close(self) -> None:
        """Closes them all."""
        self._closing.close()


@pytest.fixture
def cluster(
    inside: Ray, packed: bytes, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """Executors on the shared cluster."""
    made = Cluster(inside, packed, tmp_path_factory)
    yield made
    made.close()


@pytest.fixture
def more_nodes(cluster: Cluster) -> Iterator[Callable[..., str]]:
    """Adds nodes to the shared cluster that are killed at the end; gives each one's address."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    added: list[str] = []

    def add(*options: str) -> str:
        ip = f"127.0.{number + 1}.{len(added) + 1}"
        cluster.ray.start_node(ip, *options)
        added.append(ip)
        return ip

    yield add
    for ip in added:
        cluster.ray.kill_node(ip)


class TestRayExecutor(ExecutorSuite):
    """The promises of every executor."""

    many = 24

    @pytest.fixture
    def start(self, cluster: Cluster) -> Start:
        """Starts executors in state folders of their own."""

        def make(*, slots: int = 1, grace_s: float = 5.0) -> Executor:
            return cluster.start(slots=slots, grace_s=grace_s)

        return make


def slow(folder: Path, name: str) -> str:
    """A script that notes each start, and ends when it may go on."""
    return f"""
        echo $PPID >> {folder}/{name}.starts
        until [ -e {folder}/go ]; do sleep 0.05; done
        echo '{{"x": 1}}' > "$MAINSTEM_METRICS"; echo done
    """


def starts(folder: Path, name: str) -> int:
    """How often it was started."""
    file = folder / f"{name}.starts"
    return len(file.read_text().splitlines()) if file.exists() else 0


def actors(executor: RayExecutor) -> list[str]:
    """The names of its store's actors."""
    return [name for name, _ in executor._door.actors()]


def test_a_node_that_dies_costs_an_attempt(
    cluster: Cluster, more_nodes: Callable[..., str], tmp_path: Path
) -> None:
    """Its trial is run again on another node that can; the result comes once."""
    wishes = Resources(gpus=1)
    for _ in range(2):
        more_nodes("--num-gpus=1")
    executor = cluster.start()
    executor.submit(shell("t1", slow(tmp_path, "t1"), resources=wishes))
    until(lambda: starts(tmp_path, "t1") == 1)
    (node,) = (
        node.name
        for node in executor._door.nodes()
        if node.id == executor._served[0][0]._node  # type: ignore[attr-defined]  # a slot on Ray
    )
    cluster.ray.kill_node(node)
    until(lambda: starts(tmp_path, "t1") == 2)
    (tmp_path / "go").touch()
    run = collect(executor, 1)["t1"]
    assert (run.exit_code, run.metrics, run.host["attempt"]) == (0, '{"x": 1}\n', "2")
    assert run.host["node"] != node
    assert executor.wait(0.5) == []


def test_a_trial_whose_actors_die_is_reported(cluster: Cluster, tmp_path: Path) -> None:
    """Three times; the machines' failure is told in Ray's words, and the slot goes on."""
    executor = cluster.start()
    executor.submit(shell("t1", slow(tmp_path, "t1")))
    for attempt in range(1, 4):
        until(lambda attempt=attempt: starts(tmp_path, "t1") == attempt)  # type: ignore[misc]  # bound at once
        for _, actor in executor._door.actors():
            executor._door.kill(actor)
    run = collect(executor, 1)["t1"]
    assert run.ending is Ending.NOT_PREPARED
    assert "3 attempts on Ray came to nothing: on 127.0.0.1" in run.detail
    assert "actor" in run.detail
    assert one(executor, job("t2", "true")).exit_code == 0


def test_what_ran_on_under_a_killed_campaign_is_taken_over(
    cluster: Cluster, adrift: Adrift, tmp_path: Path
) -> None:
    """One still runs and one has ended: neither is run again; one that nobody wants is ended."""
    jobs = {name: slow(tmp_path, name) for name in ("on", "over", "unwanted")}
    jobs["over"] = f"echo started >> {tmp_path}/over.starts; echo over"
    campaign = adrift("ray", jobs, address=cluster.ray.address, enter=cluster.ray.enter)
    until(lambda: all(starts(tmp_path, name) == 1 for name in jobs))
    campaign.kill()
    executor = cluster.start(slots=2, state=campaign.state)
    for name in ("on", "over"):
        executor.submit(shell(name, jobs[name]))
    assert collect(executor, 1)["over"].stdout == "over\n"
    until(lambda: len(actors(executor)) == 1)
    (tmp_path / "go").touch()
    assert collect(executor, 1)["on"].metrics == '{"x": 1}\n'
    assert [starts(tmp_path, name) for name in jobs] == [1, 1, 1]
    assert (campaign.state / "logs" / "over" / "stdout").read_text() == "over\n"
    until(lambda: actors(executor) == [])


def test_a_job_that_asks_for_something_else_is_not_taken_over(
    cluster: Cluster, adrift: Adrift, tmp_path: Path
) -> None:
    """The same name alone is not enough."""
    scripts = {"t1": slow(tmp_path, "t1")}
    campaign = adrift("ray", scripts, address=cluster.ray.address, enter=cluster.ray.enter)
    until(lambda: starts(tmp_path, "t1") == 1)
    campaign.kill()
    executor = cluster.start(state=campaign.state)
    assert one(executor, shell("t1", "echo another")).stdout == "another\n"


def test_two_executors_on_one_store_leave_each_other_alone(
    cluster: Cluster, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """`check` beside `integrate`: closing one ends none of the other's actors."""
    state = tmp_path_factory.mktemp("state")
    first, second = cluster.start(state=state), cluster.start(state=state)
    first.submit(shell("c1.1", slow(tmp_path, "c1.1")))
    until(lambda: starts(tmp_path, "c1.1") == 1)
    assert one(second, job("k1.1", "true")).exit_code == 0
    second.close()
    (tmp_path / "go").touch()
    assert collect(first, 1)["c1.1"].exit_code == 0
    assert starts(tmp_path, "c1.1") == 1


def test_a_closed_executor_leaves_no_actor(cluster: Cluster, tmp_path: Path) -> None:
    """Detached actors live on by themselves: closing must end them."""
    executor = cluster.start(slots=2)
    for name in ("t1", "t2"):
        executor.submit(shell(name, slow(tmp_path, name)))
    until(lambda: starts(tmp_path, "t1") + starts(tmp_path, "t2") == 2)
    assert len(actors(executor)) == 2
    executor.close()
    until(lambda: actors(executor) == [])


def test_more_slots_than_room_starve_nobody(cluster: Cluster) -> None:
    """A slot whose work is done does not keep from the others what they wait for."""
    executor = cluster.start(slots=5)
    wishes = Resources(cpus=CPUS)  # there is room for three
    for number in range(5):
        executor.submit(job(f"t{number}", "sleep", "0.5", resources=wishes))
    assert {run.exit_code for run in collect(executor, 5).values()} == {0}


@pytest.mark.parametrize(
    "wishes",
    [Resources(gpus=99), Resources(cpus=400), Resources(memory_bytes=2**50)],
    ids=["gpus", "cpus", "memory"],
)
def test_what_the_cluster_cannot_give_is_said_before_anything_runs(
    cluster: Cluster, wishes: Resources
) -> None:
    """One line with what there is, that says what to change."""
    executor = cluster.start()
    with pytest.raises(UsageError, match="no node of the Ray cluster can run") as caught:
        executor.require(job("t1", "true", resources=wishes))
    assert "127.0.0.11: gpus 0, cpus 4" in str(caught.value)
    assert "[rungs.resources]" in str(caught.value)
    executor.require(job("t1", "true", resources=Resources(cpus=2, memory_bytes=10**9)))


def test_both_halves_of_a_pair_run_on_nodes_of_one_sort(cluster: Cluster, tmp_path: Path) -> None:
    """The two nodes with the same label; other trials use the third as well."""
    executor = cluster.start(slots=3)
    together = f"echo > {tmp_path}/$MAINSTEM_TRIAL; until [ $(ls {tmp_path} | wc -l) = 3 ]; "
    together += "do sleep 0.05; done"
    for number in range(3):
        executor.submit(shell(f"t{number}", together, resources=Resources(cpus=CPUS)))
    free = collect(executor, 3).values()
    for number in range(6):
        wishes = Resources(cpus=CPUS)
        executor.submit(job(f"p{number}", "sleep", "0.3", pair=f"s{number % 3}", resources=wishes))
    halves = collect(executor, 6).values()
    assert {run.host["node"] for run in halves} <= {"127.0.0.11", "127.0.0.12"}
    assert {run.host["node"] for run in free} == {"127.0.0.11", "127.0.0.12", "127.0.0.13"}
    assert {run.host["kind"] for run in halves} == {next(iter(free)).host["kind"]}


def test_a_cluster_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    """Whose fault, which address, what next."""
    need(lacking())
    code = "from tests.ports.adrift import main; main('ray', *__import__('sys').argv[1:])"
    (tmp_path / "pack").touch()
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), str(tmp_path / "pack"), "0", "127.0.0.1:9"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "UsageError: -x ray: no Ray cluster at 127.0.0.1:9: " in done.stderr.splitlines()[-1]
