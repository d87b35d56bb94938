"""Trials as jobs of SLURM: arrays, a spool folder, and no daemon.

What is queued here goes to the scheduler as one array per batch and kind of need; the scheduler
runs `-j` of it at once. Results come as files (`mainstem.executors.spool`); the scheduler is asked
about all jobs at once, seldom and ever more seldom, only to find those that will never answer. Such
a job is run again, `ATTEMPTS` times in all; then the machines' failure is reported in the
scheduler's words. A scheduler that starts a job again by itself (preempted, its node lost) does
what we want anyway: the worker begins anew, and the first result counts.

The campaign may die: its jobs go on, and the next executor on the state folder takes them over, as
it is handed the same jobs. What it is not handed before it first waits is called back.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mainstem.domain.errors import MainstemError, UsageError
from mainstem.domain.trial import Ending, Run
from mainstem.executors import slurm_commands as slurm, spool
from mainstem.executors.folders import reason
from mainstem.executors.kinds import Placement
from mainstem.executors.local import refuse_unusable
from mainstem.executors.owners import CLUSTER, Owner, store_key
from mainstem.executors.parcel import ForeignParcelError, Parcel
from mainstem.executors.slurm_batches import Sent, Task, alike, inherited, send
from mainstem.executors.slurm_words import WAITING, partitions_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from mainstem.domain.proposal import TreeId
    from mainstem.domain.trial import Job, TrialId
    from mainstem.executors.parcel import Wish
    from mainstem.executors.slurm_batches import Refused
    from mainstem.executors.slurm_words import Node, Row

ATTEMPTS = 3
"""How often a trial is run before the machines' failure is reported."""

PATIENCE_S = 900.0
"""How long a scheduler that does not answer is waited for."""

CLOSE_S = 120.0
"""How long ended jobs may take to disappear; a node that hangs is the scheduler's to mend."""

_GATHER_S = 0.05


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """How often is looked: each wait is longer than the one before, until something happens.

    Attributes:
        files_s: First and longest wait between two looks for results, in seconds.
        queue_s: The same, between two questions to the scheduler.
        settle_s: How long a result may take to appear after its job has ended, in seconds.
    """

    files_s: tuple[float, float] = (0.2, 5.0)
    queue_s: tuple[float, float] = (5.0, 60.0)
    settle_s: float = 20.0


