"""Trials on a Ray cluster: a detached actor per slot, found again by its name.

The queue and its slots are those of the local executor; a slot here has its trial run by an actor
on some node. An actor or a node that is lost loses one attempt, and the trial is run again
elsewhere, a few times; then the machines' failure is reported. The campaign may die: its actors go
on in a namespace of the store, and the next executor takes over those that have what it is asked
for. What it is not asked for before it first waits is ended.

The only home of `ray`, which is an extra and is imported when an executor is made.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import socket
import sys
import threading
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError
from mainstem.executors.kinds import Placement
from mainstem.executors.local import SlotsExecutor, refuse_unusable
from mainstem.executors.owners import CLUSTER, Owner, store_key
from mainstem.executors.parcel import Parcel, Wish
from mainstem.executors.ray_actor import CONCURRENCY, TrialActor
from mainstem.executors.ray_slot import (
    Desk,
    Found,
    LostError,
    RayNode,
    RaySlot,
    SilentError,
    end,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from mainstem.domain.proposal import TreeId
    from mainstem.domain.trial import Job, Run, TrialId

INSTALL = "pip install 'mainstem[ray]'"

CONNECT_S = 10.0
"""How long a cluster's door may take to answer."""

LOOK_S = 15.0
"""How long a found actor may take to say what it has; one that waits for room has nothing."""

CLIENT_TRIES = 3
"""How often a connection through a client server is tried."""

_OWN = "local"
_NODE_ID = "ray.io/node-id"

_users: dict[str, int] = {}
"""How many executors of this process use the connection, which Ray has one of, by address."""

_connecting = threading.Lock()


class RayExecutor(SlotsExecutor):
    """Runs jobs on a Ray cluster, `slots` at a time, in the order of submission."""

    def __init__(
        self,
        *,
        slots: int,
        state: Path,
        pack: Callable[[TreeId], bytes],
        worker: str,
        environ: Callable[[Job], Mapping[str, str]],
        wish: Wish,
        address: str | None = None,
        grace_s: float = 5.0,
    ) -> None:
        """Connects, and takes over what a killed campaign left on the cluster.

        Args:
            slots: How many jobs run at once, at least 1.
            state: The state folder.
            pack: Gives a tree as a git pack.
            worker: The module on the nodes that makes workers.
            environ: What of this environment goes along with a job.
            wish: How trials are confined.
            address: The cluster's, as `ray.init` takes it; None starts one on this machine,
                which ends with this process.
            grace_s: How long a trial may take to end after SIGTERM.

        Raises:
            ValueError: `slots` is below 1.
            UsageError: Ray is not installed, the cluster is not there, or the state folder cannot
                be used.
        """
        state = state.resolve()
        store = store_key(state)
        self._owner = Owner(state / CLUSTER / "ray")
        try:
            self._door = _Door(address or _OWN, f"mainstem-{store}", worker, store)
        except BaseException:
            self._owner.end()
            raise

        def parcel(job: Job) -> Parcel:
            made = environ(job)
            return Parcel(job=job, store=store, environ=made, wish=wish, grace_s=grace_s)

        self._desk = Desk(
            door=self._door,
            name=self._owner.name,
            logs=state / "logs",
            pack=pack,
            parcel=parcel,
            placement=Placement(),
        )
        self._waited = False
        super().__init__(slots=slots, make_slot=partial(RaySlot, self._desk), release=self._leave)
        self._take_over()

    def require(self, job: Job) -> None:
        """Sees to it that some node could run such a job.

        Raises:
            UsageError: None could.
        """
        nodes = self._door.nodes()
        wishes = job.resources
        if wishes is None or any(node.fits(wishes) for node in nodes):
            return
        memory = "" if wishes.memory_bytes is None else f", {wishes.memory_bytes / 1e9:g} GB"
        there = "; ".join(
            f"{node.name}: gpus {node.gpus:g}, cpus {node.cpus:g}, {node.memory_bytes / 1e9:.1f} GB"
            for node in nodes[:4]
        )
        raise UsageError(
            f"no node of the Ray cluster can run a trial that asks for gpus {wishes.gpus}, cpus "
            f"{wishes.cpus}{memory} (it has {there or 'no node'}): change [rungs.resources], or "
            "add such a node"
        )

    def submit(self, job: Job) -> None:
        """Takes a job; one that a killed campaign had started is taken over with what it did since.

        Raises:
            ValueError: The trial's name is no folder name, the command is empty, or a trial of
                that name is under way.
            RuntimeError: The executor is closed.
        """
        refuse_unusable(job)
        self._desk.claim(job.trial, self._desk.parcel(job).digest)
        super().submit(job)

    def wait(self, timeout_s: float | None = None) -> list[Run]:
        """The runs that have ended since the last call; waits for one if there is none.

        Returns an empty list when nothing is under way or the timeout has passed.

        Raises:
            Exception: A fault of this executor that no trial can be blamed for.
        """
        if not self._waited:
            self._waited = True
            self._desk.let_go()
        return super().wait(timeout_s)

    def running(self) -> list[TrialId]:
        """The trials that have started and not ended; one that waits for room has not started."""
        return [trial for trial in super().running() if trial in self._desk.begun]

    def _take_over(self) -> None:
        """Finds the actors that no living campaign looks after; those without a trial end."""
        for name, actor in self._door.actors():
            if name.partition("-")[0] in self._owner.living:
                continue
            try:
                said = self._door.call(actor, "look", timeout_s=LOOK_S)
            except (LostError, SilentError):
                self._door.kill(actor)
                continue
            for _, _, pair, sort in said:
                self._desk.placement.remember(pair, tuple(sort))
            digests = {trial: digest for trial, digest, _, _ in said}
            self._desk.found.append(Found(actor=actor, digests=digests))

    def _leave(self) -> None:
        """Ends every actor that is left, and lets go of the cluster."""
        with self._desk.lock:
            found, self._desk.found = self._desk.found, []
        for each in found:
            end(self._door, each.actor)
        self._door.close()
        self._owner.end()


