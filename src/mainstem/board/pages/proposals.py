"""Proposals: every verdict at a glance, with the effect of each as a forest plot.

What is chosen stands in the address: objective, verdicts, state, component, words, order, page. So
a view can be sent to somebody, and works without scripts. Who wrote what is not here: blind.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mainstem.board.chosen import joined
from mainstem.board.components import known
from mainstem.board.listing import listed
from mainstem.board.page import Page
from mainstem.board.reader import Question
from mainstem.board.words import amount
from mainstem.domain.override import OverrideKind
from mainstem.domain.verdict import VerdictKind
from mainstem.plots.strips import Strip, Strips, strips

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from mainstem.board.page import Visit
    from mainstem.board.reader import Reader
    from mainstem.engine.record import Record

    Row = Mapping[str, Any]
    Body = Mapping[str, Any]

VERDICTS = tuple(str(kind) for kind in VerdictKind)

STATES = (
    "merged",
    "in campaign",
    "judged",
    "waiting",
    "forced",
    "vetoed",
    "withdrawn",
    "superseded",
)
"""What has become of a proposal, whatever its verdict; `state_of` says which."""

NONE = "(none)"
"""Stands for the component of what touches no named one."""


def content(reader: Reader, visit: Visit) -> dict[str, Any]:
    """What the template shows: the rows that were asked for, their picture, and what to choose."""
    answer, record = reader.ask(Question.SHOW), reader.record()
    body = answer.body
    listed_rows = _bare(record) if body is None else body["proposals"]
    adds = _adds(reader, record)
    rows = [{**_row(row, record), "adds": adds.get(row["id"], {})} for row in listed_rows]
    names = [objective.name for objective in reader.stack.objectives]
    objective = visit.one_of("objective", names, default=names[0])
    asked_for = _asked_for(reader, record, visit)
    found = [row for row in rows if _passes(row, asked_for)]
    listing = listed(found, visit, _keys(objective), first="order")
    margin = None if body is None else body["margins"].get(objective)
    asked = next(o for o in reader.stack.objectives if o.name == objective)
    return {
        "answer": answer,
        "objective": asked,
        "objectives": names,
        "margin": None if margin is None else amount(margin, asked.unit),
        "listing": listing,
        "total": len(rows),
        "chips": _chips(rows, asked_for.verdicts),
        "components": _components(rows, asked_for.components),
        "states": [(state, n) for state in STATES if (n := _count(rows, "state", state))],
        "forest": _forest(listing.rows, objective, margin),
        "measured_on": None if body is None else _earlier_trunk(body),
    }


def state_of(row: Row, record: Record) -> str:
    """What has become of a proposal: one of `STATES`."""
    if row["merged"]:
        return "merged"
    if row["superseded_by"] is not None:
        return "superseded"
    if row["override"] is not None:
        return str(OverrideKind(row["override"]).past)
    campaign = record.latest()
    if campaign is None or row["id"] not in campaign.proposals:
        return "waiting"
    return "judged" if campaign.ended else "in campaign"


def _row(row: Row, record: Record) -> dict[str, Any]:
    """A row of `show` with its place in the order of proposing and its state."""
    proposal = record.proposals.get(row["id"])
    order = 0 if proposal is None else proposal.order
    touched = [(name, joined([name])) for name in row["components"]]
    return {**row, "order": order, "state": state_of(row, record), "touched": touched}


def _adds(reader: Reader, record: Record) -> dict[str, Body]:
    """What each proposal in the trunk still adds to it, as far as that is known."""
    if not record.merged:
        return {}
    answer = reader.ask(Question.STALE)
    return {} if answer.body is None else {m["id"]: m["adds"] for m in answer.body["members"]}


def _bare(record: Record) -> list[dict[str, Any]]:
    """Rows of what the record says by itself, while effects and verdicts are not worked out."""
    standing = record.standing()
    rows = []
    for proposal in record.in_order():
        merged, override = proposal.id in record.merged, standing.get(proposal.id)
        row: dict[str, Any] = {
            "id": proposal.id,
            "branch": proposal.branch,
            "components": list(proposal.components),
            "verdict": None,
            "reason": "",
            "with": [],
            "gain": {},
            "gain_in_best": None,
            "trials": None,
            "measured": 0,
            "merged": merged,
            "superseded_by": None if merged else record.superseded.get(proposal.id),
            "override": None if override is None else override.kind,
        }
        rows.append(row)
    return rows


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """Which rows an address asks for; what is empty chooses nothing."""

    verdicts: tuple[str, ...]
    state: str
    components: tuple[str, ...]
    words: tuple[str, ...]


def _asked_for(reader: Reader, record: Record, visit: Visit) -> _Asked:
    """What the address says of rows.

    Raises:
        NotHereError: It names a verdict, a state or a component that there is not.
    """
    return _Asked(
        verdicts=visit.several_of("verdict", VERDICTS),
        state=visit.one_of("state", STATES, default=""),
        components=visit.several_of("component", (*known(reader.stack, record), NONE)),
        words=tuple(visit.query.get("q", "").casefold().split()),
    )


def _passes(row: Row, asked: _Asked) -> bool:
    """Whether a row is one of those that were asked for."""
    if asked.verdicts and row["verdict"] not in asked.verdicts:
        return False
    if asked.state and row["state"] != asked.state:
        return False
    if asked.components and not set(asked.components) & set(row["components"] or [NONE]):
        return False
    text = " ".join([row["id"], row["branch"], row["reason"], *row["components"]]).casefold()
    return all(word in text for word in asked.words)


def _keys(objective: str) -> dict[str, Callable[[Row], Any]]:
    """What each column is sorted by."""

    def mean(of: Mapping[str, Any] | None) -> float | None:
        value = None if of is None else of.get(objective)
        return None if value is None else float(value["mean"])

    return {
        "order": lambda row: row["order"],
        "id": lambda row: row["id"].casefold(),
        "verdict": lambda row: VERDICTS.index(row["verdict"]) if row["verdict"] else None,
        "state": lambda row: STATES.index(row["state"]),
        "gain": lambda row: mean(row["gain"]) if row["measured"] else None,
        "within": lambda row: mean(row["gain_in_best"] or row["adds"]),
        "trials": lambda row: row["trials"],
    }


def _chips(rows: Iterable[Row], on: Collection[str]) -> list[dict[str, Any]]:
    """A switch for each verdict: how many there are, and what the address says once it is pressed.

    Counts are of everything, so that a filter never hides what it hides.
    """
    counts = Counter(row["verdict"] for row in rows)
    chips = []
    for verdict in VERDICTS:
        then = [word for word in VERDICTS if (word in on) != (word == verdict)]
        chips.append(
            {
                "verdict": verdict,
                "count": counts[verdict],
                "on": verdict in on,
                "then": ",".join(then) or None,
            }
        )
    return chips


def _components(rows: Iterable[Row], on: Collection[str]) -> list[dict[str, Any]]:
    """Every component that a proposal touches, with how many do, the commonest first."""
    counts = Counter(name for row in rows for name in (row["components"] or [NONE]))
    found = sorted(counts.items(), key=lambda item: (item[0] == NONE, -item[1], item[0]))
    return [
        {"name": name, "count": count, "word": joined([name]), "on": name in on}
        for name, count in found
    ]


def _forest(rows: Iterable[Row], objective: str, margin: float | None) -> Strips:
    """The gain of each row alone on the trunk, and of what is in it what it adds to it."""
    found: list[Strip | None] = []
    for row in rows:
        own = row["adds"] if row["merged"] else row["gain"] if row["measured"] else {}
        gain, group = own.get(objective), int(row["merged"])
        if gain is None:
            found.append(None)
        else:
            ends = {"low": gain["low"], "high": gain["high"]}
            found.append(Strip(value=gain["mean"], group=group, **ends))
    return strips(found, lines=() if margin is None else (-margin, margin))


def _count(rows: Iterable[Row], key: str, value: str) -> int:
    return sum(row[key] == value for row in rows)


def _earlier_trunk(body: Row) -> str | None:
    """The commit that figures speak of, where the trunk has moved since."""
    then, now = body["measured_on"], body["trunk"]["commit"]
    return None if then in {None, now} else str(then)


PAGE = Page(
    name="proposals", path="/proposals", title="Proposals", content=content, menu="Proposals"
)
