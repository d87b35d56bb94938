"""One slot: prepares a job's folders, has its keeper run it, and writes down what happened.

Whatever goes wrong with one trial becomes that trial's run: a failed trial is a value with a cause.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mainstem.domain.errors import MainstemError
from mainstem.domain.proposal import TreeId
from mainstem.domain.trial import Ending, Run
from mainstem.executors import logs
from mainstem.executors.environment import FALLBACK_PATH, trial_environment
from mainstem.executors.folders import LOGS, reason
from mainstem.executors.hosts import host_facts
from mainstem.executors.leftovers import end_leftovers
from mainstem.executors.private import take_out
from mainstem.executors.process import KeeperLostError, Keepers, Order, Refusal, Report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.domain.trial import Job
    from mainstem.executors.confine import Confine, Confined
    from mainstem.executors.folders import Folders, Place
    from mainstem.executors.lanes import Turn


_KERNELS_WORD = {
    "SIGXCPU": "CPU time limit: a process used all that its timeout allows",
    "SIGXFSZ": "file size limit: a file grew beyond what the trial may write",
}
"""What the kernel's limits mean when they end a trial."""


ATTEMPTS = 3
"""How often a trial runs whose keeper is killed, by the system when memory is short or by anyone;
a trial whose keeper is killed each time is taken to have done it."""

Held = Callable[[TreeId], AbstractContextManager[Path | None]]
"""A tree's files in a folder that stays while the context is entered and must not be changed; None
where a copy of its own is as quick."""


_Blank = Callable[..., Run]
"""A trial's run with what is known of it so far; completed once, as most trials end alike."""


class StoppedError(Exception):
    """The slot was stopped; the job that it had is nobody's any more."""


class _LostError(Exception):
    """The keeper was killed, and the trial with it.

    Attributes:
        run: What is left of the trial.
    """

    def __init__(self, run: Run) -> None:
        super().__init__(run.detail)
        self.run = run


class _NoOverlayError(Exception):
    """The kernel refuses to lay a trial's tree over a shared one."""


