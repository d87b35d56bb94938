"""A real SLURM of two nodes on this machine: munged, slurmctld, two slurmd, all on loopback."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.clusters.machine import free_ports, kill_marked, missing, system_program, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONF = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock,cred_expire=6
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmctldPort={ports[0]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=100
SlurmdParameters=config_overrides
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmdTimeout=20
KillWait=5
MinJobAge=300
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
NodeName=DEFAULT CPUs=4 RealMemory=4000
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} {features[0]}
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} {features[1]}
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
PartitionName=short Nodes=n1 MaxTime=1 State=UP
"""
NODES = ("n1", "n2")


def lacking() -> str | None:
    """Why such a cluster cannot run here; None if it can."""
    if os.geteuid() != 0:
        return "a SLURM cluster on one machine needs root"
    return missing(("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol"))


@dataclass(frozen=True)
class Slurm:
    """A running cluster.

    Attributes:
        folder: All that it writes.
    """

    folder: Path

    @property
    def conf(self) -> str:
        """What `SLURM_CONF` must be for its commands."""
        return str(self.folder / "slurm.conf")

    def said(self, *words: str) -> str:
        """What one of its commands answers."""
        environ = os.environ | {"SLURM_CONF": self.conf}
        done = subprocess.run(words, env=environ, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def jobs(self) -> list[str]:
        """Every job that is in the queue and has not ended, as `array_task state node`."""
        rows = self.said("squeue", "--noheader", "--array", "--format=%F_%K %T %N")
        return [line.strip() for line in rows.splitlines()]

    def start_node(self, name: str) -> None:
        """Starts a node's daemon."""
        self._daemon("slurmd", "-N", name, TEST_NODE=f"{self.folder}/{name}")

    def kill_node(self, name: str) -> None:
        """Kills a node with everything that runs on it, as if its power had gone.

        That it is gone is told to the controller, as a site's health check does; by itself it
        would take most of a minute to miss the node.
        """
        kill_marked(f"TEST_NODE={self.folder}/{name}")
        kill_marked(f"SLURM_CONF={self.conf}", f"SLURMD_NODENAME={name}")
        self.said("scontrol", "update", f"NodeName={name}", "State=DOWN", "Reason=killed")

    def start(self, features: tuple[str, str]) -> None:
        """Starts all daemons, and waits until both nodes take jobs."""
        for name in ("state", "spool"):
            (self.folder / name).mkdir(parents=True)
        self.folder.chmod(0o755)
        (self.folder / "munge.key").write_bytes(secrets.token_bytes(128))
        (self.folder / "munge.key").chmod(0o400)
        text = CONF.format(
            folder=self.folder,
            host=socket.gethostname(),
            ports=free_ports(3),
            features=[f"Feature={each}" if each else "" for each in features],
        )
        (self.folder / "slurm.conf").write_text(text)
        files = [f"--{name}-file={self.folder}/munge.{name}" for name in ("pid", "log", "seed")]
        munge = (f"--socket={self.folder}/munge.sock", f"--key-file={self.folder}/munge.key")
        self._daemon("munged", "--force", *munge, *files)
        self._daemon("slurmctld")
        for name in NODES:
            self.start_node(name)
        until(lambda: self.said("sinfo", "--noheader", "--format=%D %t", "-p", "main") == "2 idle")

    def stop(self) -> None:
        """Kills every process of the cluster."""
        kill_marked(f"SLURM_CONF={self.conf}")

    def _daemon(self, name: str, *words: str, **marks: str) -> None:
        program = system_program(name)
        assert program is not None
        environ = os.environ | {"SLURM_CONF": self.conf} | marks
        done = subprocess.run(
            [program, *words],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{name}: {done.stderr}"


@contextlib.contextmanager
def running_slurm(folder: Path, features: tuple[str, str] = ("", "")) -> Iterator[Slurm]:
    """A cluster of nodes with these features, which lives as long as the block."""
    cluster = Slurm(folder)
    try:
        cluster.start(features)
        yield cluster
    finally:
        cluster.stop()
