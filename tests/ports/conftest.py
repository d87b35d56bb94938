"""For executors that send trials somewhere: the suite's tree as a pack, campaigns to be killed."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from mainstem.gitrepo.git import Git
from mainstem.gitrepo.packs import pack_tree
from tests.clusters.fixtures import ray_nodes, slurm
from tests.ports.test_executors import TREE, write_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["ray_nodes", "slurm"]

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The pack of the suite's tree, as git makes it."""
    folder = tmp_path_factory.mktemp("packed")
    write_tree(TREE, folder)
    git = Git(folder)
    git.run("init", "--quiet")
    git.run("add", "--all")
    assert git.text("write-tree") == TREE
    return pack_tree(git, TREE)


@dataclass(frozen=True)
class Campaign:
    """A process with an executor; see `adrift.py`.

    Attributes:
        state: Its state folder.
        process: The process.
    """

    state: Path
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """Kills it at once, and waits until it has gone."""
        self.process.kill()
        self.process.communicate()


class Adrift(Protocol):
    """How a test asks for a campaign that it can kill."""

    def __call__(
        self,
        kind: str,
        scripts: Mapping[str, str],
        *,
        address: str = "",
        enter: tuple[str, ...] = (),
    ) -> Campaign:
        """Starts one, with a trial for each script, all at once."""
        ...


@pytest.fixture
def adrift(packed: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Adrift]:
    """Starts campaigns that are killed at the end if not before."""
    started: list[Campaign] = []

    def start(
        kind: str,
        scripts: Mapping[str, str],
        *,
        address: str = "",
        enter: tuple[str, ...] = (),
    ) -> Campaign:
        folder = tmp_path_factory.mktemp("adrift")
        (folder / "pack").write_bytes(packed)
        process = subprocess.Popen(
            [
                *enter,
                *(sys.executable, "-m", "tests.ports.adrift", kind, str(folder / "state")),
                *(str(folder / "pack"), TREE, address),
                *(json.dumps(each) for each in scripts.items()),
            ],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            text=True,
        )
        campaign = Campaign(folder / "state", process)
        started.append(campaign)
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        return campaign

    yield start
    for campaign in started:
        if campaign.process.poll() is None:
            campaign.kill()
