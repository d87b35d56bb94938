"""One run: what it was for, what it measured, where it ran, and what it printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.board import failures, settings, trials
from mainstem.board.logs import PIECE_BYTES, STREAMS, shown
from mainstem.board.page import NotHereError, Page
from mainstem.board.reader import LogPiece
from mainstem.board.trials import CHECK, Row, State
from mainstem.domain.errors import MainstemError
from mainstem.domain.trial import Purpose
from mainstem.engine import record as records
from mainstem.plots.spark import spark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.board.page import Visit
    from mainstem.board.reader import Reader

TRY = "try"
"""The purpose of a run of `mainstem try`, which no campaign knows of."""

_WHOLE = 1e15  # up to here a whole number is written out
_PAIRS = 1000  # lines of one call of `mainstem try` that are looked through

_FACTS = {
    "host": "host",
    "node": "node",
    "job": "job",
    "system": "system",
    "cpu": "processor",
    "cpus": "cores",
    "accelerators": "accelerators",
    "python": "Python",
    "packages": "packages",
    "threads": "threads",
    "kind": "kind of host",
}
"""What is told of a host, in this order; keys that are not here follow as they are."""


def content(reader: Reader, visit: Visit) -> dict[str, Any]:
    """What the page shows of the trial in the path.

    Raises:
        NotHereError: There is no such trial.
    """
    name = visit.place["trial"]
    record, progress = reader.record(), reader.progress()
    running = tuple(progress.get("running", ()))
    rows = trials.listed(record, running)
    at = next((k for k, row in enumerate(rows) if row.trial == name), None)
    row = _tried(reader, name) if at is None else rows[at]
    if row is None:
        raise NotHereError(f"there is no run {name!r}: the page Runs lists all that there are")
    logs = [log(reader, row, stream, visit) for stream in STREAMS]
    return {
        "row": row,
        "before": rows[at - 1].trial if at else None,
        "after": rows[at + 1].trial if at is not None and at + 1 < len(rows) else None,
        "why": None if row.failure is None else failures.words_of(row.failure["cause"]),
        "values": _values(reader, row),
        "pair": _other_half(rows, row),
        "same": _same_recipe(rows, row),
        "takes": trials.takes(rows).get(row.rung),
        "since": progress.get("since", {}).get(name),
        "late": _late(record.campaigns.get(row.campaign), name),
        "facts": _facts(row.run),
        "host": _host(row.run.get("host", {})),
        "confinement": settings.confinement(row.run.get("confinement", {})),
        "curves": _curves(reader, row),
        "logs": logs,
        "follow": _follow(logs),
        "purposes": {"search": Purpose.SEARCH, "confirm": Purpose.CONFIRM, "check": CHECK},
    }


def log(reader: Reader, row: Row, stream: str, visit: Visit) -> dict[str, Any]:
    """What of a log is sent: its end, or from the byte on that was asked for.

    Args:
        reader: The record.
        row: Whose log.
        stream: `stdout` or `stderr`.
        visit: `?stdout=N` or `?stderr=N` begins at that byte.
    """
    asked = visit.query.get(stream, "")
    start = visit.number(stream, default=0) if asked else -PIECE_BYTES
    if row.state is State.VOID:
        return {"stream": stream, "missing": True, "why": ""}
    try:
        piece = reader.log(row.trial, stream, start=start, most=PIECE_BYTES)
    except MainstemError as error:
        return {"stream": stream, "missing": True, "why": str(error)}
    except KeyError:
        if row.state is not State.RUNNING:
            return {"stream": stream, "missing": True, "why": ""}
        # It has just begun: its log comes in a moment, and is followed from its first byte.
        piece = LogPiece(text="", start=0, end=0, size=0, ended=False)
    text = shown(piece.text)
    return {"stream": stream, "missing": False, "piece": piece, "text": text, **_around(piece)}


def _around(piece: LogPiece) -> dict[str, Any]:
    """Where the pieces before and after a piece begin; None where there is nothing."""
    earlier = max(0, piece.start - PIECE_BYTES) if piece.start > 0 else None
    later = piece.end if piece.end < piece.size else None
    return {"earlier": earlier, "later": later}


def _follow(logs: Sequence[Mapping[str, Any]]) -> dict[str, int] | None:
    """From which byte on each stream is followed; None where nothing will come, or not to its end.

    Whoever looks at an earlier piece reads it; what comes would stand behind a gap.
    """
    if any(one["missing"] or one["later"] is not None for one in logs):
        return None
    pieces: list[LogPiece] = [one["piece"] for one in logs]
    if all(piece.ended or piece.elsewhere for piece in pieces):
        return None
    return {one["stream"]: one["piece"].end for one in logs}


def _tried(reader: Reader, name: str) -> Row | None:
    """A finished run of `mainstem try`, which stands in no campaign; None if it is none."""
    call = name.partition(".")[0]
    kinds = (records.TRY_OPENED, records.TRY_FINISHED)
    if not name.startswith("t"):
        return None
    lines = [
        entry
        for entry in reader.entries(before=None, kinds=kinds, text=f'"{call}"', most=_PAIRS)
        if entry.body["try"] == call
    ]
    rungs = [str(e.body["rung"]) for e in lines if e.kind == records.TRY_OPENED]
    for body in (e.body for e in lines if e.kind == records.TRY_FINISHED):
        if name in body["trials"]:
            return _half(body, body["trials"].index(name), rungs[0] if rungs else "")
    return None


def _half(body: Mapping[str, Any], side: int, rung: str) -> Row:
    """The trunk's half of a pair that was tried, or the branch's."""
    failure = body["failure"] if side == 1 else None
    name, values = body["trials"][side], body["values"][side]
    state = State.SUCCEEDED if values is not None else State.FAILED
    result = trials.result_of(name, values, body["runs"][side], failure)
    return Row(name, "", (), rung, TRY, body["seed"], state, result)


def _values(reader: Reader, row: Row) -> list[dict[str, Any]]:
    """What was measured of each objective, in the order of the stack."""
    found = row.values or {}
    return [
        {
            "name": o.name,
            "value": found[o.name],
            "whole": found[o.name] == round(found[o.name]) and abs(found[o.name]) < _WHOLE,
            "unit": o.unit,
            "role": o.role.value,
            "direction": o.direction.value,
        }
        for o in reader.stack.objectives
        if o.name in found
    ]


def _other_half(rows: Sequence[Row], row: Row) -> Row | None:
    """The other half of a confirmation pair: the same seed in the same campaign."""
    if row.purpose != Purpose.CONFIRM:
        return None
    same = (row.campaign, row.seed, row.purpose)
    found = (r for r in rows if (r.campaign, r.seed, r.purpose) == same and r.trial != row.trial)
    return next(found, None)


def _same_recipe(rows: Sequence[Row], row: Row, most: int = 12) -> list[Row]:
    """Other runs of the same recipe in the same campaign at the same rung."""
    place = (row.campaign, row.recipe, row.rung)
    found = [r for r in rows if (r.campaign, r.recipe, r.rung) == place and r.trial != row.trial]
    return found[:most] if row.campaign else []


def _late(campaign: Any, name: str) -> list[Mapping[str, float] | None]:
    """What was measured of a trial that had a result already."""
    return [] if campaign is None else list(campaign.late.get(name, ()))


def _facts(run: Mapping[str, Any]) -> dict[str, Any]:
    """How the process ended and what it took; None for what is not known."""
    keys = ("ending", "exit_code", "signal", "wall_s", "cpu_s", "peak_rss_bytes", "log_dir")
    return {key: run.get(key) for key in keys}


def _host(facts: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is known of the host, in words."""
    known = [(words, str(facts[key])) for key, words in _FACTS.items() if facts.get(key)]
    return known + [(k.replace("_", " "), str(v)) for k, v in facts.items() if k not in _FACTS]


def _curves(reader: Reader, row: Row) -> list[dict[str, Any]]:
    """What was reported by step, an objective each; a single point is no curve."""
    units = {o.name: o.unit for o in reader.stack.objectives}
    return [
        {
            "name": name,
            "unit": units.get(name, ""),
            "points": points,
            "picture": _curve(name, [value for _, value in points]),
        }
        for name, points in row.curves.items()
        if len(points) > 1
    ]


def _curve(name: str, values: Sequence[float]) -> str:
    said = f"{name} by step: from {values[0]:.4g} to {values[-1]:.4g}"
    return spark(values, label=said, width=320, height=96)


PAGE = Page(name="run", path="/runs/{trial}", title="One run", content=content, beside="runs")