class Slot:
    """Runs one job after another; `stop` may be called from any thread."""

    def __init__(
        self,
        *,
        folders: Folders,
        keepers: Keepers | None = None,
        materialise: Callable[[TreeId, Path], None],
        held: Held | None = None,
        confine: Confine,
        grace_s: float,
        environ: Mapping[str, str] | None = None,
        attempts: int = ATTEMPTS,
    ) -> None:
        """Starts nothing yet.

        Args:
            folders: Where trials work and what is kept of them.
            keepers: Run trials; stopped with any slot that has them. None: its own.
            materialise: Writes a tree's files into a folder that does not exist yet.
            held: Holds a tree's files where trials may share them; None gives each a copy.
            confine: Wraps a command in what confines it.
            grace_s: How long a trial may take to end after SIGTERM.
            environ: What a trial's environment is made from; None is this process's own, as it is
                now: looking a variable up there costs more each time than in a copy.
            attempts: How often a trial runs whose keeper is killed, at least 1.
        """
        self._folders = folders
        self._materialise = materialise
        # Only root may mount on the machines we know; who may not would ask in vain each time.
        self._held = held if os.geteuid() == 0 else None
        self._confine = confine
        self._grace_s = grace_s
        self._environ: Mapping[str, str] = dict(os.environ) if environ is None else environ
        self._reruns = attempts - 1
        self._keepers = Keepers(folders.workspace) if keepers is None else keepers

    def perform(self, job: Job, turn: Turn | None = None) -> Run:
        """Runs a job to its end.

        Args:
            job: The job.
            turn: Says when it may start, and hears as soon as it has ended; None: now.

        Raises:
            StoppedError: The slot was stopped before the job ended.
            ClosedError: So was whoever gives turns.
        """
        blank = partial(Run, trial=job.trial, host=self._host(job))
        try:
            try:
                run = self._attempts(job, blank, turn)
            except OSError as error:
                run = blank(ending=Ending.NOT_PREPARED, detail=reason(error))
            except MainstemError as error:
                run = blank(ending=Ending.NOT_PREPARED, detail=str(error))
        finally:
            try:
                self._folders.discard(job.trial)
                kept = ""
            except OSError as error:
                kept = f"its folders are still there: {reason(error)}"
        return replace(run, detail=_join(run.detail, kept)) if kept else run

    def stop(self) -> None:
        """Kills what runs and refuses what comes; does not wait."""
        self._keepers.stop()

    def join(self) -> None:
        """Waits until nothing that this slot started lives."""
        self._keepers.join()

    def _attempts(self, job: Job, blank: _Blank, turn: Turn | None) -> Run:
        """Runs a job; once more where its keeper was killed, which says nothing of the trial.

        Unless it is killed each time: then the trial does it.
        """
        for _ in range(self._reruns):
            with contextlib.suppress(_LostError):
                return self._attempt(job, blank, turn)
        try:
            return self._attempt(job, blank, turn)
        except _LostError as lost:
            return lost.run

    def _attempt(self, job: Job, blank: _Blank, turn: Turn | None) -> Run:
        """Prepares and runs a job, on a tree laid over a shared one where that can be done.

        Raises:
            OSError: A folder, a file or a process could not be made.
            MainstemError: The tree could not be materialised, or the confinement refused.
            StoppedError: The slot was stopped.
        """
        # What is private is taken out of a tree of the trial's own.
        if self._held is not None and not job.private:
            with self._held(job.tree) as shared:
                if shared is not None:
                    with contextlib.suppress(_NoOverlayError):
                        return self._try(job, blank, turn, shared)
                    self._held = None
        return self._try(job, blank, turn, None)

    def _try(self, job: Job, blank: _Blank, turn: Turn | None, shared: Path | None) -> Run:
        """Prepares and runs a job.

        Args:
            job: The job.
            blank: What is known of its run beforehand.
            turn: When it may start; None: now.
            shared: The folder to lay the tree over; None makes a copy.

        Raises:
            OSError: A folder, a file or a process could not be made.
            MainstemError: The tree could not be materialised, or the confinement refused.
            StoppedError: The slot was stopped.
            ClosedError: It will not be its turn.
            _NoOverlayError: The kernel refuses to lay the tree over a shared one.
            _LostError: The keeper was killed.
        """
        place = self._folders.prepare(job.trial)
        overlay = {} if shared is None else _overlay(place, shared)
        if not overlay:
            self._materialise(job.tree, Path(place.tree))
        if not os.path.isdir(place.tree):  # noqa: PTH112  # no object per call
            os.mkdir(place.tree)  # noqa: PTH102  # see above
        private = take_out(Path(place.tree), job.private) if job.private else 0
        env = trial_environment(job, place, self._environ)
        if turn is not None:
            turn.wait()
        # Only now: what is hidden and what is free on the disk are as of the start.
        confined = self._confine(job, place, env)
        removed = {"private": f"{private} taken out of its tree"} if job.private else {}
        blank = partial(
            blank,
            log_dir=f"{LOGS}/{job.trial}",
            confinement={**confined.record, **removed} if removed else confined.record,
        )
        order = self._order(job, place, confined, overlay)
        try:
            outcome = self._run(order)
        except KeeperLostError as lost:
            if self._keepers.stopped:
                raise StoppedError from None
            end_leftovers(Path(place.work))
            raise _LostError(_lost(blank, lost, place)) from None
        if isinstance(outcome, Refusal) and outcome.stage == "overlay":
            raise _NoOverlayError
        if turn is not None:
            turn.over()
        if isinstance(outcome, Refusal):
            ours = outcome.stage in {"log", "confine"}
            ending = Ending.NOT_PREPARED if ours else Ending.CANNOT_START
            files = Path(place.tree) if shared is None else shared
            return blank(ending=ending, detail=_refused(outcome, confined.argv[0], place, files))
        return _ended(blank, outcome, place)

    def _host(self, job: Job) -> Mapping[str, str]:
        """The facts of this host and the job's threads."""
        facts = dict(host_facts(self._environ.get("PATH", FALLBACK_PATH)))
        return facts | {"threads": str(job.threads)}

    def _run(self, order: Order) -> Report | Refusal:
        """Has a keeper run an order.

        Raises:
            OSError: None can be started.
            KeeperLostError: It ended first.
            StoppedError: The slot was stopped.
        """
        keeper = self._keepers.take()
        if keeper is None:
            raise StoppedError
        try:
            return keeper.run(order)
        finally:
            self._keepers.give_back(keeper)

    def _order(
        self, job: Job, place: Place, confined: Confined, overlay: Mapping[str, str]
    ) -> Order:
        """The keeper's order for a job."""
        return Order(
            argv=confined.argv,
            env=dict(confined.env),
            cwd=place.tree,
            stdout=f"{place.logs}/stdout",
            stderr=f"{place.logs}/stderr",
            timeout_s=job.timeout_s,
            grace_s=self._grace_s,
            confine=dict(confined.plan),
            bounds=dict(confined.bounds),
            overlay=overlay,
            stopper=None if job.stopper is None else job.stopper.plain(),
            metrics=place.metrics,
        )


def _overlay(place: Place, shared: Path) -> dict[str, str]:
    """What the keeper needs to lay a trial's tree over a shared one.

    Raises:
        OSError: A folder cannot be made.
    """
    upper, work = Path(place.overlay, "upper"), Path(place.overlay, "work")
    for folder in (upper, work):
        folder.mkdir(parents=True)
    upper.chmod(0o755)
    return {"lower": str(shared), "upper": str(upper), "work": str(work), "tree": place.tree}


