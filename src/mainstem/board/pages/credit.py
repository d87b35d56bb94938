"""Credit: how the trunk's measured gain is divided over proposals and over the people behind them.

Names stand here, as in `mainstem credit`: what is credited is merged, so nothing is left to judge.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mainstem.board.page import ROWS, Page
from mainstem.board.reader import Question
from mainstem.board.render import place
from mainstem.plots import gains, numbers
from mainstem.plots.forms import either

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.board.page import Visit
    from mainstem.board.reader import Reader

_DRAWN = 40  # rows of a picture
_STEPS = 20  # steps of the history on a page
_BESIDE = 12  # members beside which one is told apart


def content(reader: Reader, visit: Visit) -> dict[str, Any]:
    """What the page shows; `objective` picks one of the divisions.

    Raises:
        NotHereError: There is no such division.
    """
    answer = reader.ask(Question.CREDIT)
    report = answer.body
    if report is None:
        return {"answer": answer, "report": None}
    tables = divisions(report)
    moved = [one for one in tables if not numbers.is_nothing(one["total"])]
    names = tuple(one["objective"] for one in moved)
    asked = visit.one_of("objective", [one["objective"] for one in tables], default="")
    chosen = asked if asked in names else next(iter(names), "")
    steps = list(reversed(report.get("history", ())))
    learnt = sorted(report["information"], key=lambda row: -row["nats"])
    return {
        "answer": answer,
        "report": report,
        "names": names,
        "chosen": chosen,
        **_shown(next((one for one in moved if one["objective"] == chosen), None)),
        "unmoved": [one["objective"] for one in tables if numbers.is_nothing(one["total"])],
        "history": [_step(step, chosen) for step in steps[:_STEPS]],
        "earlier": max(0, len(steps) - _STEPS),
        "learnt": learnt,
        "built_on": [(p, on) for p, on in report["filed_on"].items() if on],
        "most": ROWS,
    }


def _shown(one: Mapping[str, Any] | None) -> dict[str, Any]:
    """The division that is shown, with its pictures."""
    if one is None:
        return {"division": None, "picture": None, "people_picture": None}
    found = division(one)
    unit = found["total"]["unit"]
    return {
        "division": found,
        "picture": _picture([(m["id"], m["value"]) for m in found["members"]], "proposals", unit),
        "people_picture": _picture(
            [(p["handle"], p["value"]) for p in found["people"]], "people", unit
        ),
    }


def _picture(found: Sequence[tuple[str, Mapping[str, Any]]], of: str, unit: str) -> str | None:
    """What each earned, with intervals; proposals lead to their pages. None of nobody."""
    if not found:
        return None
    rows = [
        gains.Gain(
            label=name,
            value=value["mean"],
            low=value["low"],
            high=value["high"],
            href=place(f"/proposals/{name}") if of == "proposals" else None,
        )
        for name, value in found[:_DRAWN]
    ]
    axis = f"earned, {unit}".rstrip(", ")
    best = f"{found[0][0]} earned most, {numbers.estimate(found[0][1])}."
    return either(
        partial(
            gains.gains,
            rows,
            groups=(),
            lines={},
            title=f"Credit of {of}",
            description=best,
            axis=axis,
        )
    )


def divisions(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every objective, after all that are to be improved together where they are several."""
    in_all = report["in_all"]
    several = in_all is not None and len(in_all["of"]) > 1
    return [*([in_all] if several else []), *report["objectives"]]


def division(one: Mapping[str, Any]) -> dict[str, Any]:
    """A division as the template needs it: members and people, who earned most first."""
    members = sorted(one["members"], key=lambda m: -m["value"]["mean"])
    return {
        "objective": one["objective"],
        "of": one.get("of", ()),
        "total": one["total"],
        "members": [{**m, "beside": _beside(m["beside"])} for m in members],
        "people": sorted(one["people"], key=lambda p: -p["value"]["mean"]),
        "parts": any(m["percent"] is not None for m in members),
        "parts_of": numbers.of_total(one["total"]),
        "cancel": numbers.cancels(m["percent"] for m in members),
    }


def _beside(found: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    """What a member does beside each other one, the largest first."""
    ranked = sorted(found.items(), key=lambda item: -abs(item[1]["mean"]))
    return ranked[:_BESIDE]


def _step(step: Mapping[str, Any], objective: str) -> dict[str, Any]:
    """A step of the history, on one objective: what each member stood at, and how it moved."""
    one = next((o for o in divisions(step) if o["objective"] == objective), None)
    members: Sequence[Mapping[str, Any]] = () if one is None else one["members"]
    return {
        "line": step["line"],
        "at": step["at"],
        "trunk": step["trunk"],
        "merged": step["merged"],
        "runs": step["runs"],
        "new": len(step["new_trials"]),
        "total": None if one is None else one["total"],
        "members": [
            {"id": m["id"], "value": m["value"], "moved": moved_by(m)}
            for m in sorted(members, key=lambda m: -m["value"]["mean"])
        ],
    }


def moved_by(member: Mapping[str, Any]) -> str:
    """By how much a value moved since the step before, in its precision; `new` where it began."""
    if member["moved"] is None:
        return "new"
    value = member["value"]
    places = numbers.decimals(value["mean"], value["low"], value["high"])
    return numbers.number(member["moved"]["value"], places, signed=True)


PAGE = Page(name="credit", path="/credit", title="Credit", content=content, menu="Credit")
