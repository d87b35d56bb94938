"""A proposal: its why in words first, then the evidence down to the runs, and what would change it.

The page is blind: it says what was measured and what others predicted, and names nobody. What was
predicted of a proposal that is not decided yet stays closed, so that whoever reviews it next is not
led by it.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from mainstem.board import diffs, needed
from mainstem.board.chosen import joined
from mainstem.board.listing import listed
from mainstem.board.message import last_failure
from mainstem.board.page import NotHereError, Page
from mainstem.board.ran import by_recipe, holders, together
from mainstem.board.reader import Question
from mainstem.board.render import place
from mainstem.board.words import MEANING
from mainstem.domain.override import OverrideKind
from mainstem.domain.proposal import ProposalId
from mainstem.domain.verdict import VerdictKind
from mainstem.plots.forms import either
from mainstem.plots.gains import Gain, gains

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mainstem.board.listing import Listing
    from mainstem.board.page import Visit
    from mainstem.board.reader import Reader
    from mainstem.domain.proposal import Proposal
    from mainstem.domain.stack import Stack
    from mainstem.engine.record import CampaignRecord, Record

    Body = Mapping[str, Any]

REVIEW = "review-given"
"""The kind of a review's line (`mainstem.people.reviews`)."""

_ABOUT = ("alone", "together", "without it", "in a set", "earlier", "trunk")
"""What a run says of a proposal, the most direct first."""

_REVIEWS = 200
_RUNS = 50  # of a page of the table
_INTERACTIONS = 12
_PARTNERS = 60  # whose interactions with it are asked for


def content(reader: Reader, visit: Visit) -> dict[str, Any]:
    """What the template shows of one proposal.

    Raises:
        NotHereError: There is no such proposal.
    """
    record = reader.record()
    proposal = record.proposals.get(ProposalId(visit.place["id"]))
    if proposal is None:
        names = ", ".join(str(p.id) for p in record.in_order()[:8]) or "none yet"
        raise NotHereError(f"no proposal {visit.place['id']!r}; there are: {names}")
    why, show = reader.ask(Question.WHY, id=proposal.id), reader.ask(Question.SHOW)
    merge = diffs.merge_of(record, proposal.id) if proposal.id in record.merged else None
    diff = (
        diffs.wanted(reader, [proposal.id], visit)
        if merge is None
        else diffs.merged(reader, merge, visit)
    )
    found: dict[str, Any] = {
        "why": why,
        "show": show,
        "proposal": proposal,
        "report": why.body,
        "touched": [(name, joined([name])) for name in proposal.components],
        "versions": _versions(record, proposal),
        "merge": merge,
        "diff": diff,
        "diff_lines": diffs.lines(diff),
        "claim": _claim(reader, proposal),
    }
    if why.body is not None:
        stack, beside = reader.stack, _interactions(reader, why.body, visit)
        found |= _standing(why.body)
        found |= {
            "reviews": _reviews(reader, why.body),
            "message": why.body["message"],
            "forest": _forest(why.body, stack),
            "names": [o.name for o in stack.objectives],
            "runs": _runs(why.body, visit, stack),
            "several": len({row["rung"] for row in why.body["evidence"]}) > 1,
            **beside,
            "changes": _changes(why.body, show.body, record, stack, beside["rows"]),
        }
    return found


def _standing(why: Body) -> dict[str, Any]:
    """What became of it in a word or two, and what that means."""
    kind = VerdictKind(why["verdict"])
    meaning = MEANING[kind]
    state = "in the trunk" if why["merged"] else ""
    if why["superseded_by"] is not None:
        state, meaning = "superseded", "a later version of the branch is judged in its place"
    elif why["override"] is not None and not why["merged"]:
        override = OverrideKind(why["override"]["override"])
        state = str(override.past)
        meaning = f"{state} by a person, whatever the evidence says"
    elif why["campaign"] is not None and not why["ended"] and kind is not VerdictKind.OPEN:
        meaning += f"; campaign {why['campaign']} goes on, so this may still change"
    return {"state": state, "meaning": meaning}


def _forest(why: Body, stack: Stack) -> str | None:
    """Its gains in margins, alone and within the best set; None where nothing is known."""
    if not why["measured"] or not why["gain"]:
        return None
    found = []
    groups = ["alone on the trunk"]
    if why["gain_in_best"]:
        groups.append("within the best set")
    for objective in stack.objectives:
        margin = why["margins"].get(objective.name)
        for group, values in enumerate((why["gain"], why["gain_in_best"])):
            value = None if not values or not margin else values.get(objective.name)
            if value is None or not margin:
                continue
            low, high = (
                None if value[end] is None else value[end] / margin for end in ("low", "high")
            )
            found.append(
                Gain(
                    label=objective.name,
                    value=value["mean"] / margin + 0.0,  # a loss of nothing is no loss
                    low=low,
                    high=high,
                    group=group,
                )
            )
    if not found:
        return None
    draw = partial(
        gains,
        found,
        groups=groups,
        lines={"a loss of a margin": -1.0, "a gain of a margin": 1.0},
        title=f"What {why['id']} gains",
        description="Gains in margins of each objective with 90% intervals; numbers stand below.",
        axis="gain, in margins of each objective",
    )
    return either(draw)