class _Door:
    """The connection to a cluster; see `mainstem.executors.ray_slot.Door`."""

    def __init__(self, address: str, namespace: str, module: str, store: str) -> None:
        """Connects this process, or shares its connection.

        Raises:
            UsageError: Ray is not installed, or there is no such cluster.
        """
        self._address = address
        self._namespace = namespace
        self._arguments = (module, store)
        self._open = False
        if address == _OWN and "ray" not in sys.modules:
            # It listens on every interface, and whoever connects runs what they like. Ray reads
            # this when it is imported.
            secret = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
            os.environ.update(secret)
        self._ray = _import_ray()
        with _connecting:
            self._connect()
            _users[address] = _users.get(address, 0) + 1
            self._open = True

    def close(self) -> None:
        """Lets go of the connection. May be called twice."""
        with _connecting:
            if not self._open:
                return
            self._open = False
            _users[self._address] -= 1
            if not _users[self._address]:
                del _users[self._address]
                self._ray.shutdown()

    def nodes(self) -> list[RayNode]:
        """The nodes that live.

        Raises:
            LostError: The cluster is gone.
        """
        with self._faults():
            listed = self._ray.nodes()
        found = []
        for node in listed:
            if not node["Alive"]:
                continue
            has, labels = node["Resources"], node.get("Labels", {})
            sort = [f"{k}={v}" for k, v in labels.items() if k != _NODE_ID]
            sort += [name for name in has if name.startswith("accelerator_type:")]
            found.append(
                RayNode(
                    id=node["NodeID"],
                    name=node["NodeManagerAddress"],
                    sort=tuple(sorted(sort)),
                    cpus=has.get("CPU", 0.0),
                    gpus=has.get("GPU", 0.0),
                    memory_bytes=has.get("memory", 0.0),
                )
            )
        return found

    def create(self, name: str, job: Job, exclude: tuple[str, ...]) -> Any:
        """Asks for a new actor that is not on these nodes; it comes when there is room.

        Raises:
            LostError: The cluster is gone.
        """
        wishes = job.resources
        options: dict[str, Any] = {
            "name": name,
            "namespace": self._namespace,
            "lifetime": "detached",
            "max_restarts": 0,
            "max_concurrency": CONCURRENCY,
            "num_cpus": 1 if wishes is None else wishes.cpus,
            "num_gpus": 0 if wishes is None else wishes.gpus,
        }
        if wishes is not None and wishes.memory_bytes is not None:
            options["memory"] = wishes.memory_bytes
        if exclude:
            options["label_selector"] = {_NODE_ID: f"!in({','.join(exclude)})"}
        with self._faults():
            return self._ray.remote(_Actor).options(**options).remote(*self._arguments)

    def call(self, actor: Any, method: str, *args: Any, timeout_s: float) -> Any:
        """What an actor answers.

        Raises:
            LostError: It is gone.
            SilentError: It does not answer in time.
        """
        try:
            with self._faults():
                return self._ray.get(getattr(actor, method).remote(*args), timeout=timeout_s)
        except self._ray.exceptions.GetTimeoutError:
            raise SilentError(f"no answer in {timeout_s:g} s") from None

    def tell(self, actor: Any, method: str) -> None:
        """Calls an actor and does not wait; one that has gone is no error."""
        with contextlib.suppress(LostError), self._faults():
            getattr(actor, method).remote()

    def kill(self, actor: Any) -> None:
        """Ends an actor at once; one that has gone is no error."""
        with contextlib.suppress(LostError), self._faults():
            self._ray.kill(actor)

    def actors(self) -> Iterator[tuple[str, Any]]:
        """The actors of this store by name."""
        for each in self._ray.util.list_named_actors(all_namespaces=True):
            if each["namespace"] == self._namespace:
                try:
                    yield each["name"], self._ray.get_actor(each["name"], self._namespace)
                except ValueError:
                    continue  # it has gone meanwhile

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        """Turns Ray's many errors into one; a timeout stays.

        Raises:
            LostError: An actor, a node or the connection is gone.
        """
        errors = self._ray.exceptions
        try:
            yield
        except errors.GetTimeoutError:
            raise
        except (errors.RayError, ConnectionError, RuntimeError) as error:
            raise LostError(_one_line(error)) from None

    def _connect(self) -> None:
        """Connects this process, if it is not.

        Raises:
            UsageError: There is no such cluster, or the process is connected to another one.
        """
        if self._ray.is_initialized():
            if self._address in _users:
                return
            raise UsageError(
                "this process is connected to a Ray cluster already, and Ray allows one: "
                "disconnect it (ray.shutdown()) first"
            )
        # A trial that asks for no accelerator sees none, also with a Ray that changes its mind.
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "1")
        _require_listener(self._address)
        _hush()
        own = {"include_dashboard": False} if self._address == _OWN else {}
        # A client server starts a process for each client, which a busy machine may not do in time.
        tries = CLIENT_TRIES if self._address.startswith("ray://") else 1
        for left in reversed(range(tries)):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", FutureWarning)  # about just that
                    self._ray.init(
                        address=self._address,
                        log_to_driver=False,
                        logging_level=logging.ERROR,
                        **own,
                    )
            except (RuntimeError, ValueError, OSError) as error:
                if not left:
                    raise _no_cluster(self._address, error) from None
            else:
                return


