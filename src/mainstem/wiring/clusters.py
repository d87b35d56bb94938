"""Where trials run: a word of the user's becomes an executor of this machine or of a cluster."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mainstem.domain.errors import UsageError
from mainstem.domain.proposal import TreeId
from mainstem.domain.trial import TrialId
from mainstem.engine.trials import job_for
from mainstem.executors.local import LocalExecutor
from mainstem.executors.parcel import Wish, shipped_environment
from mainstem.executors.profile import Profile
from mainstem.tomlfiles.sections import slurm_option_fault

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mainstem.domain.stack import Stack
    from mainstem.domain.trial import Job
    from mainstem.executors.on_ray import RayExecutor
    from mainstem.executors.on_slurm import SlurmExecutor
    from mainstem.gitrepo.trees import GitTrees

WORKER = "mainstem.wiring.worker"
"""The module that runs trials on a cluster's hosts."""

_NO_TREE = TreeId("0" * 40)


class Kind(StrEnum):
    """What runs trials."""

    LOCAL = "local"
    RAY = "ray"
    SLURM = "slurm"


@dataclass(frozen=True, kw_only=True)
class Where:
    """Where trials run.

    Attributes:
        kind: On what.
        address: For Ray: of a cluster, as Ray has it; None starts one on this machine.
        slurm_options: For SLURM: further options of `sbatch`, after those of `mainstem.toml`.
    """

    kind: Kind = Kind.LOCAL
    address: str | None = None
    slurm_options: tuple[str, ...] = ()


def where(word: str, slurm_options: Sequence[str] = ()) -> Where:
    """Where the words of a call say that trials run.

    Args:
        word: `local`, `slurm`, `ray`, `ray://HOST:PORT`, `ray:HOST:PORT` or `ray:auto`.
        slurm_options: Options of `sbatch`.

    Raises:
        UsageError: A word means nothing.
    """
    for option in slurm_options:
        fault = slurm_option_fault(option)
        if fault is not None:
            raise UsageError(f"--slurm-option {option}: {fault}")
    if slurm_options and word != Kind.SLURM:
        raise UsageError(f"--slurm-option is for -x slurm, and this is -x {word}")
    if word in {Kind.LOCAL, Kind.RAY, Kind.SLURM}:
        return Where(kind=Kind(word), slurm_options=tuple(slurm_options))
    name, colon, rest = word.partition(":")
    if name == Kind.RAY and colon and rest.strip("/"):
        client = rest.startswith("//") and rest != "//auto"
        return Where(kind=Kind.RAY, address=word if client else rest.strip("/"))
    raise UsageError(
        f"-x {word}: write local, slurm, ray (a Ray of its own on this machine), "
        "ray://HOST:PORT (through Ray's client server), ray:HOST:PORT or ray:auto"
    )


def open_executor(
    place: Where,
    *,
    slots: int,
    strict: bool,
    stack: Stack,
    state: Path,
    trees: GitTrees,
    closed: Sequence[Path],
) -> LocalExecutor | RayExecutor | SlurmExecutor:
    """An executor for a project's trials.

    Args:
        place: Where they run.
        slots: How many run at once.
        strict: Whether to refuse where something that the stack asks for cannot be enforced.
        stack: The stack's description.
        state: The state folder.
        trees: The recipes.
        closed: The repository's work trees and git folder.

    Raises:
        UsageError: The place cannot be used, cannot give what a rung asks for, or it is strict
            and this machine cannot enforce what trials ask for.
    """
    if place.kind is Kind.LOCAL:
        profile = Profile(state=state, closed=closed, strict=strict)
        if strict:
            profile.require(network=stack.run.network, private=stack.run.private)
        return LocalExecutor(
            slots=slots,
            workspace=state,
            materialise=trees.materialise,
            held=trees.held,
            confine=profile,
        )
    wish = Wish(strict=strict, closed=tuple(str(path) for path in (state, *closed)))
    probes = [
        job_for(stack, name=TrialId("probe"), tree=_NO_TREE, seed=0, rung=rung.name)
        for rung in stack.rungs_in_play
    ]
    executor: RayExecutor | SlurmExecutor
    if place.kind is Kind.SLURM:
        from mainstem.executors.on_slurm import SlurmExecutor

        python = stack.clusters.slurm_python or sys.executable
        executor = SlurmExecutor(
            slots=slots,
            state=state,
            pack=trees.pack,
            worker=(python, "-I", "-m", WORKER),
            environ=_environ,
            wish=wish,
            options=(*stack.clusters.slurm_options, *place.slurm_options),
        )
    else:
        from mainstem.executors.on_ray import RayExecutor

        executor = RayExecutor(
            slots=slots,
            state=state,
            pack=trees.pack,
            worker=WORKER,
            environ=_environ,
            wish=wish,
            address=place.address,
        )
    try:
        for probe in probes:
            executor.require(probe)
    except BaseException:
        executor.close()
        raise
    return executor


def _environ(job: Job) -> dict[str, str]:
    """What of this machine's environment goes along with a job."""
    return shipped_environment(job, os.environ)
