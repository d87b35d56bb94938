"""One slot on a Ray cluster: has an actor run a job, and another one if that is lost."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from mainstem.domain.errors import MainstemError
from mainstem.domain.trial import Ending, Run
from mainstem.executors.folders import reason, remove_tree
from mainstem.executors.parcel import ForeignParcelError, Parcel, read_run
from mainstem.executors.slot import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from mainstem.domain.proposal import TreeId
    from mainstem.domain.stack import Resources
    from mainstem.domain.trial import Job, TrialId
    from mainstem.executors.kinds import Placement
    from mainstem.executors.lanes import Turn

ATTEMPTS = 3
"""How often a trial is run before the machines' failure is reported."""

ASK_S = 20.0
"""How long one question to an actor waits for the trial's end."""

ANSWER_S = 60.0
"""How long an actor may take for any other answer; beyond it, it counts as lost."""

ROOM_S = 3.0
"""How long one question to an actor that has yet to start waits for the answer."""

NO_ROOM_S = 120.0
"""How long no living node may be able to run a trial before that is reported."""


class LostError(Exception):
    """An actor, its process or its node is gone."""


class SilentError(Exception):
    """There was no answer in time."""


@dataclass(frozen=True, kw_only=True)
class RayNode:
    """A node that lives.

    Attributes:
        id: Ray's id of it.
        name: Its address, for people.
        sort: What the cluster says of its kind: labels, types of accelerators.
        cpus: All that it has, whoever uses it.
        gpus: The same.
        memory_bytes: The same.
    """

    id: str
    name: str
    sort: tuple[str, ...]
    cpus: float
    gpus: float
    memory_bytes: float

    def fits(self, wishes: Resources | None) -> bool:
        """Whether a job with these wishes could run there."""
        if wishes is None:
            return self.cpus >= 1
        return (
            self.cpus >= wishes.cpus
            and self.gpus >= wishes.gpus
            and self.memory_bytes >= (wishes.memory_bytes or 0)
        )


class Door(Protocol):
    """A connection to a cluster."""

    def nodes(self) -> list[RayNode]:
        """The nodes that live; raises `LostError` if the cluster is gone."""
        ...

    def create(self, name: str, job: Job, exclude: tuple[str, ...]) -> Any:
        """Asks for a new actor that is not on these nodes; it comes when there is room.

        Raises:
            LostError: The cluster is gone.
        """
        ...

    def call(self, actor: Any, method: str, *args: Any, timeout_s: float) -> Any:
        """What an actor answers.

        Raises:
            LostError: It is gone.
            SilentError: It does not answer in time.
        """
        ...

    def tell(self, actor: Any, method: str) -> None:
        """Calls an actor and does not wait."""
        ...

    def kill(self, actor: Any) -> None:
        """Ends an actor at once; one that has gone is no error."""
        ...


@dataclass(kw_only=True)
class Found:
    """An actor of a killed campaign.

    Attributes:
        actor: Its handle.
        digests: What it runs or has run, by trial.
        claimed: The trials that were asked for again and not yet taken.
    """

    actor: Any
    digests: dict[str, str]
    claimed: set[str] = field(default_factory=set)


