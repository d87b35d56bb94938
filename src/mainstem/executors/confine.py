"""What a trial is kept from, as a door: a profile wraps the command and says what it enforces.

A contributor's code is not trusted, and machines differ in what they can enforce. So every run
records what was asked for and what was done about it; a profile never claims more than it does.

Here stands the plain profile, `none`, which enforces nothing about files and network and says so;
what trials of a project get is `mainstem.executors.profile`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mainstem.domain.trial import Job
from mainstem.executors.folders import Place

if TYPE_CHECKING:
    from mainstem.domain.stack import Resources


@dataclass(frozen=True, kw_only=True)
class Confined:
    """A command as it will be started.

    Attributes:
        argv: The words, wrapped in whatever confines them.
        env: The whole environment.
        record: What was asked for and what is enforced; becomes `Run.confinement`.
        plan: What the first process does to itself; see `Order.confine`.
        bounds: What is watched while it runs; see `Order.bounds`.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str]
    record: Mapping[str, str]
    plan: Mapping[str, Any] = field(default_factory=dict)
    bounds: Mapping[str, Any] = field(default_factory=dict)


Confine = Callable[[Job, Place, Mapping[str, str]], Confined]
"""Wraps a job at a place with its environment. The working directory will be `place.tree`, and the
trial must be able to write below `place.work`. An `OSError` or a `MainstemError` means that the
trial cannot start, and its text becomes the run's detail."""


def unconfined(job: Job, place: Place, env: Mapping[str, str]) -> Confined:  # noqa: ARG001  # a `Confine`
    """The profile `none`: the command as it is, and an honest record."""
    return Confined(
        argv=job.argv,
        env=env,
        record={
            "profile": "none",
            "asked": asked(job),
            "enforced": "no core dumps",
            "not_enforced": "files; network; processes; memory; private files of the repository",
        },
    )


def asked(job: Job) -> str:
    """What the stack asks for, in one line."""
    wishes = [f"network: {'on' if job.network else 'off'}"]
    if job.private:
        wishes.append(f"private: {' '.join(job.private)}")
    if job.resources is not None:
        wishes.extend(_resources(job.resources))
    return "; ".join(wishes)


def _resources(resources: Resources) -> list[str]:
    """What a rung asks for, a wish each."""
    wishes = [f"cpus: {resources.cpus}", f"gpus: {resources.gpus}"]
    if resources.memory_bytes is not None:
        wishes.append(f"memory: {resources.memory_bytes} bytes")
    if resources.time_s is not None:
        wishes.append(f"time: {resources.time_s:g} s")
    return wishes