class _Actor(TrialActor):
    """An actor that can say where it is: only this module knows Ray."""

    def hello(self) -> str:
        """The id of the node that it lives on."""
        self.touch()
        node: str = _import_ray().get_runtime_context().get_node_id()
        return node


def _require_listener(address: str) -> None:
    """Sees to it that somebody listens at an address.

    Ray itself would try for minutes and write its attempts to the terminal.

    Raises:
        UsageError: Nobody does.
    """
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon:
        return  # `local` or `auto`
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_S).close()
    except (OSError, ValueError, OverflowError) as error:
        raise _no_cluster(address, error) from None


def _no_cluster(address: str, error: BaseException) -> UsageError:
    return UsageError(
        f"-x ray: no Ray cluster at {address}: {_one_line(error)}; start one "
        "(`ray start --head`), or name its address"
    )


def _hush() -> None:
    """Keeps Ray from writing what nodes report into our standard output.

    `log_to_driver=False` leaves that out. What matters comes back as an error of a call.
    """
    module: Any = sys.modules["ray._private.worker"]
    if hasattr(module, "print_to_stdstream"):
        module.print_to_stdstream = lambda *_words, **_more: None


def _import_ray() -> Any:
    """The library.

    Raises:
        UsageError: It is not installed.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise UsageError(f"-x ray needs Ray ({error}): {INSTALL}") from None
    return ray


def _one_line(error: BaseException) -> str:
    """The last words of an error of Ray's, which can be pages."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    shown = lines[-1] if lines else type(error).__name__
    return shown[:300]
