"""What `show` said last, and what was weighed for it, kept beside the ledger.

Weighing thousands of trials takes minutes, and what is shown changes only when something is written
down. So what is shown is kept with a key of all that it came of; another key, or a file that cannot
be read, and it is worked out anew. What was weighed is kept with the line that it took in last:
while a long campaign goes on, who looks is shown that, and as of when it is. A working `integrate`
keeps it up, in a small part of its time.

The engine is loaded where it is needed: half of a kept page's time would go into it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mainstem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mainstem.domain.proposal import CommitId
    from mainstem.domain.stack import Stack
    from mainstem.engine.ports import Entry, Ledger
    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.engine.restore import Restored
    from mainstem.engine.views.listing import Weighed

_FILE = "shown.json"
_WEIGHED = "weighed.json"

SHARE = 0.05
"""What part of its time a campaign weighs for who looks, at most; its end is always weighed."""


def key_of(stack: Stack, ledger: Ledger, trunk: CommitId) -> str:
    """A digest of what is shown comes of: settings, the end of the record, the trunk, the code.

    Raises:
        StoreError: The ledger cannot be read.
    """
    content = [repr(stack), *map(str, ledger.end()), trunk, code()]
    return hashlib.sha256("\n".join(content).encode()).hexdigest()


def read(state: Path, key: str) -> dict[str, Any] | None:
    """What was shown with this key; None if it was another one that was shown last."""
    kept = _kept(state / _FILE, key)
    return None if kept is None else kept["report"]


def write(state: Path, key: str, report: Mapping[str, Any]) -> dict[str, Any]:
    """Keeps what is shown, and returns it as it will be read.

    A folder that cannot be written costs time, nothing else.
    """
    return _keep(state / _FILE, {"key": key, "report": report})


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What was weighed last of a ledger that goes on.

    Attributes:
        line: The last line that was taken in.
        trunk: The trunk's commit then.
        report: The documented JSON of `show` as of that line.
        since: What was written down after it.
    """

    line: int
    trunk: str
    report: dict[str, Any]
    since: Sequence[Entry]

    @property
    def weighed(self) -> Weighed:
        """The same, for who lists what is new."""
        from mainstem.engine.record import VERDICT
        from mainstem.engine.views.listing import Weighed

        told = frozenset(e.body["proposal"] for e in self.since if e.kind == VERDICT)
        return Weighed(line=self.line, report=self.report, told=told)

    def still(self, trunk: CommitId) -> dict[str, Any] | None:
        """What was shown then, dated; None where more has come than trials of its campaign."""
        from mainstem.engine.record import BATCH_ASKED, TRIAL_FINISHED, TRIAL_LATE
        from mainstem.engine.views.overview import ALL_PAIRS

        # These change nothing of a list of proposals but figures.
        of_trials = {BATCH_ASKED, TRIAL_FINISHED, TRIAL_LATE}
        if trunk != self.trunk or any(entry.kind not in of_trials for entry in self.since):
            return None
        ended = sum(entry.kind == TRIAL_FINISHED for entry in self.since)
        done = self.report["trials"]["done"]
        dated = {"line": self.line, "trials": done, "since": ended}
        # Of very many proposals a campaign leaves the pairs to who asks for them.
        whole = not self.since and len(self.report["proposals"]) <= ALL_PAIRS
        return {**self.report, "weighed": None if whole else dated}


def weighed_last(state: Path, stack: Stack, ledger: Ledger) -> Kept | None:
    """What was weighed last; None if that was with other settings, other code or another ledger.

    Raises:
        StoreError: The ledger cannot be read.
    """
    kept = _kept(state / _WEIGHED, _settings(stack))
    if kept is None or not isinstance(kept.get("line"), int):
        return None
    line = int(kept["line"])
    found = ledger.latest(before=line + 1, most=1)
    if not found or (found[0].seq, found[0].hash) != (line, kept.get("hash")):
        return None  # the file of another ledger, or this one was put back
    since = list(ledger.entries(after=line))
    return Kept(line=line, trunk=kept["trunk"], report=kept["report"], since=since)


def keep_weighed(
    state: Path, stack: Stack, ledger: Ledger, report: Mapping[str, Any], *, line: int
) -> None:
    """Keeps what was weighed of the ledger up to a line.

    Raises:
        StoreError: The ledger cannot be read.
    """
    found = ledger.latest(before=line + 1, most=1)
    if found:
        stamp = {"line": line, "hash": found[0].hash, "trunk": report["trunk"]["commit"]}
        _keep(state / _WEIGHED, {"key": _settings(stack), **stamp, "report": report})


class Keeping:
    """Keeps what a working campaign weighs: called whenever it has decided what comes next."""

    def __init__(
        self,
        state: Path,
        stack: Stack,
        ledger: Ledger,
        weigh: Callable[[Record, CampaignRecord, Restored], dict[str, Any]],
    ) -> None:
        """Weighs nothing yet.

        Args:
            state: The state folder.
            stack: The stack's description.
            ledger: The record.
            weigh: Works out the documented JSON of `show`.
        """
        self._state, self._stack, self._ledger, self._weigh = state, stack, ledger, weigh
        self._next_s = 0.0

    def __call__(
        self, record: Record, campaign: CampaignRecord, state: Restored, *, last: bool
    ) -> None:
        """Keeps it, if that is worth it and not too soon.

        Args:
            record: What the ledger holds.
            campaign: The campaign.
            state: Where it stands.
            last: Whether nothing more is weighed after this.
        """
        from mainstem.engine.views.listing import MOST_RUNS, runs

        start_s = time.monotonic()
        if runs(campaign) < MOST_RUNS or (start_s < self._next_s and not last):
            return
        report = self._weigh(record, campaign, state)
        keep_weighed(self._state, self._stack, self._ledger, report, line=record.seq)
        now_s = time.monotonic()
        self._next_s = now_s + (now_s - start_s) * (1.0 / SHARE - 1.0)


def _settings(stack: Stack) -> str:
    """A digest of what weighing depends on beside the record."""
    return hashlib.sha256(f"{stack!r}\n{code()}".encode()).hexdigest()


def _kept(path: Path, key: str) -> dict[str, Any] | None:
    """A kept file; None if it is not there, damaged, or of another key."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(kept, dict) or kept.get("key") != key:
        return None
    return kept


def _keep(path: Path, content: Mapping[str, Any]) -> dict[str, Any]:
    """Replaces a kept file as a whole; its report as it will be read."""
    text = json.dumps(content)
    part = path.with_suffix(".part")
    with contextlib.suppress(OSError):
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    found: dict[str, Any] = json.loads(text)["report"]
    return found


@cache
def code() -> str:
    """Which Mainstem this is; sizes and times of its files, as a work tree keeps its version."""
    lines = sorted(_sources(str(Path(mainstem.__file__).parent)))
    return "\n".join([mainstem.__version__, *lines])


def _sources(folder: str) -> Iterator[str]:
    """A line for each Python file below a folder; as text, as there are hundreds."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _sources(entry.path)
            elif entry.name.endswith(".py"):
                found = entry.stat()
                yield f"{entry.name} {found.st_size} {found.st_mtime_ns}"
