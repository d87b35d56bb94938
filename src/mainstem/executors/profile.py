"""The profile of every trial: what it may see and use, at the best level that this machine has.

What a level does is claimed in one place (`_enforced`), and what it leaves open in another
(`gaps`), beside each other; the record of a trial holds both.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mainstem.domain.errors import UsageError
from mainstem.executors import ladder, landlock
from mainstem.executors.bounds import size
from mainstem.executors.confine import Confined, asked
from mainstem.executors.limits import (
    Limits,
    address_space,
    cpu_time_s,
    held_bytes,
    resource_limits,
    tasks_of_user,
)
from mainstem.executors.plan import Level, plan
from mainstem.executors.private import may_hold
from mainstem.executors.toolchain import needed
from mainstem.executors.view import View, look, sockets, there

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

    from mainstem.domain.proposal import TreeId
    from mainstem.domain.trial import Job
    from mainstem.executors.folders import Place
    from mainstem.executors.ladder import Standing

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

_SANDBOXES = (Level.BUBBLEWRAP, Level.NAMESPACES)

_MOST_KEPT = 100
"""How many records and how many trees' sizes are kept."""

_ANY = "\0own"
"""Stands for the name of a trial's folder, in words that are worked out once; no folder has it."""


@dataclass(frozen=True, kw_only=True)
class _Words:
    """bubblewrap's words for any trial.

    Attributes:
        words: The words, with something that stands for a trial's own folders.
        own: Where these stand, and which of them there.
        above: The real paths of what they lie in, each with a slash at its end.
    """

    words: Sequence[str]
    own: Sequence[tuple[int, int]]
    above: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """A view of all trials, and what was worked out from it.

    Attributes:
        view: What is seen, but for a trial's own folders.
        words: By where these lie, the network and the size of shared memory.
        records: What is said of trials, by all that decides it.
    """

    view: View
    words: dict[tuple[tuple[str, ...], bool, int | None], _Words] = field(default_factory=dict)
    records: dict[Hashable, Mapping[str, str]] = field(default_factory=dict)


