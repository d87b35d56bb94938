"""A real Ray of three nodes on this machine, in a network of its own that has nothing but loopback.

Ray listens on every interface and asks nobody for a password. In a network namespace that does not
matter, and several test runs do not meet. Only threads that are inside see the cluster, so a test
enters, and leaves at its end.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import importlib.util
import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.clusters.machine import kill_marked, missing, system_program, until

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = "127.0.0.11"
ZONES = {HEAD: "a", "127.0.0.12": "a", "127.0.0.13": "b"}
"""The nodes that `start_ray` starts, and the label of each."""
NODES = tuple(ip for ip in ZONES if ip != HEAD)
"""Those that a cluster can do without for a while."""
PORT = 6379
CLIENT_PORT = 10001
CPUS = 4
_NEW_NETWORK = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)


def lacking() -> str | None:
    """Why such a cluster cannot run here; None if it can."""
    if importlib.util.find_spec("ray") is None:
        return "Ray is not installed: pip install 'mainstem[ray]'"
    if os.geteuid() != 0:
        return "a Ray cluster in a network of its own needs root"
    return missing(("unshare", "nsenter", "ip"))


@dataclass(frozen=True)
class Ray:
    """A running cluster.

    Attributes:
        folder: All that it writes; short, as sockets lie in it.
        holder: The process whose network it is.
    """

    folder: str
    holder: int

    @property
    def address(self) -> str:
        """What `ray.init` takes inside."""
        return f"{HEAD}:{PORT}"

    @property
    def client(self) -> str:
        """The same through the client server."""
        return f"ray://{HEAD}:{CLIENT_PORT}"

    @property
    def enter(self) -> tuple[str, ...]:
        """The beginning of a command that runs inside."""
        return ("nsenter", f"--net=/proc/{self.holder}/ns/net", "--")

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """This thread, and threads that it starts, are in the cluster's network."""
        with (
            open("/proc/thread-self/ns/net", "rb") as home,  # noqa: PTH123  # its number is wanted
            open(f"/proc/{self.holder}/ns/net", "rb") as there,  # noqa: PTH123  # the same
        ):
            _set_network(there.fileno())
            try:
                yield
            finally:
                _set_network(home.fileno())

    def start_node(self, ip: str, *options: str, cpus: int = CPUS) -> None:
        """Adds a node, or starts one of the first three again as it was."""
        head = ip == HEAD
        label = [f"--labels=zone={ZONES[ip]}"] if ip in ZONES else []
        where = ["--head", f"--port={PORT}", f"--ray-client-server-port={CLIENT_PORT}"]
        where += ["--include-dashboard=false", f"--temp-dir={self.folder}"]
        done = subprocess.run(
            [
                *self.enter,
                *(sys.executable, "-m", "ray.scripts.scripts", "start"),
                *(where if head else [f"--address={self.address}"]),
                *(f"--node-ip-address={ip}", f"--num-cpus={cpus}", "--disable-usage-stats"),
                # Nobody reads the nodes' logs here, and following them takes a tenth of a core.
                *("--object-store-memory=80000000", "--include-log-monitor=false"),
                *(*label, *options),
            ],
            env=self._environ | {"TEST_NODE": f"{self.folder}/{ip}"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def kill_node(self, ip: str) -> None:
        """Kills a node with everything on it, as if its power had gone."""
        kill_marked(f"TEST_NODE={self.folder}/{ip}")

    def stop(self) -> None:
        """Kills every process of the cluster."""
        kill_marked(f"TEST_RAY={self.folder}")
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.holder, signal.SIGKILL)

    @property
    def _environ(self) -> dict[str, str]:
        marks = {"TEST_RAY": self.folder, "MAINSTEM_SCRATCH": f"{self.folder}/scratch"}
        marks |= {"HOME": self.folder}  # a token of this user's is none of this cluster's
        # A node that is killed is missed sooner than the minute that Ray allows a busy one.
        quick = {"RAY_health_check_period_ms": "1000", "RAY_health_check_failure_threshold": "3"}
        return dict(os.environ) | marks | quick


def _set_network(descriptor: int) -> None:
    if _LIBC.setns(descriptor, _NEW_NETWORK) != 0:
        raise OSError(ctypes.get_errno(), "cannot enter the network namespace")


def start_ray(folder: Path) -> Ray:
    """Starts three nodes, two of which have the same label."""
    program = system_program("unshare")
    assert program is not None
    holder = subprocess.Popen(
        [program, "--net", "sh", "-c", "ip link set lo up && echo up && exec sleep 1000000"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"up\n"
    holder.stdout.close()
    cluster = Ray(str(folder), holder.pid)
    holder.returncode = 0  # its end is not waited for: it may outlive this process
    try:
        for ip in ZONES:
            cluster.start_node(ip)
    except BaseException:
        cluster.stop()
        raise
    return cluster


@contextlib.contextmanager
def shared_ray(folder: Path) -> Iterator[Ray]:
    """The cluster of all test processes that agree on a folder: the first starts it.

    Starting one takes longer than most of what is tested; the last process ends it.
    """
    folder.mkdir(exist_ok=True)
    short = Path("/tmp", f"mstm-ray-{os.getuid()}-{folder.stat().st_ino}")  # noqa: S108  # sockets' paths are short
    facts = folder / "ray.json"
    with (folder / "starting").open("w") as starting, (folder / "users").open("w") as users:
        fcntl.flock(starting, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        if facts.exists():
            cluster = Ray(**json.loads(facts.read_text()))
        else:
            short.mkdir(mode=0o700)
            cluster = start_ray(short)
            facts.write_text(json.dumps(asdict(cluster)))
        fcntl.flock(starting, fcntl.LOCK_UN)
        try:
            yield cluster
        finally:
            fcntl.flock(starting, fcntl.LOCK_EX)
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                facts.unlink()
                cluster.stop()
                subprocess.run(["rm", "-rf", str(short)], check=True)


__all__ = ["Ray", "lacking", "shared_ray", "start_ray", "until"]
