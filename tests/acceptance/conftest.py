"""A stack that is not the example: a shell script that prints metrics, and branches of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.forked import Forks
from tests.clusters.fixtures import ray_nodes, slurm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["ray_nodes", "slurm"]

TRAIN = r"""#!/bin/sh
# Trains a model, in spirit: the loss follows from the settings, the noise from the seed.
set -eu
lr=$(cat settings/lr) depth=$(cat settings/depth)
clip=$(cat settings/clip) warmup=$(cat settings/warmup)
if [ "$clip" = on ] && [ "$warmup" = long ]; then echo "clip needs a short warmup" >&2; exit 7; fi
awk -v seed="$1" -v lr="$lr" -v depth="$depth" -v clip="$clip" -v warmup="$warmup" 'BEGIN {
  srand(seed); noise = -6; for (i = 0; i < 12; i++) noise += rand()
  loss = 3.0
  if (lr == "high") loss -= 0.20
  if (clip == "on") loss -= 0.15
  if (warmup == "long") loss -= 0.02
  if (depth > 4) loss -= 0.25
  if (lr == "low") loss += 0.30
  printf "step 1 loss 9.9\nfinal_loss: %.6f\nweights: %d\n", loss + 0.01 * noise, 1000 * depth
}'
"""

STACK = r"""
[stack]
name = "shelly"
trunk = "main"
command = "sh train.sh {seed}"
timeout = "30s"

[metrics]
source = "stdout"
[metrics.patterns]
loss = '^final_loss:\s+(\S+)'
weights = '^weights:\s+(\S+)'

[components]
optimizer = ["settings/lr", "settings/clip"]
schedule = ["settings/warmup"]
architecture = ["settings/depth"]

[[objectives]]
name = "loss"
direction = "minimize"
margin = 0.03
unit = "nats"

[[objectives]]
name = "weights"
role = "guard"
margin = "10%"
"""

BRANCHES: Mapping[str, Mapping[str, str]] = {
    "lr-high": {"settings/lr": "high\n"},
    "lr-low": {"settings/lr": "low\n"},
    "clip": {"settings/clip": "on\n"},
    "warmup-long": {"settings/warmup": "long\n"},
    "deeper": {"settings/depth": "6\n"},
}


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its standard output as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Stack:
    """A repository with a stack, and the command to run in it.

    Attributes:
        path: The repository.
        enter: Words before the command, which bring it to where a cluster is.
        forks: What runs the command without starting Python anew; None: nothing does.
    """

    path: Path
    enter: tuple[str, ...] = ()
    forks: Forks | None = None

    def mainstem(
        self, *words: str, code: int = 0, most_blocks: int | None = None, fresh: bool = False
    ) -> Ended:
        """Runs `mainstem` as a user would; fails the test on another exit code.

        Args:
            words: Command and options.
            code: The exit code that is right.
            most_blocks: No file may grow beyond so many blocks of 512 bytes; None for no limit.
            fresh: Whether Python is started anew, with a hash seed of its own.
        """
        if self.forks is not None and not (fresh or self.enter or most_blocks):
            ended = Ended(*self.forks.run(words, cwd=self.path))
        else:
            ended = self._started(words, most_blocks)
        assert ended.code == code, f"{words}: {ended.code}\n{ended.out}\n{ended.err}"
        return ended

    def _started(self, words: Sequence[str], most_blocks: int | None) -> Ended:
        """Runs it in a Python that is started for it."""
        limited = ["sh", "-c", f'ulimit -f {most_blocks}; exec "$@"', "sh"] if most_blocks else []
        done = subprocess.run(
            [*limited, *self.enter, *MAINSTEM, *words],
            cwd=self.path,
            capture_output=True,
            text=True,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Starts `mainstem` and returns at once."""
        return subprocess.Popen(
            [*self.enter, *MAINSTEM, *words],
            cwd=self.path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def git(self, *words: str) -> str:
        """Runs git and returns what it said."""
        done = subprocess.run(
            ["git", *words], cwd=self.path, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()


MAINSTEM = [sys.executable, "-c", "from mainstem.cli.main import main; main()"]


@pytest.fixture(scope="session")
def forks(pytestconfig: pytest.Config) -> Iterator[Forks]:
    """What runs the command without starting Python anew."""
    found = Forks(pytestconfig.rootpath)
    yield found
    found.close()


@pytest.fixture
def make_stack(tmp_path: Path, forks: Forks) -> Callable[..., Stack]:
    """Builds the shell stack's repository: trunk, mainstem.toml, five branches."""

    def build(name: str = "stack", *, toml: str | None = STACK, train: str = TRAIN) -> Stack:
        path = tmp_path / name
        (path / "settings").mkdir(parents=True)
        stack = Stack(path, forks=forks)
        stack.git("init", "--quiet", "--initial-branch", "main")
        files = {"lr": "normal\n", "depth": "4\n", "clip": "off\n", "warmup": "short\n"}
        for file, text in files.items():
            (path / "settings" / file).write_text(text)
        (path / "train.sh").write_text(train)
        if toml is not None:
            (path / "mainstem.toml").write_text(toml)
        stack.git("add", ".")
        stack.git("commit", "--quiet", "--message", "The stack")
        for branch, changes in BRANCHES.items():
            stack.git("checkout", "--quiet", "-b", branch, "main")
            for file, text in changes.items():
                (path / file).write_text(text)
            stack.git("commit", "--quiet", "--all", "--message", f"Try {branch}")
        stack.git("checkout", "--quiet", "main")
        return stack

    return build


@pytest.fixture
def stack(make_stack: Callable[..., Stack]) -> Stack:
    """One shell stack."""
    return make_stack()


@pytest.fixture(autouse=True)
def _quiet_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command runs without a terminal, and finds `python` and `sh` as a user's shell does."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
