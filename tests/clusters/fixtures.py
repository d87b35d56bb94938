"""Clusters for all tests that break nothing of them; a test folder's conftest takes them over."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.clusters import ray, slurm as slurms
from tests.clusters.machine import need

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[slurms.Slurm]:
    """A SLURM of two nodes, one for each test process: it is up in no time."""
    need(slurms.lacking())
    with slurms.running_slurm(tmp_path_factory.mktemp("slurm")) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def ray_nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ray.Ray]:
    """A Ray of three nodes, which all test processes share."""
    need(ray.lacking())
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with ray.shared_ray(shared / "ray") as cluster:
        yield cluster
