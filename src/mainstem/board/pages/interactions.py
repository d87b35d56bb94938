"""Interactions: what two proposals do together beyond the sum, pair by pair, down to the runs.

Of few proposals all pairs are drawn, ordered by component. Of many, those that ran most often or
those of chosen components are; a grid of components says where pairs were tried at all. What was
never tried together is hatched, and what only ever failed together hatched twice: there the number
is the landscape's word alone.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from mainstem.board.bygone import bygone
from mainstem.board.chosen import chosen, joined
from mainstem.board.components import known
from mainstem.board.listing import listed
from mainstem.board.page import NotHereError, Page
from mainstem.board.pair import pair
from mainstem.board.ran import holders, partners, together
from mainstem.board.reader import Question
from mainstem.board.render import place
from mainstem.board.ruined import ruined
from mainstem.board.words import amount
from mainstem.plots.forms import either
from mainstem.plots.grid import Entry, grid
from mainstem.plots.heatmap import Cell, Item, heatmap
from mainstem.plots.numbers import plural

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from mainstem.board.page import Visit
    from mainstem.board.reader import Answer, Reader
    from mainstem.domain.proposal import ProposalId
    from mainstem.domain.stack import Objective
    from mainstem.engine.record import CampaignRecord, Record

    Body = Mapping[str, Any]

MOST = 60
"""So many proposals are drawn at once; a picture of more cannot be read."""

FEWER = 40
"""So many, those that ran most often, where there are more and nothing is chosen."""

YES, FAILED, NO = "yes", "failed", "no"
"""Whether a pair was tried: it ran together, every run with both failed, or nobody tried it."""

NONE = "(none)"
"""Stands for the component of what touches no named one."""


def content(reader: Reader, visit: Visit) -> dict[str, Any]:
    """What the template shows: a pair, the picture of all, where pairs were tried, the table.

    Raises:
        NotHereError: There is no such proposal, objective or component.
    """
    record, stack = reader.record(), reader.stack
    campaign = record.latest()
    names = [objective.name for objective in stack.objectives]
    wanted = visit.one_of("objective", names, default=names[0])
    objective = next(o for o in stack.objectives if o.name == wanted)
    only = visit.several_of("components", (*known(stack, record), NONE))
    asked = _asked_pair(visit)
    old = bygone(record, asked, exactly=False)
    found: dict[str, Any] = {"names": names, "objective": objective, "campaign_of": campaign}
    found["old"] = old
    if campaign is None:
        return {**found, "answer": None, "ids": [], "pair": None}
    held, broke = holders(campaign), ruined(campaign)
    touched = _components(record, campaign)
    ids = _drawn(campaign, held, touched, only)
    show = reader.ask(Question.SHOW)
    answer = reader.ask(
        Question.INTERACTIONS,
        objective=wanted,
        rows=json.dumps(ids, ensure_ascii=False),
        columns=json.dumps(ids, ensure_ascii=False),
    )
    rows = [] if answer.body is None else answer.body["interactions"]
    pairs = _pairs(ids, rows, held, broke, objective)
    margin = None if show.body is None else show.body["margins"].get(wanted)
    conflicts = {c.proposals for c in record.conflicts_on(campaign.trunk)}
    cells = _cells(ids, pairs, conflicts) | _alone(ids, show.body, objective)
    counts = Counter(row["tried"] for row in pairs)
    return {
        **found,
        "answer": answer,
        "ids": ids,
        "total": len(campaign.proposals),
        "margin": None if margin is None else amount(margin, objective.unit),
        "tried": counts[YES],
        "failed": counts[FAILED],
        "untried": counts[NO],
        "heatmap": _picture(ids, cells, touched, margin, objective),
        "listing": _listing(pairs, visit),
        "components": _choices(touched, only),
        "overview": _overview(touched, campaign) if len(campaign.proposals) > MOST else None,
        "pair": _pair(reader, asked, campaign, objective, show) if asked and not old else None,
    }


def _components(record: Record, campaign: CampaignRecord) -> dict[str, str]:
    """The first component of each proposal of a campaign, those of one component together."""
    first = {str(p): (record.proposals[p].components or (NONE,))[0] for p in campaign.proposals}
    order = list(dict.fromkeys(first.values()))
    return dict(sorted(first.items(), key=lambda item: order.index(item[1])))


def _drawn(
    campaign: CampaignRecord,
    held: Mapping[str, int],
    touched: Mapping[str, str],
    only: Collection[str],
) -> list[str]:
    """The proposals that are drawn: all, those of chosen components, or those that ran most."""
    among = [p for p, component in touched.items() if not only or component in only]
    most = MOST if only or len(campaign.proposals) <= MOST else FEWER
    if len(among) <= most:
        return among
    often = sorted(among, key=lambda p: -held.get(p, 0).bit_count())[:most]
    return [p for p in among if p in set(often)]


def _pairs(
    ids: Sequence[str],
    rows: Sequence[Body],
    held: Mapping[str, int],
    broke: Mapping[str, int],
    objective: Objective,
) -> list[dict[str, Any]]:
    """Every pair of those that are drawn, with its estimate where there is one, and its runs."""
    known = {frozenset(row["pair"]): row for row in rows}
    found = []
    for at, a in enumerate(ids):
        for b in ids[at + 1 :]:
            row = known.get(frozenset((a, b)))
            runs, failures = together(held, a, b), together(broke, a, b)
            found.append(
                {
                    "a": a,
                    "b": b,
                    "value": None if row is None else {**row, "unit": objective.unit},
                    "runs": runs,
                    "failures": failures,
                    "tried": YES if runs else FAILED if failures else NO,
                    "href": place(
                        "/interactions", {}, pair=joined((a, b)), objective=objective.name
                    ),
                }
            )
    return found


def _picture(
    ids: Sequence[str],
    cells: Mapping[tuple[int, int], Cell],
    touched: Mapping[str, str],
    margin: float | None,
    objective: Objective,
) -> str | None:
    """The heatmap; None while the margin is not known, or where there is only one proposal."""
    if margin is None or len(ids) < 2:
        return None
    draw = partial(
        heatmap,
        [Item(label=p, group=touched[p], href=place(f"/proposals/{p}")) for p in ids],
        cells,
        margin=margin,
        title=f"Interactions on {objective.name}",
        description="What each two do together beyond the sum; the table below has the numbers.",
        unit=objective.unit,
    )
    return either(draw)


def _cells(
    ids: Sequence[str], pairs: Sequence[Body], conflicts: Collection[frozenset[ProposalId]]
) -> dict[tuple[int, int], Cell]:
    """A cell for each pair."""
    at = {name: k for k, name in enumerate(ids)}
    return {
        (at[row["a"]], at[row["b"]]): _cell(row, frozenset((row["a"], row["b"])) in conflicts)
        for row in pairs
    }


def _alone(
    ids: Sequence[str], show: Body | None, objective: Objective
) -> dict[tuple[int, int], Cell]:
    """What each does alone, for the diagonal."""
    known = {} if show is None else {row["id"]: row for row in show["proposals"]}
    cells = {}
    for k, name in enumerate(ids):
        row = known.get(name)
        gain = row["gain"].get(objective.name) if row is not None and row["measured"] else None
        if gain is not None:
            cells[k, k] = Cell(
                value=gain["mean"],
                low=gain["low"],
                high=gain["high"],
                note="alone",
                href=place(f"/proposals/{name}"),
            )
    return cells


def _cell(row: Body, conflict: bool) -> Cell:
    value = row["value"]
    runs = row["runs"]
    return Cell(
        value=None if value is None else value["mean"],
        low=None if value is None else value["low"],
        high=None if value is None else value["high"],
        tried=runs > 0,
        failed=row["tried"] == FAILED,
        conflict=conflict,
        note=_note(runs, row["failures"]),
        href=row["href"],
    )


def _note(runs: int, failures: int) -> str:
    """How many runs hold both, for a tooltip; nothing where none do."""
    said = []
    if runs:
        said.append(f"{runs} runs hold both" if runs > 1 else "one run holds both")
    if failures:
        said.append(f"{plural(failures, 'run')} with both failed")
    return "; ".join(said)


def _listing(pairs: Sequence[dict[str, Any]], visit: Visit) -> Any:
    """The table of pairs: the best established first, or as the address says."""
    only = visit.one_of("tried", (YES, FAILED, NO), default="")
    found = [row for row in pairs if only in {"", row["tried"]}]

    def sure(row: Body) -> float | None:
        value = row["value"]
        if value is None:
            return None
        spread = value["high"] - value["low"]
        return float(abs(value["mean"]) / spread) if spread > 0.0 else 0.0

    return listed(
        found,
        visit,
        {
            "sure": sure,
            "mean": lambda row: None if row["value"] is None else row["value"]["mean"],
            "runs": lambda row: row["runs"],
        },
        first="-sure",
    )


def _choices(touched: Mapping[str, str], on: Collection[str]) -> list[dict[str, Any]]:
    """A switch for each component: how many proposals it has, and what the address says then."""
    names = list(dict.fromkeys(touched.values()))
    return [
        {
            "name": name,
            "count": sum(one == name for one in touched.values()),
            "on": name in on,
            "then": joined([n for n in names if (n in on) != (n == name)]) or None,
        }
        for name in names
    ]


def _overview(touched: Mapping[str, str], campaign: CampaignRecord) -> str:
    """Component by component, how many pairs of their proposals ever ran together."""
    names = list(dict.fromkeys(touched.values()))
    sizes, ran = Counter(touched.values()), _ran_together(touched, campaign)
    entries = {}
    for i, a in enumerate(names):
        for j, b in enumerate(names[: i + 1]):
            pairs = sizes[a] * (sizes[a] - 1) // 2 if i == j else sizes[a] * sizes[b]
            if pairs:
                tried = ran[a, b]
                entries[i, j] = Entry(
                    value=tried / pairs,
                    said=f"{tried / pairs:.0%}",
                    below=f"{tried:,} of {pairs:,} pairs",
                    href=place("/interactions", {}, components=joined(dict.fromkeys((a, b)))),
                )
    draw = partial(
        grid,
        names,
        names,
        entries,
        margins=[1.0] * len(names),
        empty="no pair",
        title="Pairs that ran together, by component",
        description="Of the pairs of proposals of two components, how many a run holds.",
    )
    return either(draw)


def _ran_together(touched: Mapping[str, str], campaign: CampaignRecord) -> Counter[tuple[str, str]]:
    """Of two components, in either order, how many pairs of their proposals a run holds."""
    of: dict[str, int] = {}
    for k, component in enumerate(touched.values()):
        of[component] = of.get(component, 0) | 1 << k
    found: Counter[tuple[str, str]] = Counter()
    beside = partners(campaign, tuple(touched))
    for k, (own, others) in enumerate(zip(touched.values(), beside, strict=True)):
        for component, members in of.items():
            found[own, component] += (others & members & ~(1 << k)).bit_count()
    for component in of:
        found[component, component] //= 2  # each pair was met from both its ends
    return found


def _asked_pair(visit: Visit) -> tuple[str, ...]:
    """The two that were asked for; nothing if none were.

    Raises:
        NotHereError: They are not two.
    """
    wanted = chosen(visit.query.get("pair", ""))
    if wanted and len(wanted) != 2:
        raise NotHereError(f"a pair is of two proposals, not of {len(wanted)}: pair=A,B")
    return wanted


def _pair(
    reader: Reader,
    wanted: Sequence[str],
    campaign: CampaignRecord,
    objective: Objective,
    show: Answer,
) -> dict[str, Any]:
    """The pair that was asked for, both of which the campaign holds."""
    order: dict[ProposalId | str, int] = {p: at for at, p in enumerate(campaign.proposals)}
    a, b = sorted(wanted, key=order.__getitem__)
    answer = reader.ask(
        Question.INTERACTIONS,
        objective=objective.name,
        rows=json.dumps([a], ensure_ascii=False),
        columns=json.dumps([b], ensure_ascii=False),
    )
    sd = None if show.body is None else show.body["noise_sd"].get(objective.name)
    rows = () if answer.body is None else answer.body["interactions"]
    conflict = next(
        (
            c.paths
            for c in reader.record().conflicts_on(campaign.trunk)
            if c.proposals == frozenset((a, b))
        ),
        None,
    )
    found = pair((a, b), campaign, objective, rows=rows, sd=sd)
    return {**found, "answer": answer, "conflict": conflict}


PAGE = Page(
    name="interactions",
    path="/interactions",
    title="Interactions",
    content=content,
    menu="Interactions",
)