@dataclass(kw_only=True)
class Desk:
    """What all slots of an executor share.

    Attributes:
        door: The cluster.
        name: The beginning of every actor's name.
        logs: The folder that holds a folder of logs per trial, in the state folder.
        pack: Gives a tree as a git pack.
        parcel: Makes a job's parcel.
        placement: Where trials may run.
        found: Actors of a killed campaign.
        idle: Slots without a job; their actors hold room on the cluster.
        waiting: How many slots wait for room.
        begun: The trials that actors run now.
    """

    door: Door
    name: str
    logs: Path
    pack: Callable[[TreeId], bytes]
    parcel: Callable[[Job], Parcel]
    placement: Placement
    found: list[Found] = field(default_factory=list)
    idle: list[RaySlot] = field(default_factory=list)
    waiting: int = 0
    begun: set[TrialId] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    _made: int = 0

    def next_name(self) -> str:
        """A name for another actor."""
        with self.lock:
            self._made += 1
            return f"{self.name}-{self._made}"

    def claim(self, trial: TrialId, digest: str) -> bool:
        """Whether a killed campaign's actor has this trial; then it is kept for it."""
        with self.lock:
            for found in self.found:
                if found.digests.get(trial) == digest:
                    found.claimed.add(trial)
                    return True
        return False

    def claimed(self, trial: TrialId) -> Found | None:
        """The actor that was kept for a trial."""
        with self.lock:
            return next((found for found in self.found if trial in found.claimed), None)

    def let_go(self, trial: TrialId | None = None) -> None:
        """Ends found actors that nobody has asked for, or has no more to take from.

        Args:
            trial: Was taken; None: whatever was not claimed by now is not wanted.
        """
        with self.lock:
            for found in self.found:
                found.claimed.discard(trial or "")
            over = [found for found in self.found if not found.claimed]
            self.found = [found for found in self.found if found.claimed]
        for found in over:
            end(self.door, found.actor)

    def rest(self, slot: RaySlot) -> None:
        """A slot has no job; if others wait for room, its actor makes some."""
        with self.lock:
            self.idle.append(slot)
        if self.waiting:
            self.make_room()

    def wake(self, slot: RaySlot) -> None:
        """A slot has a job again."""
        with self.lock:
            self.idle = [each for each in self.idle if each is not slot]

    def make_room(self) -> None:
        """Ends the actors of slots without a job: whoever waits for room would wait for ever."""
        with self.lock:
            actors = [slot.detach() for slot in self.idle]
        for actor in actors:
            if actor is not None:
                end(self.door, actor)

    def sorts(self, job: Job) -> dict[str, tuple[str, ...]]:
        """The nodes on which a job could run, with what the cluster says of each."""
        return {node.id: node.sort for node in self.door.nodes() if node.fits(job.resources)}

    def node_name(self, node: str) -> str:
        """A node's address; its id if it is gone."""
        with contextlib.suppress(LostError):
            return next((each.name for each in self.door.nodes() if each.id == node), node[:12])
        return node[:12]


def end(door: Door, actor: Any) -> None:
    """Ends an actor with its trial: first by asking, so that nothing of the trial is left."""
    try:
        door.call(actor, "stop", timeout_s=ANSWER_S)
    except (LostError, SilentError):
        pass
    finally:
        door.kill(actor)


