"""`mainstem show --stale`: what each merged proposal still adds to the trunk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.cli import words
from mainstem.cli.output import console, print_json, table
from mainstem.domain.trunk import MemberState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

_UNSURE = (MemberState.UNSETTLED, MemberState.UNKNOWN)


def show(report: Mapping[str, Any], *, as_json: bool) -> None:
    """Prints the report."""
    if as_json:
        print_json(report)
        return
    out = console()
    out.print(f"{report['stack']}, trunk {report['trunk']['commit'][:10]}")
    if not report["members"]:
        out.print("nothing was merged yet: there is nothing that could be stale")
        return
    runs = words.plural(report["runs"], "run")
    out.print(
        f"posterior, from {runs}, those of before each merge included: nothing is proved here"
    )
    out.print()
    _members(out, report)
    _rule(out, report["rule"])
    _advice(out, report)


def _members(out: Console, report: Mapping[str, Any]) -> None:
    """What the trunk would lose without each member, a line per objective."""
    rows = []
    for member in report["members"]:
        first = [member["state"], member["id"]]
        needed = _chance(member["matters"])
        runs = f"{member['runs_without']} ({member['runs_without_it_alone']})"
        last = [needed, runs, member["merge_commit"][:10]]
        for name, adds in member["adds"].items() or [("-", None)]:
            rows.append([*first, name, words.estimate(adds), *last])
            first, last = ["", ""], ["", "", ""]
    columns = ("", "merged", "objective", "adds to the trunk", "needed", "without", "commit")
    out.print(table(*columns, rows=rows, right=(4,)))
    for member in report["members"]:
        if member["state"] in _UNSURE:
            out.print(f"{member['id']}: {member['reason']}")
    out.print(
        "adds: f(trunk) - f(trunk without it), above 0 it helps, 90% intervals in brackets; "
        "without: runs that leave it out (those of them that hold all other members of the trunk)"
    )


def _chance(probability: float | None) -> str:
    """A probability in percent, never 0 or 100, because a posterior is not certain."""
    if probability is None:
        return "-"
    if not 0.005 <= probability < 0.995:
        return "<1%" if probability < 0.5 else ">99%"
    return f"{probability:.0%}"


def _rule(out: Console, rule: Mapping[str, float]) -> None:
    """What needed and dead weight mean."""
    out.print(
        f"needed: the chance that without it an objective to improve loses {rule['worth']:g} "
        f"margins or more, or any objective more than {rule['tolerated']:g}; dead weight: at most "
        f"{1.0 - rule['sure']:.0%}"
    )


def _advice(out: Console, report: Mapping[str, Any]) -> None:
    """What may be taken out, and how to learn of what is not known."""
    together = report["removable_together"]
    dead = [m for m in report["members"] if m["state"] == MemberState.DEAD_WEIGHT]
    unsure = [m for m in report["members"] if m["state"] in _UNSURE]
    if dead or unsure:
        out.print()
    if together:
        out.print(f"may leave the trunk, all at once: {', '.join(together)}")
    for member in dead:
        if member["id"] not in together:
            out.print(f"{member['id']} is dead weight now, and would not be without those")
        if member["conflict"] is not None:
            paths = ", ".join(member["conflict"])
            out.print(f"git cannot take {member['id']} out by itself ({paths})")
    if unsure:
        commit, proposal = unsure[0]["merge_commit"][:10], unsure[0]["id"]
        out.print(
            "campaigns do not leave out what is merged: to have it measured, propose a branch that "
            f"takes it back (`git revert -m 1 {commit}` for {proposal})"
        )