class Profile:
    """Confines trials; a `mainstem.executors.confine.Confine`.

    Attributes:
        standing: At which level, and why not at a better one.
        limits: What a trial may use where its rung asks for nothing else.
    """

    def __init__(
        self,
        *,
        state: Path,
        closed: Sequence[Path] = (),
        standing: Standing | None = None,
        limits: Limits | None = None,
        writable: Sequence[Path] = (),
        strict: bool = False,
    ) -> None:
        """Takes what is hidden from every trial of a project.

        Args:
            state: The state folder, of which a trial sees its own part only.
            closed: The repository's work trees and git folder.
            standing: The level to use; None is the best of this machine, found out now.
            limits: The defaults of `Limits` if None.
            writable: Folders that every trial may write to, besides its own.
            strict: Whether a trial is refused if something it asks for cannot be enforced.
        """
        self.standing = ladder.stand() if standing is None else standing
        self.limits = Limits() if limits is None else limits
        self._state = state.resolve()
        self._closed = [path.resolve() for path in closed]
        self._writable = list(writable)
        self._strict = strict
        self._held: dict[tuple[TreeId, tuple[str, ...]], int] = {}
        self._views: dict[tuple[Path, ...], View] = {}
        self._shut: dict[tuple[tuple[Path, ...], tuple[Path, ...]], _Seen] = {}

    def __call__(self, job: Job, place: Place, env: Mapping[str, str]) -> Confined:
        """Wraps a job.

        Raises:
            UsageError: It is strict, and something cannot be enforced here.
            OSError: What a limit depends on cannot be found out.
        """
        if self._strict:
            self.require(network=job.network, private=job.private)
        level = self.standing.level
        far = os.path.dirname(place.tmp) != place.work  # noqa: PTH120  # as text, for every trial
        own = [place.work, place.tmp] if far else [place.work]
        wishes = self._wishes(job, env)
        opened = (*needed(job.argv[0], env), *wishes, *_resolver(job))
        seen = self._see(opened, tuple(sockets()))
        disk_bytes = self.limits.disk(place.work, partial(self._held_bytes, job))
        memory_bytes = job.resources.memory_bytes if job.resources is not None else None
        others = 0 if level in _SANDBOXES or os.geteuid() == 0 else tasks_of_user()
        return Confined(
            argv=job.argv,
            env=env,
            record=self._known_record(job, seen, wishes, disk_bytes),
            plan={
                **self._plan(seen, own, network=job.network, shared_bytes=memory_bytes),
                "rlimits": resource_limits(job, self.limits, disk_bytes, others),
            },
            bounds={
                "memory_bytes": memory_bytes,
                "tasks": self.limits.tasks,
                "disk_bytes": disk_bytes,
                "folders": [*own, place.overlay],
            },
        )

    def _plan(
        self, seen: _Seen, own: Sequence[str], *, network: bool, shared_bytes: int | None
    ) -> dict[str, Any]:
        """How a trial is confined to a view and folders of its own; all but limits.

        bubblewrap's words for two trials with the same view differ in their folders alone, so they
        are worked out with names that stand for any, and the trial's own are put in.
        """
        made = partial(
            plan,
            self.standing.level,
            network=network,
            rlimits={},
            scratch_bytes=self.limits.scratch_bytes,
            shared_bytes=shared_bytes,
        )
        if self.standing.level is not Level.BUBBLEWRAP:
            return made(seen.view.writable_too([Path(path).resolve() for path in own]))
        ends = [os.path.split(path) for path in own]
        key = (tuple([folder for folder, _ in ends]), network, shared_bytes)
        kept = seen.words.get(key)
        if kept is None:
            above = [f"{Path(folder).resolve()}/" for folder, _ in ends]
            names = [f"{folder}{number}{_ANY}" for number, folder in enumerate(above)]
            words = made(seen.view.writable_too(map(Path, names)))["bubblewrap"]
            places = [(at, names.index(word)) for at, word in enumerate(words) if word in names]
            seen.words[key] = kept = _Words(words=words, own=places, above=above)
        found = list(kept.words)
        for at, which in kept.own:
            found[at] = kept.above[which] + ends[which][1]
        return {"network": network, "bubblewrap": found}

    def _see(self, opened: tuple[Path, ...], doors: tuple[Path, ...]) -> _Seen:
        """What every trial with these wishes sees besides its own folders; trials are alike."""
        key = (opened, doors)
        found = self._shut.get(key)  # slots ask from several threads, and each keeps what it found
        if found is None:
            base = self._views.get(opened)
            if base is None:
                base = look(
                    secret=[self._state],
                    closed=self._closed,
                    opened=opened,
                    writable=self._writable,
                )
                self._views = {opened: base}
            found = _Seen(view=base.hidden_too(doors))
            self._shut = {key: found}
        return found

    def require(self, *, network: bool, private: Sequence[str]) -> None:
        """Refuses trials of which something that is asked for cannot be enforced here.

        Args:
            network: Whether the network may be used.
            private: What must not be read.

        Raises:
            UsageError: Names what, and what to do.
        """
        open_ends = gaps(self.standing, network=network, private=private)
        if open_ends:
            raise UsageError(
                f"--strict: this machine cannot enforce {'; '.join(open_ends)} (the best that "
                f"works here is {self.standing.level}): {self.standing.remedy}, or run without "
                "--strict"
            )

    def _wishes(self, job: Job, env: Mapping[str, str]) -> dict[Path, str]:
        """Existing paths that the stack names, in a passed variable or the command, with which."""
        named = [(f"${name}", env.get(name, "").split(os.pathsep)) for name in job.passed_env]
        named += [("command", [word.rpartition("=")[2]]) for word in job.argv]
        return {
            Path(text): who
            for who, texts in named
            for text in texts
            if text.startswith("/") and there(text) and not self._holds_private(job, Path(text))
        }

    def _holds_private(self, job: Job, path: Path) -> bool:
        """Whether a path of the project may hold what the stack declares private."""
        real = path.resolve()
        return any(
            may_hold(job.private, str(real.relative_to(root)))
            for root in self._closed
            if real.is_relative_to(root)
        )

    def _held_bytes(self, job: Job, folder: str) -> int:
        """What a trial's folder holds before it starts: its tree, which is summed once."""
        return _kept(self._held, (job.tree, job.private), lambda: held_bytes(folder))

    def _known_record(
        self, job: Job, seen: _Seen, wishes: Mapping[Path, str], disk_bytes: int
    ) -> Mapping[str, str]:
        """What becomes `Run.confinement`; trials of a rung have one and the same."""
        disk = size(disk_bytes)
        wished = tuple(wishes.items())
        key = (job.network, job.private, job.resources, job.timeout_s, wished, disk)
        return _kept(seen.records, key, lambda: self._record(job, seen.view, wishes, disk_bytes))

    def _record(
        self, job: Job, view: View, wishes: Mapping[Path, str], disk_bytes: int
    ) -> dict[str, str]:
        """What becomes `Run.confinement`."""
        named = {path.resolve(): who for path, who in wishes.items()}
        opened = [f"{path} ({named[path]})" if path in named else str(path) for path in view.opened]
        left_open = gaps(self.standing, network=job.network, private=job.private)
        enforced = [*_enforced(self.standing, job), *_limits(self, job, disk_bytes)]
        record = {
            "profile": str(self.standing.level),
            "asked": asked(job),
            "enforced": "; ".join(enforced),
            "not_enforced": "; ".join(left_open) or "nothing of it",
        }
        if self.standing.level is Level.LIMITS:
            return record
        if opened:
            record["opened"] = " ".join(opened)
        # Of what the toolchain would like to see nobody was promised anything.
        refused = [f"{path} ({wishes[path]})" for path in view.refused if path in wishes]
        if refused:
            record["not_opened"] = " ".join(refused)
        return record