class RaySlot:
    """Runs one job after another; `stop` may be called from any thread."""

    def __init__(self, desk: Desk) -> None:
        """Starts nothing yet."""
        self._desk = desk
        self._door = desk.door
        self._lock = threading.Lock()
        self._stopped = False
        self._actor: Any = None
        self._node = ""
        self._resources: Resources | None = None

    def perform(self, job: Job, turn: Turn) -> Run:  # noqa: ARG002  # a slot of its own each
        """Runs a job to its end, on as many hosts as it takes.

        Raises:
            StoppedError: The slot was stopped before the job ended.
        """
        self._desk.wake(self)
        try:
            return self._perform(job)
        finally:
            self._desk.rest(self)

    def detach(self) -> Any:
        """Takes the actor away from this slot; None if it has none."""
        with self._lock:
            actor, self._actor = self._actor, None
        return actor

    def _perform(self, job: Job) -> Run:
        """Runs a job to its end.

        Raises:
            StoppedError: The slot was stopped before the job ended.
        """
        lost: list[str] = []
        parcel = self._desk.parcel(job)
        for attempt in range(1, ATTEMPTS + 1):
            parcel = replace(parcel, attempt=attempt)
            try:
                run = self._attempt(parcel)
            except (LostError, SilentError) as error:
                self._note(f"on {self._node_name()}: {error}", lost)
                self._drop()
                continue
            except MainstemError as error:
                return _not_prepared(job, str(error))
            except OSError as error:
                return _not_prepared(job, reason(error))
            if run.ending is not Ending.NOT_PREPARED and not run.incomplete:
                self._desk.placement.worked(self._node, run.host.get("kind", ""))
                return run
            self._note(f"on {run.host.get('node', '')}: {run.detail or run.incomplete}", lost)
            self._drop()  # this host is tried again last
        said = "; ".join(dict.fromkeys(lost))
        return _not_prepared(job, f"{ATTEMPTS} attempts on Ray came to nothing: {said}")

    def stop(self) -> None:
        """Ends what runs and refuses what comes; does not wait."""
        with self._lock:
            self._stopped = True
            if self._actor is not None:
                self._door.tell(self._actor, "stop")

    def join(self) -> None:
        """Waits until nothing that this slot started lives."""
        self._drop()

    def _note(self, why: str, lost: list[str]) -> None:
        """Remembers a failure of the machines."""
        if self._stopped:
            raise StoppedError
        lost.append(why)
        self._desk.placement.failed(self._node, time.monotonic())

    def _attempt(self, parcel: Parcel) -> Run:
        """Runs a job once.

        Raises:
            LostError: The actor is gone.
            SilentError: The actor does not answer.
            MainstemError: The tree cannot be packed.
            OSError: The logs cannot be kept.
            StoppedError: The slot was stopped.
        """
        job = parcel.job
        found = self._desk.claimed(job.trial) if parcel.attempt == 1 else None
        if found is not None:
            self._drop()
            try:
                self._hold(found.actor)
                self._node = str(self._ask("hello"))
                return self._follow(job)
            finally:
                with self._lock:
                    self._actor = None  # others may have claimed more of it
                self._desk.let_go(job.trial)
        exclude, sort = self._desk.placement.choose(self._desk.sorts(job), job, time.monotonic())
        if self._actor is None or self._resources != job.resources or self._node in exclude:
            self._drop()
            self._open(job, exclude)
        if not self._ask("has", job.tree):
            said = self._ask("take", job.tree, self._desk.pack(job.tree))
            if said:
                return Run(
                    trial=job.trial,
                    ending=Ending.NOT_PREPARED,
                    detail=str(said),
                    host={"node": self._node_name()},
                )
        self._ask("begin", replace(parcel, sort=sort).text(), self._node_name())
        return self._follow(job)

    def _open(self, job: Job, exclude: tuple[str, ...]) -> None:
        """Gets an actor, whenever there is room for it.

        Raises:
            LostError: It could not start, or no living node could ever run it.
            StoppedError: The slot was stopped.
        """
        self._hold(self._door.create(self._desk.next_name(), job, exclude))
        self._resources = job.resources
        with self._desk.lock:
            self._desk.waiting += 1
        try:
            self._node = self._wait_for_room(job, exclude)
        finally:
            with self._desk.lock:
                self._desk.waiting -= 1

    def _wait_for_room(self, job: Job, exclude: tuple[str, ...]) -> str:
        """Waits until the actor has started; its node.

        Raises:
            LostError: It could not start, or no living node could ever run it.
            StoppedError: The slot was stopped.
        """
        since_s = time.monotonic()
        while True:
            try:
                return str(self._door.call(self._actor, "hello", timeout_s=ROOM_S))
            except SilentError:
                self._desk.make_room()
                if self._stopped:
                    raise StoppedError from None
                allowed = set(self._desk.sorts(job)) - set(exclude)
                since_s = time.monotonic() if allowed else since_s
                if time.monotonic() - since_s > NO_ROOM_S:
                    raise LostError("no node that lives can give what its rung asks for") from None

    def _hold(self, actor: Any) -> None:
        """Makes an actor this slot's.

        Raises:
            StoppedError: The slot was stopped; the actor is ended.
        """
        with self._lock:
            self._actor = actor
            stopped = self._stopped
        if stopped:
            self._drop()
            raise StoppedError

    def _ask(self, method: str, *args: Any) -> Any:
        """An answer of the actor.

        Raises:
            LostError: It is gone.
            SilentError: It does not answer.
            StoppedError: The slot was stopped.
        """
        try:
            return self._door.call(self._actor, method, *args, timeout_s=ANSWER_S)
        except (LostError, SilentError):
            if self._stopped:
                raise StoppedError from None
            raise

    def _follow(self, job: Job) -> Run:
        """Waits for a trial's end, and takes in what it left.

        Raises:
            LostError: The actor is gone.
            OSError: The logs cannot be kept.
            StoppedError: The slot was stopped.
        """
        self._desk.begun.add(job.trial)
        try:
            text, files = self._until_it_ends(job)
        finally:
            self._desk.begun.discard(job.trial)
        try:
            run = read_run(text, job.trial)
        except ForeignParcelError as error:
            raise LostError(str(error)) from None
        folder = self._desk.logs / job.trial
        remove_tree(folder)
        if run.log_dir:
            folder.mkdir(parents=True)
            for name, content in files.items():
                (folder / name).write_bytes(content)
        return run

    def _until_it_ends(self, job: Job) -> tuple[str, Mapping[str, bytes]]:
        """A trial's run as JSON and its logs, as soon as it has ended.

        Raises:
            LostError: The actor is gone.
            SilentError: It does not answer any more.
            StoppedError: The slot was stopped.
        """
        while True:
            answer: tuple[str, Mapping[str, bytes]] | None = self._ask("join", job.trial, ASK_S)
            if self._stopped:
                raise StoppedError
            if answer is not None:
                return answer

    def _node_name(self) -> str:
        """The node's name for people."""
        return self._desk.node_name(self._node) if self._node else "no node"

    def _drop(self) -> None:
        """Ends the actor, if there is one."""
        actor = self.detach()
        if actor is not None:
            end(self._door, actor)


def _not_prepared(job: Job, why: str) -> Run:
    """The run of a trial that the machines could not run."""
    return Run(trial=job.trial, ending=Ending.NOT_PREPARED, detail=why)