def _changes(
    why: Body, show: Body | None, record: Record, stack: Stack, block: Sequence[Body]
) -> dict[str, Any] | None:
    """What would change its verdict; None where nothing here would."""
    if why["merged"] or why["superseded_by"] is not None:
        return None
    campaign = None if why["campaign"] is None else record.campaigns[why["campaign"]]
    noise = {} if show is None else show["noise_sd"]
    interactions = (show and show["interactions"]) or block
    found = needed.pairs(why, noise, stack, needed.next_number(campaign))
    broken = why["verdict"] == VerdictKind.BROKEN
    return {
        "distances": needed.distances(why, stack),
        "beside": needed.beside(why, interactions, stack),
        "missing": needed.missing(why, by_recipe(campaign)),
        "proof": needed.proof(found),
        "failed": last_failure(why) if broken else None,
        "lift": why["override"] is not None,
    }


def _interactions(reader: Reader, why: Body, visit: Visit) -> dict[str, Any]:
    """Its interactions on the chosen objective, the best established first.

    With those that its verdict names and, of many, with those that it ran with most often.
    """
    stack = reader.stack
    names = [objective.name for objective in stack.objectives]
    chosen = visit.one_of("objective", names, default=names[0])
    unit = next(o.unit for o in stack.objectives if o.name == chosen)
    partners = _partners(reader.record().latest(), why)
    rows: Sequence[Body] = ()
    if partners:
        answer = reader.ask(
            Question.INTERACTIONS,
            objective=chosen,
            rows=json.dumps([why["id"]], ensure_ascii=False),
            columns=json.dumps(partners, ensure_ascii=False),
        )
        rows = () if answer.body is None else answer.body["interactions"]
    found = [
        {
            "other": next((p for p in row["pair"] if p != why["id"]), why["id"]),
            "value": {**row, "unit": unit},
            "href": place("/interactions", {}, pair=joined(row["pair"]), objective=chosen),
        }
        for row in rows
    ]
    return {
        "objective": chosen,
        "rows": rows,
        "interactions": found[:_INTERACTIONS],
        "more_interactions": max(0, len(found) - _INTERACTIONS),
    }


def _partners(campaign: CampaignRecord | None, why: Body) -> list[str]:
    """Whom it is shown beside, `_PARTNERS` at most; nobody if it is not in the campaign."""
    own = why["id"]
    if campaign is None or own not in campaign.proposals:
        return []
    others = [str(p) for p in campaign.proposals if p != own]
    if len(others) > _PARTNERS:
        held = holders(campaign)
        others.sort(key=lambda p: (p not in why["with"], -together(held, own, p)))
    return others[:_PARTNERS]


def _runs(why: Body, visit: Visit, stack: Stack) -> Listing[Body]:
    """The page of the table of runs that was asked for, the most telling first."""

    def telling(row: Body) -> tuple[int, int]:
        return _ABOUT.index(row["about"]), len(row["recipe"])

    def value(name: str) -> Callable[[Body], Any]:
        return lambda row: None if row["values"] is None else row["values"].get(name)

    order = {row["trial"]: at for at, row in enumerate(why["evidence"])}
    return listed(
        why["evidence"],
        visit,
        {
            "about": telling,
            "trial": lambda row: order[row["trial"]],
            **{f"of:{o.name}": value(o.name) for o in stack.objectives},
        },
        first="about",
        size=_RUNS,
    )


def _versions(record: Record, proposal: Proposal) -> list[Proposal]:
    """Every version of its branch that was proposed, the first one first; [] if there is one."""
    later = {p.follows: p for p in record.proposals.values() if p.follows is not None}
    first = proposal
    while first.follows is not None:
        first = record.proposals[first.follows]
    found = [first]
    while found[-1].id in later:
        found.append(later[found[-1].id])
    return found if len(found) > 1 else []


def _claim(reader: Reader, proposal: Proposal) -> Body | None:
    """What it claims to bring here of a result elsewhere, with what came of it if that is known."""
    if proposal.reference is None:
        return None
    answer = reader.ask(Question.FRONTIER)
    rows: Sequence[Body] = () if answer.body is None else answer.body["claims"]
    return {
        "reference": proposal.reference.reference,
        "objective": proposal.reference.objective,
        "gain": proposal.reference.gain,
        "found": next((row for row in rows if row["id"] == proposal.id), None),
        "answer": answer,
    }


def _reviews(reader: Reader, why: Body) -> dict[str, Any]:
    """What was predicted of it, without names; closed while it is not decided."""
    lines = reader.entries(before=None, kinds=(REVIEW,), text=str(why["id"]), most=_REVIEWS)
    own = [line for line in lines if line.body["proposal"] == why["id"]]
    is_open = why["verdict"] == VerdictKind.OPEN and not why["merged"]
    shown = [] if is_open else [{"at": line.at, **line.body} for line in own]
    return {
        "count": len(own),
        "closed": is_open and bool(own),
        "rows": [{key: row[key] for key in ("at", "merge", "effects", "note")} for row in shown],
    }


PAGE = Page(
    name="proposal",
    path="/proposals/{id:path}",
    title="Proposal",
    content=content,
    beside="proposals",
)