def _kept(kept: dict[_Key, _Value], key: _Key, make: Callable[[], _Value]) -> _Value:
    """What `make` gives, made once for a key; slots ask at once, so nothing is looked up twice."""
    found = kept.get(key)
    if found is None:
        found = make()
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[key] = found
    return found


def _resolver(job: Job) -> list[Path]:
    """Where names of hosts are looked up, which can lie in a hidden folder."""
    return [Path("/etc/resolv.conf").resolve()] if job.network else []


def _enforced(standing: Standing, job: Job) -> Iterator[str]:
    """What a level does, besides limits."""
    level = standing.level
    if level is not Level.LIMITS:
        yield (
            "files: the system read-only; hidden: homes, this project, its record, other trials, "
            "/run, /tmp; writable: its own folder"
        )
    if level in _SANDBOXES:
        yield f"network: {'the host (asked for)' if job.network else 'none but its own loopback'}"
        yield "processes: sees and signals only its own"
    elif level is Level.LANDLOCK:
        if job.network:
            yield "network: the host (asked for)"
        elif standing.landlock_abi >= landlock.ABI_TCP:
            yield "network: no TCP"
        if standing.landlock_abi >= landlock.ABI_SIGNALS:
            yield "processes: signals only its own"
    yield "privileges: none, nor by setuid programs"


def _limits(profile: Profile, job: Job, disk_bytes: int) -> Iterator[str]:
    """What every level does."""
    wishes = job.resources
    if wishes is not None and wishes.memory_bytes is not None:
        yield f"memory: {size(wishes.memory_bytes)} in all"
    space = address_space(job)
    if space is not None:
        yield f"address space: {size(space)} a process"
    yield f"CPU time: {cpu_time_s(job)} s a process"
    yield f"processes and threads: {profile.limits.tasks}"
    yield f"disk: {size(disk_bytes)} in all and a file"
    yield "no core dumps"


def gaps(standing: Standing, *, network: bool, private: Sequence[str]) -> list[str]:
    """What is asked for and this level does not enforce, a line each; empty if all is enforced.

    Every trial asks for a read-only system, a hidden home, record and neighbours, and for being
    kept from other processes; a stack, for no network and for private files.
    """
    level = standing.level
    if level in _SANDBOXES:
        return []
    if level is Level.LIMITS:
        found = ["files (it can read and write what this user can)"]
        found += [] if network else ["network: off (it can open any connection)"]
        found += ["processes (it can see and signal those of this user)"]
        found += ["private files (they can be read from the repository)"] if private else []
        return found
    found = ["files (names and sizes can be seen, and /dev/shm is shared)"]
    if not network:
        tcp = "" if standing.landlock_abi >= landlock.ABI_TCP else "TCP, "
        found.append(f"network: off ({tcp}UDP and sockets in folders are not stopped)")
    signals = "" if standing.landlock_abi >= landlock.ABI_SIGNALS else " and signalled"
    found.append(f"processes (others can be seen{signals})")
    return found
