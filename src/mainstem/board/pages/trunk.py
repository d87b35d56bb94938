"""Trunk: where we stand, and what next.

First in sentences, then objective by objective over time: merges as steps, what matters as a band,
what guards tolerate and what others reached as lines, and where the pace so far leads.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mainstem.board import course, standing
from mainstem.board.course import seconds
from mainstem.board.page import Page
from mainstem.board.reader import Question
from mainstem.board.render import place
from mainstem.domain.stack import Role
from mainstem.plots.forms import either
from mainstem.plots.numbers import decimals, instant, number, recipe
from mainstem.plots.steps import Ahead, Line, Step, steps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.board.course import Merge
    from mainstem.board.page import Visit
    from mainstem.board.reader import Answer, Reader
    from mainstem.domain.stack import Objective

    Body = Mapping[str, Any]

_UNITS = ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes"), (1.0, "seconds"))

_RUNGS = 4
"""A forecast at a larger scale needs so many."""

_LINES = 6
"""References that are drawn."""


def content(reader: Reader, visit: Visit) -> dict[str, Any]:
    """What the template shows."""
    del visit
    show, status = reader.ask(Question.SHOW), reader.ask(Question.STATUS)
    frontier = reader.ask(Question.FRONTIER)
    record, progress = reader.record(), reader.progress()
    found, span = course.merges(reader), _span(reader)
    body = show.body
    best = None if body is None else body["best"]
    improve = [o.name for o in reader.stack.objectives if o.role is Role.IMPROVE]
    repeats = () if body is None else body["not_repeatable"]
    return {
        "show": show,
        "branch": reader.stack.trunk,
        "commit": reader.trunk(),
        "said": [
            standing.state(record, progress),
            standing.best(best, record, improve),
            standing.following(record, progress, best, reader.trunk()),
        ],
        "notes": standing.notes(record, progress, status.body, repeats, reader.trunk()),
        "objectives": [
            _objective(objective, found, body, frontier.body, span)
            for objective in reader.stack.objectives
        ],
        "merges": found[::-1],
        "ahead": _forecast(reader),
    }


def _span(reader: Reader) -> tuple[str, str] | None:
    """When the first line of the ledger was written, and the last; None without any."""
    first = reader.entries(before=2, kinds=(), text="", most=1)
    last = reader.moment().at
    return None if not first or last is None else (first[-1].at, last)


def _objective(
    objective: Objective,
    found: Sequence[Merge],
    show: Body | None,
    frontier: Body | None,
    span: tuple[str, str] | None,
) -> dict[str, Any]:
    """A row of the table with its picture."""
    now = course.now(objective, found, show, frontier)
    against = next(
        (o for o in ((frontier or {}).get("objectives", ())) if o["objective"] == objective.name),
        None,
    )
    margin = None if show is None else show["margins"].get(objective.name)
    best = None if show is None else show["best"]
    held = {member for merge in found for member in merge.recipe}
    gain = None
    if best is not None and not set(best["recipe"]) <= held:
        gain = best["gain"].get(objective.name)
    return {
        "objective": objective,
        "now": now,
        "margin": margin,
        "gain": gain,
        "gap": None if against is None or against["gap"] is None else against["gap"],
        "reference": None if against is None else against["reference"],
        "picture": None
        if now is None
        else _picture(objective, found, span, now=now, margin=margin, gain=gain, of=against),
    }


def _picture(
    objective: Objective,
    found: Sequence[Merge],
    span: tuple[str, str] | None,
    *,
    now: Body,
    margin: float | None,
    gain: Body | None,
    of: Body | None,
) -> str | None:
    """One objective over time; None where the ledger has no line."""
    if span is None:
        return None
    since, last = span
    until_s = max(seconds(since, last), 1.0)
    in_s, unit = next((s, name) for s, name in _UNITS if until_s >= 2.0 * s or s == 1.0)
    values = course.before(objective, found, now["mean"])
    drawn = [Step(at=0.0, value=values[0], **(_ends(now) if not found else {}))]
    for k, (merge, value) in enumerate(zip(found, values[1:], strict=True)):
        last_one = k == len(found) - 1
        drawn.append(
            Step(
                at=seconds(since, merge.at) / in_s,
                value=value,
                label=recipe(merge.recipe, most=3),
                href=_of_merge(merge),
                **(_ends(now) if last_one else {}),
            )
        )
    until = until_s / in_s
    measure = f"{objective.name}, {objective.unit}" if objective.unit else objective.name
    draw = partial(
        steps,
        drawn,
        until=until,
        lines=_lines(objective, now, margin, gain, of),
        margin=margin,
        forecast=_pace(now, of, until=until, in_s=in_s, since=since),
        title=f"{objective.name} of the trunk",
        description="Steps are merges with what was confirmed; the table has the numbers.",
        axis=f"{unit} since {instant(since)}",
        unit=measure,
    )
    return either(draw)


def _ends(now: Body) -> dict[str, Any]:
    return {"low": now["low"], "high": now["high"]}


def _of_merge(merge: Merge) -> str:
    """Where more of a merge is: its only proposal, or the table of merges."""
    return place(f"/proposals/{merge.recipe[0]}") if len(merge.recipe) == 1 else "#merges"


def _lines(
    objective: Objective, now: Body, margin: float | None, gain: Body | None, of: Body | None
) -> list[Line]:
    """What a guard tolerates, where the best set is, and what others reached."""
    found = []
    if objective.role is Role.GUARD and margin is not None:
        limit = now["mean"] - objective.sign * margin
        found.append(Line(name="tolerated", value=limit, limit=True))
    if gain is not None:
        value = now["mean"] + objective.sign * gain["mean"]
        half = None if gain["low"] is None else 0.5 * (gain["high"] - gain["low"])
        ends = (None, None) if half is None else (value - half, value + half)
        said = number(value, decimals(value, *ends))
        found.append(Line(name="best set", value=value, said=said, href="/recipes"))
    references = () if of is None else of["references"]
    compared = [row for row in references if row["comparable"]][:_LINES]
    found += [Line(name=row["id"], value=row["value"], href="/frontier") for row in compared]
    return found


def _pace(now: Body, of: Body | None, *, until: float, in_s: float, since: str) -> list[Ahead]:
    """Where the pace so far leads, up to the reference: by its median date and its interval's.

    The ends are straight lines to the reference at the interval's two dates; one without an end
    stays where it is.
    """
    forecast = None if of is None else of["forecast"]
    if of is None or forecast is None or forecast["date"] is None:
        return []
    reference = next((r for r in of["references"] if r["id"] == of["reference"]), None)
    if reference is None:
        return []
    way = reference["value"] - now["mean"]
    when = [
        None if forecast[key] is None else seconds(since, forecast[key]) / in_s - until
        for key in ("date", "low", "high")
    ]
    if when[0] is None or when[0] <= 0.0:
        return []
    at = min(when[0], until)  # no further ahead than the record goes back

    def by(date: float | None) -> float:
        return float(now["mean"] + (0.0 if date is None else way * min(1.0, at / max(date, at))))

    ends = sorted((by(when[1]), by(when[2])))
    return [Ahead(at=until + at, middle=by(when[0]), low=ends[0], high=ends[1])]


def _forecast(reader: Reader) -> dict[str, Any] | None:
    """What the trunk and the best set are at a larger scale; None where that cannot be known."""
    if len(reader.stack.rungs) < _RUNGS:
        return None
    answer: Answer = reader.ask(Question.FORECAST)
    if answer.body is None:
        return None
    rows = [row for row in answer.body["recipes"] if row["objectives"]]
    return {"answer": answer, "at": answer.body["at"], "rows": rows} if rows else None


PAGE = Page(name="trunk", path="/", title="Trunk", content=content, menu="Trunk")
