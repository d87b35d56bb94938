"""A campaign process that is killed: starts an executor of a cluster, submits jobs, and waits.

It is a script: `adrift.py KIND STATE PACK TREE ADDRESS JOB...`, with jobs as JSON of `[name, shell
script]`. It says `up` when all are submitted, and a trial's name when its run was handed out.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mainstem.domain.proposal import TreeId
from mainstem.domain.trial import Job, TrialId
from mainstem.executors.on_ray import RayExecutor
from mainstem.executors.on_slurm import Rhythm, SlurmExecutor
from mainstem.executors.parcel import Wish, shipped_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

WORKER = "mainstem.wiring.worker"
QUICK = Rhythm(files_s=(0.02, 0.2), queue_s=(0.5, 1.0), settle_s=0.5)


def environ(job: Job) -> Mapping[str, str]:
    """What of this environment goes along."""
    return shipped_environment(job, os.environ)


def slurm_executor(
    state: Path, pack: bytes, *, slots: int = 1, grace_s: float = 5.0, options: tuple[str, ...] = ()
) -> SlurmExecutor:
    """An executor on the cluster of `SLURM_CONF` that looks often."""
    return SlurmExecutor(
        slots=slots,
        state=state,
        pack=lambda _tree: pack,
        worker=(sys.executable, "-I", "-m", WORKER),
        environ=environ,
        wish=Wish(confined=False),
        options=options,
        grace_s=grace_s,
        rhythm=QUICK,
    )


def ray_executor(
    state: Path, pack: bytes, address: str, *, slots: int = 1, grace_s: float = 5.0
) -> RayExecutor:
    """An executor on the cluster of that address."""
    return RayExecutor(
        slots=slots,
        state=state,
        pack=lambda _tree: pack,
        worker=WORKER,
        environ=environ,
        wish=Wish(confined=False),
        address=address,
        grace_s=grace_s,
    )


def main(kind: str, state: str, pack: str, tree: str, address: str, *jobs: str) -> None:
    """Submits, and waits until it is killed."""
    content = Path(pack).read_bytes()
    executor: RayExecutor | SlurmExecutor
    if kind == "slurm":
        executor = slurm_executor(Path(state), content, slots=len(jobs))
    else:
        executor = ray_executor(Path(state), content, address, slots=len(jobs))
    for each in jobs:
        name, script = json.loads(each)
        executor.submit(
            Job(
                trial=TrialId(name),
                tree=TreeId(tree),
                argv=("sh", "-c", script),
                seed=7,
                rung="small",
                timeout_s=120.0,
            )
        )
    sys.stdout.write("up\n")
    sys.stdout.flush()
    while True:
        for run in executor.wait(1.0):
            sys.stdout.write(f"{run.trial}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
