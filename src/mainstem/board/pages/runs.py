"""Runs: what runs now, what waits, what came of the rest, and what goes wrong."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mainstem.board import failures, trials
from mainstem.board.page import ROWS, Page
from mainstem.board.reader import Question
from mainstem.board.trials import State
from mainstem.engine import record as records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mainstem.board.page import Visit
    from mainstem.board.reader import Reader
    from mainstem.board.trials import Row, Takes
    from mainstem.engine.record import Record

FILTERS = ("campaign", "proposal", "purpose", "rung", "state", "text")
"""Names of the query string that choose rows; `sort`, `way` and `page` arrange them."""

SORTS = ("trial", "took", "seed")
"""Columns that rows can be sorted by, beside those of objectives."""

TRUNK = "-"
"""As `proposal`: trials of the trunk itself."""

_WAITING = 12  # waiting trials that are named
_REPEATS = 10  # pairs of runs that differ where they should not
_LAST = 6  # lines of batches that are looked through for when a trial was asked for


def content(reader: Reader, visit: Visit) -> dict[str, Any]:
    """What the page shows; the query string says which rows."""
    record, progress = reader.record(), reader.progress()
    rows = trials.listed(record, progress.get("running", ()))
    asked = {name: visit.word(name) for name in FILTERS}
    objectives = [o.name for o in reader.stack.objectives]
    sort = visit.word("sort", among=(*SORTS, *objectives), default="trial")
    rising = visit.word("way", among=("up", "down"), default="down") == "up"
    chosen = [row for row in rows if _is_chosen(row, asked)] if any(asked.values()) else rows
    found = _sorted(chosen, sort, rising=rising)
    last = max(1, math.ceil(len(found) / ROWS))
    number = min(visit.number("page", default=1, least=1), last)
    return {
        "now": _at_work(reader, rows, progress),
        "groups": failures.grouped(rows),
        "repeats": _repeats((reader.ask(Question.STATUS).body or {}).get("not_repeatable", ())),
        "rows": found[(number - 1) * ROWS : number * ROWS],
        "found": len(found),
        "total": len(rows),
        "number": number,
        "last": last,
        "asked": asked,
        "filtered": any(asked.values()),
        "sort": sort,
        "rising": rising,
        "choices": _choices(record, rows),
        "objectives": _columns(reader),
        "several_rungs": len({row.rung for row in rows}) > 1,
        "state_words": {state: state.words for state in State},
    }


def _columns(reader: Reader) -> list[dict[str, str]]:
    """The objectives that have a column: those to improve first, few in all."""
    ranked = sorted(reader.stack.objectives, key=lambda o: o.role != "improve")
    return [{"name": o.name, "unit": o.unit} for o in ranked[:3]]


def _is_chosen(row: Row, asked: Mapping[str, str]) -> bool:
    """Whether a row is among those that were asked for."""
    proposal = asked["proposal"]
    if proposal and (bool(row.recipe) if proposal == TRUNK else proposal not in row.recipe):
        return False
    return (
        asked["campaign"] in {"", row.campaign or trials.CHECK}
        and asked["purpose"] in {"", row.purpose}
        and asked["rung"] in {"", row.rung}
        and asked["state"] in {"", row.state.value}
        and (not asked["text"] or _holds(row, asked["text"].casefold()))
    )


def _holds(row: Row, text: str) -> bool:
    """Whether a text stands in what is shown of a row, in whatever case."""
    failure = row.failure or {}
    said = (row.trial, *row.recipe, row.host, failure.get("cause", ""), failure.get("what", ""))
    return any(text in word.casefold() for word in said) or text == str(row.seed)


def _sorted(rows: list[Row], sort: str, *, rising: bool) -> list[Row]:
    """Rows by a column; those without a value in it come last, whichever way it is."""
    if sort == "trial":
        return rows if rising else rows[::-1]
    key: Callable[[Row], float | None] = {
        "took": lambda row: row.wall_s,
        "seed": lambda row: float(row.seed),
    }.get(sort, lambda row: (row.values or {}).get(sort))
    known = [(value, row) for row in rows if (value := key(row)) is not None]
    known.sort(key=lambda pair: pair[0], reverse=not rising)
    return [*(row for _, row in known), *(row for row in rows if key(row) is None)]


def _choices(record: Record, rows: Sequence[Row]) -> dict[str, list[tuple[str, str]]]:
    """What each filter offers: its value and what it is called."""
    rungs = dict.fromkeys(row.rung for row in rows)
    purposes = dict.fromkeys(row.purpose for row in rows)
    states = dict.fromkeys(row.state for row in rows)
    checked = [(trials.CHECK, "checks")] if record.checks else []
    return {
        "campaign": [*checked, *((name, name) for name in record.campaigns)],
        "proposal": [(TRUNK, "the trunk"), *((p.id, p.id) for p in record.in_order())],
        "purpose": [(purpose, purpose) for purpose in purposes],
        "rung": [(rung, rung) for rung in rungs],
        "state": [(state.value, state.words) for state in State if state in states],
    }


def _at_work(reader: Reader, rows: Sequence[Row], progress: Mapping[str, Any]) -> dict[str, Any]:
    """What runs in which slot, and what waits."""
    by_name = {row.trial: row for row in rows}
    known = trials.takes(rows)
    running = [by_name[name] for name in progress.get("running", ()) if name in by_name]
    waiting = [row for row in rows if row.state is State.WAITING]
    # Of what waits in a campaign that is over, or was given up, nothing is to come.
    latest = reader.record().latest()
    waiting = [r for r in waiting if latest and not latest.ended and r.campaign == latest.id]
    since = {**_asked_at(reader, running), **progress.get("since", {})}
    slots = [_slot(row, progress, known.get(row.rung), since.get(row.trial)) for row in running]
    return {
        "on": bool(progress),
        "pid": progress.get("pid"),
        "workers": list(progress.get("workers", ())),
        "slots": slots,
        "free": max(0, int(progress.get("slots", 0)) - len(slots)),
        "waiting": waiting[:_WAITING],
        "more": max(0, len(waiting) - _WAITING),
        "takes": known,
    }


def _slot(
    row: Row, progress: Mapping[str, Any], known: Takes | None, since: str | None
) -> dict[str, Any]:
    """A slot with a trial in it."""
    workers: Iterable[Mapping[str, Any]] = progress.get("workers", ())
    worker = next((w for w in workers if row.trial in w["running"]), None)
    return {"row": row, "since": since, "takes": known, "worker": worker}


def _asked_at(reader: Reader, running: Sequence[Row]) -> dict[str, str]:
    """When running trials were asked for: they began then or later."""
    if not running:
        return {}
    wanted = {row.trial for row in running}
    found: dict[str, str] = {}
    batches = reader.entries(before=None, kinds=(records.BATCH_ASKED,), text="", most=_LAST)
    for entry in batches:
        named = {row["trial"] for row in entry.body["trials"]}
        found |= dict.fromkeys(named & wanted, entry.at)
    return found


def _repeats(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Runs that should have measured the same and did not (`not_repeatable` of `status`)."""
    rows = [
        {
            "trial": row["trial"],
            "other": row["other"],
            "seed": row["seed"],
            "differs": [
                {"name": name, "value": value, "before": before}
                for name, (value, before) in row["objectives"].items()
            ],
        }
        for row in found[:_REPEATS]
    ]
    return {"rows": rows, "more": max(0, len(found) - _REPEATS)}


PAGE = Page(name="runs", path="/runs", title="Runs", content=content, menu="Runs")
