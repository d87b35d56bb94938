"""The promises of every executor on a real Ray of three nodes, and what a cluster adds."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import pytest

from mainstem.executors.on_ray import RayExecutor, _Door
from mainstem.executors.parcel import Wish, shipped_environment
from tests.clusters.machine import need
from tests.clusters.ray import lacking, shared_ray
from tests.ports.test_executors import ExecutorSuite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mainstem.engine.ports import Executor
    from tests.clusters.ray import Ray
    from tests.ports.test_executors import Start

WORKER = "mainstem.wiring.worker"


@pytest.fixture(scope="session")
def ray_nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ray]:
    """A cluster for all tests that break nothing of it; other test processes share it."""
    need(lacking())
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with shared_ray(shared / "ray") as cluster:
        yield cluster


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


class TestRayExecutor(ExecutorSuite):
    """The promises of every executor."""

    many = 24

    @pytest.fixture
    def start(
        self,
        inside: Ray,
        packed: bytes,
        tmp_path_factory: pytest.TempPathFactory,
    ) -> Iterator[Start]:
        """Starts executors in state folders of their own."""
        with contextlib.ExitStack() as closing:

            def make(*, slots: int = 1, grace_s: float = 5.0) -> Executor:
                executor = RayExecutor(
                    slots=slots,
                    state=tmp_path_factory.mktemp("state"),
                    pack=lambda _tree: packed,
                    worker=WORKER,
                    environ=lambda job: shipped_environment(job, os.environ),
                    wish=Wish(confined=False),
                    address=inside.address,
                    grace_s=grace_s,
                )
                closing.callback(executor.close)
                return executor

            yield make