class SlurmExecutor:
    """Runs jobs on a SLURM cluster, `slots` at a time.

    Safe to use from several threads. After `close`, runs that had ended are still handed out.
    """

    def __init__(
        self,
        *,
        slots: int,
        state: Path,
        pack: Callable[[TreeId], bytes],
        worker: Sequence[str],
        environ: Callable[[Job], Mapping[str, str]],
        wish: Wish,
        options: Sequence[str] = (),
        grace_s: float = 5.0,
        rhythm: Rhythm | None = None,
    ) -> None:
        """Takes over what a killed campaign left on the cluster.

        Args:
            slots: How many jobs run at once, at least 1.
            state: The state folder, on a file system that the nodes share.
            pack: Gives a tree as a git pack.
            worker: The command that runs a task on a node; the batch's folder and the task's
                number follow.
            environ: What of this environment goes along with a job.
            wish: How trials are confined.
            options: Further options of `sbatch`.
            grace_s: How long a trial may take to end after SIGTERM.
            rhythm: How often is looked; None is the usual.

        Raises:
            ValueError: `slots` is below 1.
            UsageError: SLURM's commands are missing, or the state folder cannot be used.
        """
        if slots < 1:
            raise ValueError(f"slots is {slots}: an executor needs at least 1")
        slurm.require_programs()
        self._slots = slots
        self._pack = pack
        self._worker = tuple(worker)
        self._environ = environ
        self._wish = wish
        self._options = tuple(options)
        self._grace_s = grace_s
        self._rhythm = Rhythm() if rhythm is None else rhythm
        state = state.resolve()
        self._store = store_key(state)
        self._name = f"mainstem-{self._store}"
        self._logs = state / "logs"
        self._packs = spool.Packs(state / CLUSTER / "trees")
        self._owner = Owner(state / CLUSTER / "slurm")
        self._changed = threading.Condition()
        self._pending: set[TrialId] = set()
        self._queue: deque[Task] = deque()
        self._sent: dict[TrialId, Task] = {}
        self._left = {task.trial: task for task in inherited(self._owner.inherited)}
        self._ended: list[Run] = []
        self._error: BaseException | None = None
        self._closed = self._nudged = self._waited = False
        self._batches = self._starts = 0
        self._files_s, self._queue_s = self._rhythm.files_s[0], self._rhythm.queue_s[0]
        self._ask_s = self._send_s = self._refused_s = 0.0
        self._silent_s: float | None = None
        self._refused_since_s: float | None = None
        self._placement = Placement()
        for task in self._left.values():
            self._placement.remember(task.parcel.job.pair, task.parcel.sort)
        self._thread = threading.Thread(target=self._serve, name="mainstem-slurm", daemon=True)
        self._thread.start()

    @property
    def slots(self) -> int:
        """How many jobs run at once."""
        return self._slots

    def require(self, job: Job) -> None:
        """Asks the scheduler whether it could ever run such a job.

        Raises:
            UsageError: It could not, in its own words.
        """
        needs = slurm.resource_words(job, grace_s=self._grace_s, options=self._options)
        slurm.refuse_impossible(needs, " ".join(needs))

    def submit(self, job: Job) -> None:
        """Takes a job; one that a killed campaign had sent is taken over with what it did since.

        Raises:
            ValueError: The trial's name is no folder name, the command is empty, or a trial of
                that name is under way.
            RuntimeError: The executor is closed.
        """
        refuse_unusable(job)
        parcel = Parcel(
            job=replace(job, timeout_s=slurm.trial_time_s(job)),
            store=self._store,
            environ=self._environ(job),
            wish=self._wish,
            grace_s=self._grace_s,
        )
        with self._changed:
            if self._closed:
                raise RuntimeError(f"trial {job.trial!r} comes after the executor was closed")
            if job.trial in self._pending:
                raise ValueError(f"trial {job.trial!r} is under way already")
            self._pending.add(job.trial)
            left = self._left.get(job.trial)
            if left is not None and left.parcel.digest == parcel.digest:
                self._sent[job.trial] = self._left.pop(job.trial)
            else:
                self._queue.append(Task(parcel=parcel))
            self._nudge()

    def wait(self, timeout_s: float | None = None) -> list[Run]:
        """The runs that have ended since the last call; waits for one if there is none.

        Returns an empty list when nothing is under way or the timeout has passed.

        Raises:
            UsageError: The scheduler has not answered for `PATIENCE_S`.
            Exception: A fault of this executor that no trial can be blamed for.
        """
        with self._changed:
            if not self._waited:
                self._waited = True
                self._nudge()
            self._changed.wait_for(
                lambda: self._ended or self._error or not self._pending, timeout_s
            )
            if self._error is not None:
                raise self._error
            ended, self._ended = self._ended, []
            return ended

    def running(self) -> list[TrialId]:
        """The trials that have started and not ended, in order of their start."""
        with self._changed:
            begun = [
                (task.sent.began, trial)
                for trial, task in self._sent.items()
                if task.sent is not None and task.sent.began
            ]
        return [trial for _, trial in sorted(begun)]

    def close(self) -> None:
        """Cancels every job and waits until nothing of it is left.

        May be called twice, also after an interrupt in the first call.
        """
        with self._changed:
            self._closed = True
            self._nudge()
        self._thread.join()
        with self._changed:
            self._queue.clear()
            tasks = [*self._sent.values(), *self._left.values()]
        if tasks:
            self._call_back(tasks, patience_s=CLOSE_S)
        with self._changed:
            self._sent.clear()
            self._left.clear()
            self._pending.clear()
            self._changed.notify_all()
        self._owner.end()

    def _nudge(self) -> None:
        """Has the thread look at once; the lock is held."""
        self._nudged = True
        self._files_s = self._rhythm.files_s[0]
        self._changed.notify_all()

    def _serve(self) -> None:
        """Sends, looks and collects until the executor is closed."""
        try:
            while True:
                with self._changed:
                    pause_s = self._files_s if self._sent or self._queue else None
                    self._changed.wait_for(lambda: self._closed or self._nudged, pause_s)
                    if self._closed:
                        return
                    nudged, self._nudged = self._nudged, False
                if nudged:
                    time.sleep(_GATHER_S)  # more of the same batch follow at once
                if not self._collect():
                    self._files_s = min(1.3 * self._files_s, self._rhythm.files_s[1])
                self._let_go()
                if time.monotonic() >= self._ask_s:
                    self._ask()
                self._send()
        except BaseException as error:  # noqa: BLE001  # not swallowed: `wait` raises it
            with self._changed:
                self._error = error
                self._changed.notify_all()

    def _flying(self) -> list[tuple[Task, Sent]]:
        """What the scheduler has."""
        with self._changed:
            return [(task, task.sent) for task in self._sent.values() if task.sent is not None]

    def _collect(self) -> bool:
        """Takes in what has ended and notes what has started; whether there was anything."""
        found = False
        for task, sent in self._flying():
            if spool.is_done(sent.batch, sent.index):
                found = True
                self._take_in(task, sent)
                continue
            started = spool.who_started(sent.batch, sent.index)
            if started is not None and started.restart != sent.stale and not sent.began:
                found = True
                with self._changed:
                    self._starts += 1
                    sent.began = self._starts
        return found

    def _take_in(self, task: Task, sent: Sent) -> None:
        """Takes a result in; one that says that the machine failed is no result."""
        try:
            run = spool.take_in(sent.batch, sent.index, task.trial, self._logs)
        except OSError as error:
            self._give_up(task, f"its result cannot be taken in: {reason(error)}")
            return
        except ForeignParcelError as error:
            self._lose(task, f"its result cannot be read: {error}", "")
            return
        node = run.host.get("node", "")
        if run.ending is Ending.NOT_PREPARED or run.incomplete:
            self._lose(task, f"on {node}: {run.detail or run.incomplete}", node)
            return
        self._placement.worked(node, run.host.get("kind", ""))
        job = "" if sent.array is None else f"SLURM {sent.array}_{sent.index}"
        self._end(task, replace(run, host={**run.host, "job": job}))

    def _end(self, task: Task, run: Run) -> None:
        """Hands a run out."""
        with self._changed:
            self._sent.pop(task.trial, None)
            self._pending.discard(task.trial)
            self._ended.append(run)
            self._changed.notify_all()
        self._files_s = self._rhythm.files_s[0]

    def _give_up(self, task: Task, why: str) -> None:
        """Reports a trial that the machines could not run."""
        if task.sent is not None:
            spool.withdraw(task.sent.batch, task.sent.index)
        self._end(task, Run(trial=task.trial, ending=Ending.NOT_PREPARED, detail=why))

    def _lose(self, task: Task, why: str, node: str) -> None:
        """An attempt is lost: another one follows, if there were not enough."""
        self._placement.failed(node, time.monotonic())
        task.lost.append(why)
        attempt = task.parcel.attempt
        if attempt >= ATTEMPTS:
            said = "; ".join(dict.fromkeys(task.lost))
            self._give_up(task, f"{attempt} attempts on SLURM came to nothing: {said}")
            return
        if task.sent is not None:
            spool.withdraw(task.sent.batch, task.sent.index)
        with self._changed:
            self._sent.pop(task.trial, None)
            task.parcel, task.sent = replace(task.parcel, attempt=attempt + 1), None
            self._queue.appendleft(task)
            self._nudge()

    def _let_go(self) -> None:
        """Calls back what a killed campaign had sent and nobody has asked for again."""
        with self._changed:
            unclaimed = list(self._left.values()) if self._waited else []
            self._left = {} if self._waited else self._left
        if unclaimed:
            self._call_back(unclaimed, patience_s=0.0)

    def _call_back(self, tasks: Sequence[Task], *, patience_s: float) -> None:
        """Takes orders away and cancels their jobs; waits until they have gone."""
        sent = [task.sent for task in tasks if task.sent is not None]
        for each in sent:
            spool.withdraw(each.batch, each.index)
        known = {f"{each.array}_{each.index}" for each in sent if each.array is not None}
        slurm.cancel(known)
        deadline_s, pause_s = time.monotonic() + patience_s, 0.05
        while isinstance(rows := slurm.queue(self._name), list):
            found = [row for each in sent if (row := each.find(rows)) is not None and row.alive]
            slurm.cancel({f"{row.array}_{row.index}" for row in found} - known)
            known |= {f"{row.array}_{row.index}" for row in found}
            if not found or time.monotonic() > deadline_s:
                return
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, 2.0)

    def _ask(self) -> None:
        """Asks the scheduler about all jobs at once, and gives up those that will never answer.

        Raises:
            UsageError: It has not answered for `PATIENCE_S`.
        """
        flying = self._flying()
        if not flying:
            return
        now_s = time.monotonic()
        rows = slurm.queue(self._name)
        self._ask_s = now_s + self._queue_s
        self._queue_s = min(1.5 * self._queue_s, self._rhythm.queue_s[1])
        if isinstance(rows, str):
            self._silent_s = now_s if self._silent_s is None else self._silent_s
            if now_s - self._silent_s > PATIENCE_S:
                raise UsageError(
                    f"squeue has not answered for {PATIENCE_S / 60:g} minutes: {rows}; what runs "
                    "is called back, and the same command goes on once the controller answers"
                )
            return
        self._silent_s = None
        for task, sent in flying:
            row = sent.find(rows)
            if row is not None:
                sent.row, sent.array = row, row.array
            self._judge(task, sent, row, now_s)

    def _judge(self, task: Task, sent: Sent, row: Row | None, now_s: float) -> None:
        """What the queue says of a task, and what follows."""
        if row is not None and row.hopeless:
            slurm.cancel([f"{row.array}_{row.index}"])
            self._give_up(task, f"it would wait for ever: {row.words()}")
        elif row is not None and row.alive:
            sent.missing_s = None
            if row.state in WAITING and sent.began:
                started = spool.who_started(sent.batch, sent.index)
                with self._changed:
                    sent.began, sent.stale = 0, started.restart if started is not None else -1
        elif sent.missing_s is None:
            # Its result may be on its way: files of other machines are seen late.
            sent.missing_s = now_s
            self._ask_s = now_s + self._rhythm.settle_s
        elif now_s - sent.missing_s >= self._rhythm.settle_s and not spool.is_done(
            sent.batch, sent.index
        ):
            self._lose(task, _last_words(sent), _node(sent))
        else:
            self._ask_s = min(self._ask_s, sent.missing_s + self._rhythm.settle_s)

    def _send(self) -> None:
        """Submits what waits here, as far as slots are free."""
        now_s = time.monotonic()
        with self._changed:
            free = self._slots - self._used()
            if free <= 0 or not self._queue or now_s < self._send_s:
                return
            waiting = list(self._queue)
            self._queue.clear()
        arrays = alike(waiting)
        nodes = slurm.nodes() if self._fussy(waiting) else []
        while arrays and free > 0:
            tasks = arrays.pop(0)
            at_once = min(free, len(tasks))
            free -= at_once if self._submit(tasks, at_once, nodes, now_s) else 0
        with self._changed:
            left = {task.trial for array in arrays for task in array}
            self._queue.extendleft(reversed([t for t in waiting if t.trial in left]))

    def _used(self) -> int:
        """How many jobs run at once at most of what the scheduler has; the lock is held."""
        sent = [task.sent for task in self._sent.values() if task.sent is not None]
        unfinished = Counter(each.batch for each in sent)
        at_once = {each.batch: each.at_once for each in sent}
        return sum(min(at_once[batch], count) for batch, count in unfinished.items())

    def _fussy(self, tasks: Sequence[Task]) -> bool:
        """Whether it matters on which node these run."""
        pairs = any(task.parcel.job.pair for task in tasks)
        return pairs or self._placement.in_trouble(time.monotonic())

    def _submit(self, tasks: list[Task], at_once: int, nodes: Sequence[Node], now_s: float) -> bool:
        """Submits one array; whether the scheduler has it now."""
        tasks = [task for task in tasks if self._packed(task)]
        if not tasks:
            return False
        job = tasks[0].parcel.job
        exclude, sort = self._placement.choose(self._sorts(job, nodes), job, now_s)
        for task in tasks:
            task.parcel = replace(task.parcel, sort=sort)
        self._batches += 1
        try:
            refused = send(
                self._owner.folder / f"{self._owner.name}-{self._batches}",
                tasks,
                name=self._name,
                worker=self._worker,
                at_once=at_once,
                needs=slurm.resource_words(job, grace_s=self._grace_s, options=self._options),
                exclude=exclude,
            )
        except OSError as error:
            for task in tasks:
                self._give_up(task, f"its order cannot be written: {reason(error)}")
            return False
        if refused is not None:
            self._refused(tasks, refused, now_s)
            return False
        self._refused_since_s, self._refused_s = None, 0.0
        with self._changed:
            self._sent.update({task.trial: task for task in tasks})
        self._queue_s = self._rhythm.queue_s[0]
        self._ask_s = now_s + self._queue_s
        return True

    def _refused(self, tasks: Sequence[Task], refused: Refused, now_s: float) -> None:
        """What the scheduler did not take is tried again, or reported in its words."""
        since_s = now_s if self._refused_since_s is None else self._refused_since_s
        if refused.later and now_s - since_s < PATIENCE_S:
            self._refused_since_s = since_s
            self._refused_s = min(max(1.0, 2 * self._refused_s), 60.0)
            with self._changed:
                self._send_s = now_s + self._refused_s
                self._queue.extendleft(reversed(tasks))
            return
        for task in tasks:
            self._give_up(task, f"SLURM does not take it: {refused.said}")

    def _packed(self, task: Task) -> bool:
        """Sees to it that a task's tree can be fetched; else the task has ended."""
        tree = task.parcel.job.tree
        try:
            if not self._packs.has(tree):
                self._packs.put(tree, self._pack(tree))
        except OSError as error:
            self._give_up(task, reason(error))
        except MainstemError as error:
            self._give_up(task, str(error))
        else:
            return True
        return False

    def _sorts(self, job: Job, nodes: Sequence[Node]) -> dict[str, tuple[str, ...]]:
        """The nodes on which a job could run, with what the scheduler says of each."""
        wanted = partitions_in(self._options)
        return {
            node.name: node.sort
            for node in nodes
            if node.usable and node.fits(job.resources) and (not wanted or wanted & node.partitions)
        }


def _node(sent: Sent) -> str:
    """The host on which a task was lost; "" if that is not known."""
    started = spool.who_started(sent.batch, sent.index)
    if started is not None:
        return started.node
    return sent.row.node if sent.row is not None else ""


def _last_words(sent: Sent) -> str:
    """What the scheduler said of a task before it was gone, and what the node printed."""
    job = f"job {sent.array}_{sent.index}"
    said = f"{job} is gone from the queue" if sent.row is None else sent.row.words()
    printed = spool.log_tail(sent.batch, sent.index)
    return f"{said}, and it left no result" + (f": {printed}" if printed else "")
