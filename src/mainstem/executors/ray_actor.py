"""What lives on a Ray node: one slot's actor, which runs trials and keeps their results.

An actor is detached: the campaign can die, its trial goes on, and the next campaign finds the actor
by its name, with all that it has. It is asked, never waited for inside: no call blocks longer than
it is told, so that `stop` always comes through (`ray.cancel` cannot interrupt a wait).

An actor that nobody asks for long enough ends itself and gives its resources back.
"""

from __future__ import annotations

import importlib
import os
import threading
import time
from typing import TYPE_CHECKING

from mainstem.domain.errors import MainstemError
from mainstem.domain.proposal import TreeId
from mainstem.executors.parcel import read_parcel, run_text
from mainstem.executors.slot import StoppedError

if TYPE_CHECKING:
    from mainstem.executors.parcel import Parcel
    from mainstem.executors.worker import Worker

KEEP_S = 3600.0
"""How long results wait for a campaign that does not ask."""

IDLE_S = 300.0
"""How long an actor without trial or result waits for one."""

KEPT_RESULTS = 4
"""How many results are kept, the newest: one that was handed over may not be written down yet."""

CONCURRENCY = 8
"""Calls that an actor serves at once: one waits, the others must come through."""


class TrialActor:
    """Runs one parcel at a time; see `mainstem.executors.on_ray` for who calls what."""

    def __init__(self, module: str, store: str) -> None:
        """Takes its share of the store's scratch folder on this host.

        Args:
            module: What makes workers.
            store: Names the campaign's store.

        Raises:
            MainstemError: The host cannot be used.
        """
        self._worker: Worker = importlib.import_module(module).make_worker(store)
        self._changed = threading.Condition()
        self._parcel: Parcel | None = None
        self._results: dict[str, tuple[str, str, dict[str, bytes]]] = {}
        self._asked_s = time.monotonic()
        self._ending = False
        threading.Thread(target=self._watch, daemon=True).start()

    def touch(self) -> None:
        """Says that somebody cares."""
        self._asked_s = time.monotonic()

    def has(self, tree: str) -> bool:
        """Whether a recipe's files came to this host before."""
        self.touch()
        return self._worker.trees.has(TreeId(tree))

    def take(self, tree: str, pack: bytes) -> str:
        """Takes a recipe's files in; what went wrong, "" if nothing."""
        self.touch()
        try:
            self._worker.trees.take(TreeId(tree), pack)
        except MainstemError as error:
            return str(error)
        return ""

    def begin(self, text: str, node: str) -> None:
        """Starts a trial; nothing runs at present."""
        self.touch()
        parcel = read_parcel(text)
        with self._changed:
            self._results.pop(parcel.job.trial, None)
            self._parcel = parcel
        threading.Thread(target=self._perform, args=(parcel, node), daemon=True).start()

    def look(self) -> list[tuple[str, str, str, tuple[str, ...]]]:
        """Trial, digest, pair and sort of what runs; trial and digest of what has ended."""
        self.touch()
        with self._changed:
            found: list[tuple[str, str, str, tuple[str, ...]]] = [
                (trial, digest, "", ()) for trial, (digest, _, _) in self._results.items()
            ]
            if self._parcel is not None:
                job = self._parcel.job
                found.append((job.trial, self._parcel.digest, job.pair, self._parcel.sort))
            return found

    def join(self, trial: str, timeout_s: float) -> tuple[str, dict[str, bytes]] | None:
        """A trial's run as JSON and its logs; None if it has not ended in that time."""
        self.touch()
        with self._changed:
            self._changed.wait_for(lambda: trial in self._results or self._ending, timeout_s)
            found = self._results.get(trial)
        self.touch()
        return None if found is None else found[1:]

    def stop(self) -> None:
        """Ends the trial; returns when nothing of it lives."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        self._worker.close()

    def _perform(self, parcel: Parcel, node: str) -> None:
        """Runs a trial and keeps what came of it."""
        trial = parcel.job.trial
        try:
            run = self._worker.run(parcel, node=node, devices=os.environ)
            text, logs = run_text(run), self._logs(trial)
        except StoppedError:
            return
        except BaseException:  # noqa: BLE001  # not swallowed: the campaign sees an actor that died
            os._exit(1)
        with self._changed:
            self._parcel = None
            self._results[trial] = (parcel.digest, text, logs)
            while len(self._results) > KEPT_RESULTS:
                del self._results[next(iter(self._results))]
            self._changed.notify_all()

    def _logs(self, trial: str) -> dict[str, bytes]:
        """A trial's logs; they are in memory from here on."""
        folder = self._worker.logs(trial)
        files = sorted(folder.iterdir()) if folder.is_dir() else []
        found = {f.name: f.read_bytes() for f in files if f.is_file() and not f.is_symlink()}
        self._worker.clear(trial)
        return found

    def _watch(self) -> None:
        """Ends the actor when nobody has asked for too long."""
        while True:
            time.sleep(5.0)
            with self._changed:
                patience_s = KEEP_S if self._results else IDLE_S
                forgotten = time.monotonic() - self._asked_s > patience_s
                if self._parcel is None and forgotten:
                    os._exit(0)
