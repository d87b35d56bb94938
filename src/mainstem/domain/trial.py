"""A trial: one run of a recipe at a rung with a seed. A trial is data, so it can run anywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.domain.proposal import TreeId
    from mainstem.domain.stack import Resources
    from mainstem.domain.stopper import Stopper

TrialId = NewType("TrialId", str)
"""A trial's name in the ledger, such as `c1.12`: the twelfth trial of the first campaign."""

SEEDS = 2**31
"""Seeds are whole numbers from 0 to `SEEDS - 1`."""


class Purpose(StrEnum):
    """What a trial is for; search data never decide a merge."""

    SEARCH = "search"
    CONFIRM = "confirm"


@dataclass(frozen=True)
class Trial:
    """What the `Integrator` asks for.

    Attributes:
        id: Its number in the campaign, from 1.
        recipe: The proposals to merge onto the trunk; the trunk is `frozenset()`.
        seed: The seed to run with.
        rung: The rung to run at; None is the only one.
        purpose: Search, or one half of a confirmation pair.
    """

    id: int
    recipe: frozenset[str]
    seed: int
    rung: str | None = None
    purpose: Purpose = Purpose.SEARCH


@dataclass(frozen=True, kw_only=True)
class Job:
    """What an executor runs: a trial without its meaning.

    Attributes:
        trial: The trial's name in the ledger.
        tree: The recipe's tree, which becomes the working directory.
        argv: The command's words.
        seed: Given to the trial as `MAINSTEM_SEED`.
        rung: Given to the trial as `MAINSTEM_RUNG`.
        timeout_s: Wall time after which the trial is stopped.
        threads: Threads for numeric libraries.
        passed_env: Names of the variables of this process that are passed through.
        network: Whether the network may be used.
        private: Path globs that the trial may not read.
        resources: What the rung asks for.
        pair: Jobs of one pair, which are compared with each other, have the same name here: they
            are to run on one kind of host. "" is no wish.
        kind: The kind of host on which the pair's other half has run; "" if it has not.
        stopper: When it may be ended early; None: it is to run whole.
    """

    trial: TrialId
    tree: TreeId
    argv: tuple[str, ...]
    seed: int
    rung: str
    timeout_s: float
    threads: int = 1
    passed_env: tuple[str, ...] = ()
    network: bool = False
    private: tuple[str, ...] = ()
    resources: Resources | None = None
    pair: str = ""
    kind: str = ""
    stopper: Stopper | None = None


class Ending(StrEnum):
    """How a trial's process ended.

    `stopped` is no fault: its `Stopper` was content. `cannot-start` is the command's fault;
    `not-prepared` is nobody's among the proposals: the recipe's files could not be laid out (a full
    disk, an object that git has lost).
    """

    EXITED = "exited"
    SIGNALLED = "signalled"
    TIMEOUT = "timeout"
    STOPPED = "stopped"
    CANNOT_START = "cannot-start"
    NOT_PREPARED = "not-prepared"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Run:
    """What an executor gives back: how the process ended and what it left.

    Attributes:
        trial: The trial's name in the ledger.
        ending: How the process ended.
        exit_code: For `exited`.
        signal: For `signalled`: the signal's name, such as `SIGKILL`.
        detail: For `cannot-start`: what the system said; the limit for which a trial was stopped;
            what else went wrong around it.
        incomplete: Why what the trial left could not be kept whole, such as a full disk; "" if it
            is whole. Then nothing can be said of the recipe: a value may be an earlier one.
        wall_s: Wall time from start to end.
        cpu_s: CPU time of the whole process group, user and system.
        peak_rss_bytes: The largest resident set of any process of the trial.
        metrics: The text of the metrics file ("" if there is none).
        stdout: The text of the standard output; of a very long one, its beginning and its end.
        log_dir: The folder that keeps `stdout` and `stderr`, relative to the state folder.
        stderr_tail: The last lines of the standard error.
        host: Where it ran: host, system, CPU, Python, threads.
        confinement: What was asked for and what was enforced.
    """

    trial: TrialId
    ending: Ending
    exit_code: int | None = None
    signal: str | None = None
    detail: str = ""
    incomplete: str = ""
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_rss_bytes: int = 0
    metrics: str = ""
    stdout: str = ""
    log_dir: str = ""
    stderr_tail: str = ""
    host: Mapping[str, str] = field(default_factory=dict)
    confinement: Mapping[str, str] = field(default_factory=dict)
