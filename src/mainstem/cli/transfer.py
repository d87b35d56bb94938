"""`mainstem show --transfer`: whether what small runs say holds where it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.cli import words
from mainstem.cli.output import console, print_json, table
from mainstem.cli.rungs import ran
from mainstem.domain.transfer import Holding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console


def show(report: Mapping[str, Any], *, as_json: bool) -> None:
    """Prints the report."""
    if as_json:
        print_json(report)
        return
    out = console()
    why = _nothing(report)
    if why is not None:
        out.print(why)
        return
    out.print(
        f"{report['stack']}, campaign {report['campaign']}{ran(report['rungs'])}; posterior: "
        f"verdicts are confirmed at {report['confirm_rung']} only"
    )
    out.print()
    _proposals(out, report)
    _agreement(out, report)


def _nothing(report: Mapping[str, Any]) -> str | None:
    """Why there is nothing to tell, where that is so."""
    if report["campaign"] is None:
        return "no campaign yet: run `mainstem integrate --budget N`"
    if not report["known"]:
        return (
            f"campaign {report['campaign']} ran with other settings of mainstem.toml: run "
            "`mainstem integrate` again"
        )
    if len(report["rungs"]) < 2:
        return (
            f"campaign {report['campaign']} runs at rung {report['confirm_rung']} only: nothing "
            "carries over; name cheaper [[rungs]] to search at them"
        )
    if not report["proposals"]:
        return "nothing is known at two rungs yet: the trunk has not run at both"
    return None


def _proposals(out: Console, report: Mapping[str, Any]) -> None:
    """What each proposal does alone at each rung, a line per objective and rung."""
    rows = []
    for proposal in report["proposals"]:
        name = proposal["id"]
        for objective, found in proposal["objectives"].items():
            first = [name, objective]
            for at in found["effects"]:
                gain = words.estimate(at["gain"], unit=False)
                last = _word(found) if at is found["effects"][-1] else ""
                rows.append([*first, at["rung"], gain, str(at["runs"]), last])
                first, name = ["", ""], ""
    columns = ("proposal", "objective", "rung", "gain alone", "runs", "small runs")
    out.print(table(*columns, rows=rows, right=(4,)))
    out.print(
        "gain alone: on the trunk at that rung, above 0 is better, 90% intervals in brackets; "
        "runs: successful ones with it; small runs: whether the sign at the cheapest rung is that "
        "at the one that decides, with its probability; no effect: less than a margin at both"
    )


def _word(found: Mapping[str, Any]) -> str:
    """Whether small-scale evidence has held, with the probability that it does."""
    holding = Holding(found["holding"])
    if holding is Holding.NONE:
        return str(holding)
    same = found["same"] if holding is not Holding.TURNED else 1.0 - found["same"]
    return f"{holding}, {'over 99%' if same >= 0.995 else f'{same:.0%}'}"


def _agreement(out: Console, report: Mapping[str, Any]) -> None:
    """How well each cheaper rung orders recipes."""
    if not report["agreement"]:
        return
    rows = [
        [
            found["rung"],
            found["objective"],
            words.estimate(found["rank"], unit=False),
            words.estimate(found["carries"], unit=False),
            f"{found['recipes']} ({found['both']})",
        ]
        for found in report["agreement"]
    ]
    out.print()
    columns = ("rung", "objective", "rank agreement", "carries over", "recipes")
    out.print(table(*columns, rows=rows))
    out.print(
        f"rank agreement: Spearman's, with {report['confirm_rung']}, over the recipes that ran "
        "(those of them that ran at both); carries over: how much of a gain there is found at the "
        "next rung"
    )
