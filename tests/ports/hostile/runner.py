"""Runs every hostile trial as the present user at one level, and prints what came of each as JSON.

    python runner.py LEVEL FOLDER       FOLDER is empty, and this user's

Standard library and `mainstem.executors` only: another user may have no more than that.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from attacks import ATTACKS, DISK_BYTES, MEMORY_BYTES, TASKS, Attack

from mainstem.domain.proposal import TreeId
from mainstem.domain.stack import Resources
from mainstem.domain.trial import Job, Run, TrialId
from mainstem.executors.ladder import standing_at
from mainstem.executors.limits import Limits
from mainstem.executors.local import LocalExecutor
from mainstem.executors.plan import Level
from mainstem.executors.profile import Profile

SECRET = "TOP-SECRET\n"  # noqa: S105  # nobody's


class World:
    """What is there to be attacked, all in one folder.

    Attributes:
        names: What the scripts' `{NAME}` stand for.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home, self.project, self.outside = (
            folder / name for name in ("home", "project", "outside")
        )
        self.state = self.project / ".mainstem"
        for place in (self.home, self.state, self.outside, self.project / "data" / "heldout"):
            place.mkdir(parents=True)
        (self.state / "trees").mkdir()
        for place in (
            self.home / "secret",
            self.state / "ledger.sqlite",
            self.state / "trees" / "cached",
            self.project / "data" / "heldout" / "answers",
        ):
            place.write_text(SECRET)
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.udp.setblocking(False)
        self.unix = [self._listener(str(folder / "s")), self._listener(f"\0mainstem-{os.getpid()}")]
        self.victim = subprocess.Popen(["sleep", "600"])
        self.names = {
            "home": self.home,
            "state": self.state,
            "project": self.project,
            "outside": self.outside,
            "system": "/etc",
            "runner": os.getpid(),
            "victim": self.victim.pid,
            "tcp": self.tcp.getsockname()[1],
            "udp": self.udp.getsockname()[1],
            "socket": folder / "s",
            "disk": _disk(),
        }

    def make_neighbour(self) -> None:
        """Another trial that is under way; after the executor has swept."""
        other = self.state / "work" / "other"
        (other / "tree").mkdir(parents=True)
        (other / "tree" / "answer").write_text(SECRET)
        (other / "metrics.jsonl").write_text('{"loss": 1}\n')

    def got_udp(self) -> bool:
        """Whether a datagram has arrived."""
        with contextlib.suppress(BlockingIOError):
            return bool(self.udp.recv(16))
        return False

    @staticmethod
    def _listener(address: str) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(address)
        listener.listen()
        return listener

    def close(self) -> None:
        """Ends what was started."""
        self.victim.kill()
        self.victim.wait()
        for listener in (self.tcp, self.udp, *self.unix):
            listener.close()


def _disk() -> str:
    """The name of a block device; one that is not there, on a machine without."""
    lines = Path("/proc/partitions").read_text().split("\n")[2:]
    return next((line.split()[3] for line in lines if line), "no-disk")


def job(name: str, attack: Attack, world: World) -> Job:
    """The trial of an attack."""
    script = attack.script.format(**world.names)
    argv = (sys.executable, "-I", "-S", "-c", script) if attack.python else ("sh", "-c", script)
    fields: dict[str, Any] = {"timeout_s": 60.0, **attack.more}
    return Job(
        trial=TrialId(name),
        tree=TreeId("ab" * 20),
        argv=argv,
        seed=0,
        rung="small",
        private=("data/heldout/**",),
        resources=Resources(memory_bytes=MEMORY_BYTES),
        **fields,
    )


def materialise(_tree: TreeId, into: Path) -> None:
    """A tree with a private file."""
    (into / "data" / "heldout").mkdir(parents=True)
    (into / "data" / "heldout" / "answers").write_text(SECRET)


def traces(world: World, name: str, run: Run) -> list[str]:
    """What an attack did that can be seen from outside; empty if it was stopped."""
    found = ["it says so"] if "LEAKED" in run.stdout else []
    found += ["a secret was printed"] if SECRET.strip() in run.stdout + run.stderr_tail else []
    if name == "sends by UDP":
        time.sleep(0.05)
        return ["a datagram arrived"] if world.got_udp() else []
    if world.victim.poll() is not None:
        found.append("another process was killed")
        world.victim = subprocess.Popen(["sleep", "600"])
        world.names["victim"] = world.victim.pid
    if "watches over" in run.detail:
        found.append("its keeper was killed")
    if list(world.outside.iterdir()):
        found.append("something lies outside")
        subprocess.run(["rm", "-rf", *map(str, world.outside.iterdir())], check=True)
    if (world.state / "ledger.sqlite").read_text() != SECRET:
        found.append("the ledger was written")
        (world.state / "ledger.sqlite").write_text(SECRET)
    if "loss" not in (metrics := world.state / "work" / "other" / "metrics.jsonl").read_text():
        found.append("another's metrics were written")
    if "forged" in metrics.read_text():
        found.append("another's metrics were written")
        metrics.write_text('{"loss": 1}\n')
    if run.metrics:
        found.append("metrics came from nowhere")
    if _named(f"hostile-daemon-{os.getpid()}"):
        found.append("a process is left")
    return found


def _named(words: str) -> bool:
    """Whether a living process has these words."""
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if words.encode() in process.read_bytes():
                return True
    return False


def run_all(level: Level, world: World) -> dict[str, dict[str, Any]]:
    """Every attack, one after another."""
    profile = Profile(
        state=world.state,
        closed=[world.project],
        standing=standing_at(level),
        limits=Limits(disk_bytes=DISK_BYTES, tasks=TASKS),
    )
    executor = LocalExecutor(
        slots=1, workspace=world.state, materialise=materialise, confine=profile, grace_s=0.2
    )
    world.make_neighbour()
    out: dict[str, dict[str, Any]] = {}
    with contextlib.closing(executor):
        for number, (name, attack) in enumerate(ATTACKS.items()):
            start_s = time.monotonic()
            executor.submit(job(f"t{number}", attack, world))
            (run,) = executor.wait()
            out[name] = {
                "aspect": attack.aspect,
                "named": attack.named,
                "ending": run.ending,
                "exit_code": run.exit_code,
                "signal": run.signal,
                "detail": run.detail,
                "stderr": run.stderr_tail,
                "confinement": dict(run.confinement),
                "traces": traces(world, name, run),
                "log_bytes": (world.state / run.log_dir / "stdout").stat().st_size,
                "seconds": round(time.monotonic() - start_s, 2),
            }
    assert [folder.name for folder in (world.state / "work").iterdir()] == ["other"]
    return out


if __name__ == "__main__":
    world = World(Path(sys.argv[2]).resolve())
    os.environ["HOME"] = str(world.home)
    try:
        sys.stdout.write(json.dumps(run_all(Level(sys.argv[1]), world)))
    finally:
        world.close()
