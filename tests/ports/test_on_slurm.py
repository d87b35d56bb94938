"""The promises of every executor on a real SLURM of two nodes, and what a scheduler adds."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

import pytest
from tests.clusters.machine import need
from tests.clusters.slurm import lacking, running_slurm
from tests.ports.test_executors import ExecutorSuite

from mainstem.executors.on_slurm import Rhythm, SlurmExecutor
from mainstem.executors.parcel import Wish, shipped_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.clusters.slurm import Slurm
    from tests.ports.test_executors import Start

    from mainstem.engine.ports import Executor

WORKER = (sys.executable, "-I", "-m", "mainstem.wiring.worker")
QUICK = Rhythm(files_s=(0.02, 0.2), queue_s=(0.5, 1.0), settle_s=0.5)


@pytest.fixture(scope="session")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    """A cluster for all tests that break nothing of it."""
    need(lacking())
    with running_slurm(tmp_path_factory.mktemp("slurm")) as cluster:
        yield cluster


class TestSlurmExecutor(ExecutorSuite):
    """The promises of every executor."""

    many = 12

    @pytest.fixture
    def start(
        self,
        slurm: Slurm,
        packed: bytes,
        tmp_path_factory: pytest.TempPathFactory,
        monkeypatch: pytest.MonkeyPatch,
    ) -> Iterator[Start]:
        """Starts executors in state folders of their own."""
        monkeypatch.setenv("SLURM_CONF", slurm.conf)
        monkeypatch.setenv("MAINSTEM_SCRATCH", str(tmp_path_factory.mktemp("scratch")))
        with contextlib.ExitStack() as closing:

            def make(*, slots: int = 1, grace_s: float = 5.0) -> Executor:
                executor = SlurmExecutor(
                    slots=slots,
                    state=tmp_path_factory.mktemp("state"),
                    pack=lambda _tree: packed,
                    worker=WORKER,
                    environ=lambda job: shipped_environment(job, os.environ),
                    wish=Wish(confined=False),
                    grace_s=grace_s,
                    rhythm=QUICK,
                )
                closing.callback(executor.close)
                return executor

            yield make
