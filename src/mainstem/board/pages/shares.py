"""Shares: whose proposals have which part of the compute, and who waited how long.

Names stand here, as in `mainstem shares`: the page is about what people were given, and shows no
verdict.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mainstem.board.page import ROWS, Page
from mainstem.board.reader import Question
from mainstem.plots import bars
from mainstem.plots.forms import either

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.board.page import Visit
    from mainstem.board.reader import Reader

SORTS = ("trials", "proposals", "waited_s", "waiting_s", "handle")
"""Columns that contributors can be sorted by."""

_ROUNDING = 0.05
_DRAWN = 40  # contributors in the picture


def content(reader: Reader, visit: Visit) -> dict[str, Any]:
    """What the page shows; `sort` and `page` arrange the contributors."""
    answer = reader.ask(Question.SHARES)
    report = answer.body
    if report is None:
        return {"answer": answer, "report": None}
    sort = visit.word("sort", among=SORTS, default="trials")
    people = sorted(report["contributors"], key=lambda row: _rank(row, sort))
    last = max(1, -(-len(people) // ROWS))
    number = min(visit.number("page", default=1, least=1), last)
    return {
        "answer": answer,
        "report": report,
        "people": people[(number - 1) * ROWS : number * ROWS],
        "number": number,
        "last": last,
        "sort": sort,
        "picture": _picture(people[:_DRAWN]),
        "undrawn": max(0, len(people) - _DRAWN),
        "amount": count,
        "rule": rule(report),
        "evenness": evenness(report),
        "undecided": sum(row["undecided"] for row in people),
        "waiting": sum(row["waiting"] for row in people),
    }


def _rank(row: Mapping[str, Any], sort: str) -> tuple[Any, ...]:
    """Names as they are, numbers from the largest down, those without one last."""
    if sort == "handle":
        return (row["handle"].casefold(), row["handle"])
    value = row[sort]
    return (value is None, -(value or 0.0), row["handle"])


def _picture(people: Sequence[Mapping[str, Any]]) -> str | None:
    """Each contributor's part of the trials; None while nothing has run."""
    drawn = [row for row in people if row["share"] is not None]
    if not drawn:
        return None
    most = drawn[0]
    found = [
        bars.Bar(
            label=row["handle"],
            value=row["trials"],
            said=f"{count(row['trials'])} ({row['share']:.0%})",
        )
        for row in drawn
    ]
    draw = partial(
        bars.bars,
        found,
        title="Trials by contributor",
        description=(
            f"{len(drawn)} contributors; {most['handle']} comes first here, with "
            f"{count(most['trials'])} trials. Beside each bar: its part of all trials."
        ),
        axis="trials",
    )
    return either(draw)


def count(amount: float) -> str:
    """A number of proposals or trials: authors have parts of them."""
    whole = abs(amount - round(amount)) < _ROUNDING
    return f"{amount:,.0f}" if whole else f"{amount:,.1f}"


def rule(report: Mapping[str, Any]) -> str:
    """How compute is shared, in a sentence."""
    if not report["on"]:
        return "Compute is not shared out: there is no contributors.toml, and all enter at once."
    if not any(row["undecided"] for row in report["contributors"]):
        return "Nobody is in line: every proposal has its verdict."
    if report["level"] is None:
        least = report["line"]
        short = f": fewer than {_proposals(least)} would wait" if least > 1 else ""
        return (
            f"Nobody is in line{short}; who is not in the campaign yet enters it by the next "
            "integrate."
        )
    return (
        f"Each contributor may have {_proposals(report['level'])} in the campaign at once (times "
        "their weight): as many as three of four ask for. What is beyond is in line."
    )


def evenness(report: Mapping[str, Any]) -> str:
    """Jain's index in words; "" where there is none."""
    if report["jain"] is None:
        return ""
    least = 1.0 / len(report["contributors"])
    weighed = len({row["weight"] for row in report["contributors"]}) > 1
    by, even = (" by weight", "as the weights say") if weighed else ("", "all the same")
    return (
        f"Jain's index of the trials{by} is {report['jain']:.2f}: 1 is {even}, {least:.2g} is "
        "one has everything."
    )


def _proposals(amount: float) -> str:
    return (
        f"{count(amount)} proposal"
        if abs(amount - 1.0) < _ROUNDING
        else f"{count(amount)} proposals"
    )


PAGE = Page(name="shares", path="/shares", title="Shares", content=content, menu="Shares")
