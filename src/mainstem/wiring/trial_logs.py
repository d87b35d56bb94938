"""What a trial printed, for whoever asks for it: from this state folder, or where else it is."""

from __future__ import annotations

import platform
import re
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError
from mainstem.engine import record as records
from mainstem.executors.kept import kept_logs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mainstem.engine.ports import Entry, Ledger

_TRIAL = re.compile(r"[ckt]\d+\.\d+")


def trial_log(ledger: Ledger, state: Path, trial: str) -> dict[str, Any]:
    """What a trial wrote, or where that is, its rung, and the cause if it failed.

    Args:
        ledger: Knows how it ended, and in a team where.
        state: This project's state folder.
        trial: Its name.

    Raises:
        UsageError: There is no such trial, or its log cannot be read.
    """
    end = _end(ledger, trial)
    failure = None if end is None else end["failure"]
    place = None if end is None else _elsewhere(end, state)
    said = {"failure": failure, "rung": _rung(ledger, trial), **_by_step(end)}
    if place is not None:
        # What is here of that name, if anything, is of a run that did not count.
        return {"stdout": "", "stderr": "", **said, "elsewhere": place}
    found = kept_logs(state, trial) if _TRIAL.fullmatch(trial) else None
    if found is None and failure is None:
        raise UsageError(
            f"no log of a trial {trial!r} in {state / 'logs'}; `mainstem why PROPOSAL` names trials"
        )
    return {**(found or {"stdout": "", "stderr": ""}), **said}


def _rung(ledger: Ledger, trial: str) -> str | None:
    """The rung at which a trial ran; None if the ledger does not say."""
    kinds = [records.BATCH_ASKED, records.CHECK_FINISHED, records.TRY_OPENED]
    for entry in ledger.entries(kinds=kinds):
        if entry.kind == records.TRY_OPENED:
            if trial.partition(".")[0] == entry.body["try"]:
                return str(entry.body["rung"])
            continue
        for part in (entry.body, *entry.body.get("rungs", ())):
            for row in part["trials"]:
                if row["trial"] == trial:
                    rung = row.get("rung", part.get("rung"))
                    return None if rung is None else str(rung)
    return None


def _by_step(end: Mapping[str, Any] | None) -> dict[str, Any]:
    """The learning curves of a trial, {} without any, and the step at which it ended early."""
    known = {} if end is None else end
    return {"curves": known.get("curves", {}), "stopped_at": known.get("stopped_at")}


def _end(ledger: Ledger, trial: str) -> Mapping[str, Any] | None:
    """How a trial ended the last time; None if it did not."""
    kinds = [records.TRIAL_FINISHED, records.TRUNK_FAILED, records.TRY_FINISHED]
    ends = [e.body for e in ledger.entries(kinds=kinds) if trial == _failing(e)]
    return ends[-1] if ends else None


def _failing(entry: Entry) -> str:
    """The trial of which a line says how it ended; of a pair that was tried, the branch's half."""
    if entry.kind == records.TRY_FINISHED:
        return str(entry.body["trials"][1])
    return str(entry.body["trial"])


def _elsewhere(end: Mapping[str, Any], state: Path) -> dict[str, str] | None:
    """The host and the folder that have a trial's log; None if it is in this state folder."""
    worker = end.get("worker")
    if worker is None:
        return None
    if (worker["host"], worker["folder"]) == (platform.node(), str(state.resolve())):
        return None
    return {"host": worker["host"], "folder": f"{worker['folder']}/logs/{end['trial']}"}