def signal_name(number: int) -> str:
    """A signal's name, such as `SIGKILL`; real-time ones have only their number, as `SIG40`."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"


def _ended(blank: _Blank, report: Report, place: Place) -> Run:
    """The run that a keeper's report describes, with what the trial left."""
    code = os.waitstatus_to_exitcode(report.status)
    if report.timed_out and not report.stopped:
        ending = Ending.TIMEOUT
    elif report.early and not report.stopped:
        ending = Ending.STOPPED
    else:
        ending = Ending.EXITED if code >= 0 else Ending.SIGNALLED
    name = signal_name(-code) if ending is Ending.SIGNALLED else None
    still = ", ".join(map(str, report.left))
    left = _left(place, report)
    return blank(
        ending=ending,
        exit_code=code if ending is Ending.EXITED else None,
        signal=name,
        detail=_join(
            report.stopped or _KERNELS_WORD.get(name or "", ""),
            f"killed, but still there: processes {still}" if still else "",
            left.unread,
        ),
        incomplete=_join(
            _unwritten("its logs", report.log_errno) if report.log_errno else "", left.unwritten
        ),
        wall_s=report.wall_s,
        cpu_s=report.cpu_s,
        peak_rss_bytes=report.peak_rss_bytes,
        metrics=left.metrics,
        stdout=left.stdout,
        stderr_tail=left.stderr_tail,
    )


def _lost(blank: _Blank, lost: KeeperLostError, place: Place) -> Run:
    """The run of a trial whose keeper was killed under it: the trial was killed with it."""
    left = _left(place, None)
    said = f"the process that watches over the trial ended first ({lost.returncode})"
    return blank(
        ending=Ending.SIGNALLED,
        signal=signal_name(-lost.returncode if lost.returncode < 0 else signal.SIGKILL),
        detail=_join(said, left.unread),
        incomplete=left.unwritten,
        metrics=left.metrics,
        stdout=left.stdout,
        stderr_tail=left.stderr_tail,
    )


class _Left(NamedTuple):
    """What a trial left in files.

    Attributes:
        metrics: The text of its metrics file.
        stdout: The text of its standard output.
        stderr_tail: The last lines of its standard error.
        unread: What cannot be read, which is the trial's fault.
        unwritten: What cannot be kept, which is not.
    """

    metrics: str
    stdout: str
    stderr_tail: str
    unread: str
    unwritten: str


def _left(place: Place, report: Report | None) -> _Left:
    """Reads what a trial left, as far as it said something; all of it where nobody reported."""
    problems: list[str] = []

    def read(name: str, reader: Callable[[], str]) -> str:
        try:
            return reader()
        except OSError as error:
            problems.append(f"{name} cannot be read: {reason(error)}")
            return ""

    metrics = read("metrics", lambda: logs.read_metrics(place.metrics))
    stdout = ""
    if report is None or report.stdout_bytes != 0:
        total = None if report is None else report.stdout_bytes
        stdout = read("stdout", lambda: logs.read_log(f"{place.logs}/stdout", total))
    stderr = ""
    if report is None or report.stderr_bytes != 0:
        stderr = read("stderr", lambda: logs.last_lines(f"{place.logs}/stderr"))
    unwritten = ""
    try:
        _keep_metrics(place, metrics)
    except OSError as error:
        unwritten = _unwritten("its metrics", error.errno or errno.EIO)
    return _Left(metrics, stdout, stderr, _join(*problems), unwritten)


def _keep_metrics(place: Place, text: str) -> None:
    """Keeps the metrics' text beside the logs.

    Raises:
        OSError: It cannot be written.
    """
    if text:
        Path(place.logs, "metrics.jsonl").write_text(text, encoding="utf-8")


def _unwritten(what: str, number: int) -> str:
    """Why something that a trial left could not be kept, and what helps."""
    return f"{what} cannot be written: {reason(OSError(number, os.strerror(number)))}"


def _refused(refusal: Refusal, program: str, place: Place, files: Path) -> str:
    """Why a command did not come to run, and what to do; `files` are those of the tree."""
    number, said = refusal.number, os.strerror(refusal.number)
    if refusal.stage == "log":
        return f"cannot write its logs: {reason(OSError(number, said, place.logs))}"
    if refusal.stage == "confine":
        return f"cannot be confined: {refusal.said or said}"
    if refusal.stage == "chdir":
        return f"cannot enter the working directory: {said}: {place.tree}"
    if number == errno.ENOENT and "/" not in program:
        return f"command not found: {program!r} is not on PATH; install it or mend the command"
    if number == errno.ENOENT and not os.path.lexists(files / program):
        return f"command not found: the recipe's tree has no {program!r}; mend the command"
    remedy = {
        errno.ENOENT: "the interpreter that its first line names is not there; mend that line",
        errno.EACCES: "it is not executable; make it so (chmod +x) and commit",
        errno.ENOEXEC: "it has no '#!' line; add one, or name its interpreter in the command",
    }.get(number, said)
    return f"cannot run {program!r}: {remedy}"


def _join(*parts: str) -> str:
    """The parts that say something, in one line."""
    return "; ".join(part for part in parts if part)
