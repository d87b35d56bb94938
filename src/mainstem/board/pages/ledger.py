"""The ledger: every line in words, the newest first, and whether the chain is whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mainstem.board import sentences
from mainstem.board.page import ROWS, Page
from mainstem.board.reader import Question
from mainstem.engine import record as records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.board.page import Visit
    from mainstem.board.reader import Answer, Reader
    from mainstem.engine.ports import Entry

FILTERS = ("kind", "text", "proposal", "trial")
"""Names of the query string that choose lines."""

_OF_TRIALS = (
    records.BATCH_ASKED,
    records.TRIAL_FINISHED,
    records.TRIAL_LATE,
    records.TRUNK_FAILED,
    records.CHECK_FINISHED,
    records.TRY_FINISHED,
)
"""Kinds that say something of a trial; first lines of later campaigns only inherit it."""

_READ = ROWS + 1  # lines read at once
_READS = 20  # times that happens for one page
_BODY = 4_000  # characters of a body in a list of lines
_WHOLE = 2_000_000  # characters of a body on a page of its own
_LINKS = 8  # links to proposals or trials beside a line


def content(reader: Reader, visit: Visit) -> dict[str, Any]:
    """What the page shows.

    `kind`, `text`, `proposal` and `trial` choose lines, `before` is the number of the line above
    the first one shown; `line` shows that line alone, whole.
    """
    end = reader.moment().line
    asked = {name: visit.word(name) for name in FILTERS}
    alone = visit.number("line", default=0)
    before = visit.number("before", default=0) or None
    found, then = _alone(reader, alone) if alone else _page(reader, asked, before)
    return {
        "lines": [line(entry, _WHOLE if alone else _BODY) for entry in found],
        "total": end,
        "asked": asked,
        "filtered": any(asked.values()),
        "alone": alone,
        "before": before,
        "then": then,
        "kinds": sentences.kinds(),
        "chain": chain(reader.ask(Question.VERIFY), end),
    }


def line(entry: Entry, most: int = _BODY) -> dict[str, Any]:
    """A line as the template needs it; of its body so many characters at most."""
    body, whole = pretty(entry.body, most)
    proposals, trials = sentences.proposals_of(entry), sentences.trials_of(entry)
    return {
        "seq": entry.seq,
        "at": entry.at,
        "kind": entry.kind,
        "label": sentences.label(entry.kind),
        "said": sentences.sentence(entry),
        "hash": entry.hash,
        "body": body,
        "whole": whole,
        "proposals": proposals[:_LINKS],
        "trials": trials[:_LINKS],
        "more": max(0, len(proposals) - _LINKS) + max(0, len(trials) - _LINKS),
    }


def pretty(body: Mapping[str, Any], most: int) -> tuple[str, bool]:
    """A body as JSON that people read, cut after so many characters, and whether it is whole.

    A line may hold megabytes, such as all runs that a campaign inherits: no more of it is laid out
    than is shown.
    """
    pieces, length = [], 0
    for piece in json.JSONEncoder(indent=1, ensure_ascii=False, sort_keys=True).iterencode(body):
        pieces.append(piece)
        length += len(piece)
        if length > most:
            break
    text = "".join(pieces)
    return text[:most], len(text) <= most


def chain(answer: Answer, end: int) -> dict[str, Any]:
    """The state of the chain: `state` is `checking`, `whole`, `altered`, `empty` or `error`.

    Args:
        answer: Of `verify`.
        end: The number of the last line.
    """
    found: dict[str, Any] = {"state": "checking", "until": answer.line, "alterations": []}
    if answer.body is None:
        return {**found, "state": "error" if answer.error else "checking", "error": answer.error}
    alterations = list(answer.body["alterations"])
    if answer.working and answer.line >= end and not alterations:
        return found  # no line came, and yet the file moved
    state = "altered" if alterations else "whole" if answer.body["entries"] else "empty"
    return {
        **found,
        "state": state,
        "entries": answer.body["entries"],
        "alterations": alterations,
        "since": max(0, end - answer.line),
    }


def _alone(reader: Reader, seq: int) -> tuple[list[Entry], None]:
    """The line of that number; nothing if there is none."""
    found = reader.entries(before=seq + 1, kinds=(), text="", most=1)
    return [entry for entry in found if entry.seq == seq], None


def _page(
    reader: Reader, asked: Mapping[str, str], before: int | None
) -> tuple[list[Entry], int | None]:
    """Lines of a page, the newest first, and where the next one begins; None after the last."""
    kinds = (asked["kind"],) if asked["kind"] else _OF_TRIALS if asked["trial"] else ()
    named = [asked[key] for key in ("trial", "proposal") if asked[key]]
    text = asked["text"] or "".join(map(_as_json, named[:1]))
    found: list[Entry] = []
    for _ in range(_READS):
        lines = reader.entries(before=before, kinds=kinds, text=text, most=_READ)
        found += [entry for entry in lines if _holds(entry, named)]
        if len(found) > ROWS:
            return found[:ROWS], found[ROWS - 1].seq
        if len(lines) < _READ:
            return found, None
        before = lines[-1].seq
    return found, before


def _holds(entry: Entry, names: Sequence[str]) -> bool:
    """Whether a body has all these names, each as a whole string."""
    text = json.dumps(entry.body, ensure_ascii=False) if names else ""
    return all(_as_json(name) in text for name in names)


def _as_json(name: str) -> str:
    """A name as it stands in a body: with its quotes it is found whole, c1.1 is not c1.10."""
    return json.dumps(name, ensure_ascii=False)


PAGE = Page(name="ledger", path="/ledger", title="Ledger", content=content, menu="Ledger")
