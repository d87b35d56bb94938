"""The worker host's side of a cluster: runs a parcel there as the local executor would here.

It works in a scratch folder of its host, one per store, with the same slot, folders, keeper and
profile as trials of the campaign's machine, so a trial is confined, timed and killed in the same
way everywhere. What it needs of the recipe comes as a git pack and is kept by tree.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mainstem.domain.errors import MainstemError, UsageError
from mainstem.domain.trial import Ending, Run
from mainstem.executors.confine import unconfined
from mainstem.executors.folders import Folders, reason, remove_tree
from mainstem.executors.profile import Profile
from mainstem.executors.slot import Slot, StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mainstem.domain.proposal import TreeId
    from mainstem.executors.confine import Confine
    from mainstem.executors.parcel import Parcel

SCRATCH_VARIABLE = "MAINSTEM_SCRATCH"
"""Names a worker host's scratch folder; without it, one of this user below `TMPDIR`."""

DEVICES = (
    "CUDA_VISIBLE_DEVICES",
    "NVIDIA_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES",
    "ZE_AFFINITY_MASK",
    "ASCEND_RT_VISIBLE_DEVICES",
    "TPU_VISIBLE_CHIPS",
)
"""By these a scheduler says which accelerators are a job's: a trial must see them."""

BUSY_S = 60.0
"""How long a trial waits for an earlier attempt of itself on this host to be gone."""


class Trees(Protocol):
    """The trees that a worker host was sent."""

    def has(self, tree: TreeId) -> bool:
        """Whether a tree came here before."""
        ...

    def take(self, tree: TreeId, pack: bytes) -> None:
        """Takes a tree's pack in."""
        ...

    def materialise(self, tree: TreeId, into: Path) -> None:
        """Writes the tree's files into the new folder `into`."""
        ...


def scratch_root(environ: Mapping[str, str]) -> Path:
    """The scratch folder of this user on this host, made if it is not there.

    Raises:
        UsageError: It cannot be made, or is somebody else's.
    """
    named = environ.get(SCRATCH_VARIABLE)
    root = Path(named or Path(tempfile.gettempdir(), f"mainstem-{os.getuid()}"))
    try:
        root.mkdir(mode=0o700, parents=named is not None, exist_ok=True)
        found = root.lstat()
    except OSError as error:
        raise UsageError(
            f"the scratch folder {root} cannot be made: {reason(error)}; name another in "
            f"{SCRATCH_VARIABLE} on this node"
        ) from None
    # In /tmp anybody can be first: what is made there must not be read or exchanged by others.
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    if not mine or (named is None and stat.S_IMODE(found.st_mode) & 0o077):
        raise UsageError(
            f"the scratch folder {root} is not this user's alone: remove it, or name another in "
            f"{SCRATCH_VARIABLE} on this node"
        )
    return root


class Worker:
    """Runs one parcel after another on this host; `stop` may be called from any thread."""

    def __init__(self, scratch: Path, trees: Trees) -> None:
        """Takes its share of a store's scratch folder, and ends what killed workers left in it.

        Args:
            scratch: The store's folder on this host.
            trees: The trees that came to this host.

        Raises:
            UsageError: The folder cannot be used.
        """
        self._trees = trees
        self._folders = Folders(scratch)
        self._slot: Slot | None = None
        self._stopped = False

    @property
    def trees(self) -> Trees:
        """The trees that came to this host."""
        return self._trees

    def run(self, parcel: Parcel, *, node: str, devices: Mapping[str, str]) -> Run:
        """Runs a parcel's job to its end; its logs are kept until `clear`.

        What goes wrong around it, such as a strict wish that this host cannot fulfil, is a run
        that could not be prepared.

        Args:
            parcel: What to run.
            node: The scheduler's name of this host, for the record.
            devices: This process's environment, of which the variables in `DEVICES` are handed on.

        Raises:
            StoppedError: The worker was stopped before the job ended.
        """
        given = {name: devices[name] for name in DEVICES if name in devices}
        job = replace(parcel.job, passed_env=(*parcel.job.passed_env, *given))
        failed = Run(trial=job.trial, ending=Ending.NOT_PREPARED)
        try:
            confine = self._confine(parcel)
            with self._alone(job.trial):
                slot = self._make_slot(parcel, {**parcel.environ, **given}, confine)
                run = slot.perform(job)
        except MainstemError as error:
            run = replace(failed, detail=str(error))
        except OSError as error:
            run = replace(failed, detail=reason(error))
        return replace(run, host={**run.host, "node": node, "attempt": str(parcel.attempt)})

    def logs(self, trial: str) -> Path:
        """The folder with a trial's logs."""
        return self._folders.workspace / "logs" / trial

    def clear(self, trial: str) -> None:
        """Removes a trial's logs.

        Raises:
            OSError: They cannot be removed.
        """
        remove_tree(self.logs(trial))

    def stop(self) -> None:
        """Kills what runs and refuses what comes; does not wait."""
        self._stopped = True
        if self._slot is not None:
            self._slot.stop()

    def close(self) -> None:
        """Stops, waits until nothing of it lives, and gives the folder back."""
        self.stop()
        if self._slot is not None:
            self._slot.join()
        self._folders.release()

    def _make_slot(self, parcel: Parcel, environ: Mapping[str, str], confine: Confine) -> Slot:
        """A slot for this parcel; the one before has nothing left to do.

        Raises:
            StoppedError: The worker was stopped.
        """
        if self._slot is not None:
            self._slot.join()
        self._slot = Slot(
            folders=self._folders,
            materialise=self._trees.materialise,
            confine=confine,
            grace_s=parcel.grace_s,
            environ=environ,
            attempts=1,  # whose end is not the trial's is run again by the cluster
        )
        if self._stopped:
            raise StoppedError
        return self._slot

    def _confine(self, parcel: Parcel) -> Confine:
        """What the trial is kept from on this host.

        Raises:
            UsageError: The wish is strict, and this host cannot enforce what is asked.
        """
        wish, job = parcel.wish, parcel.job
        if not wish.confined:
            return unconfined
        profile = Profile(
            state=self._folders.workspace,
            closed=[Path(name) for name in wish.closed],
            strict=wish.strict,
        )
        if wish.strict:
            profile.require(network=job.network, private=job.private)
        return profile

    @contextlib.contextmanager
    def _alone(self, trial: str) -> Iterator[None]:
        """Sees to it that no earlier attempt of a trial is still at work in its folders here.

        Raises:
            UsageError: It does not go away.
            OSError: The lock cannot be made.
        """
        path = self._folders.workspace / "busy" / trial
        path.parent.mkdir(exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(handle, trial, lambda: self._stopped)
            yield
        finally:
            os.close(handle)


def _lock(handle: int, trial: str, stopped: Callable[[], bool]) -> None:
    """Takes a lock, patiently.

    Raises:
        UsageError: Somebody else holds it all the time.
        StoppedError: The worker was stopped meanwhile.
    """
    deadline_s = time.monotonic() + BUSY_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if stopped():
                raise StoppedError from None
            if time.monotonic() > deadline_s:
                raise UsageError(f"an earlier attempt of {trial} is still there") from None
            time.sleep(0.1)
        else:
            return
