"""What `veto`, `force` and `withdraw` share: saying so, taking it back, and what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mainstem.cli import words
from mainstem.cli.opening import open_here
from mainstem.cli.output import console, print_json
from mainstem.domain.override import OverrideKind
from mainstem.wiring.overrides import override, overrides

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console


def run(
    kind: OverrideKind, proposal: str | None, reason: str | None, *, lift: bool, as_json: bool
) -> None:
    """Overrides a proposal, or lists the overrides that stand where none is named.

    Raises:
        UsageError: A reason is missing, or given for nothing.
    """
    if proposal is None:
        if lift or reason is not None:
            raise click.UsageError("name the PROPOSAL that it is about")
        list_all(as_json=as_json)
        return
    if reason is None:
        raise click.UsageError('say why: --reason "..." stands in the ledger, signed by you')
    with open_here() as project:
        chosen = OverrideKind.LIFT if lift else kind
        report = override(project, proposal, chosen, reason=reason)
    if as_json:
        print_json(report)
        return
    _render(report)
    if chosen == OverrideKind.WITHDRAW and report["override"] == OverrideKind.VETO:
        console().print(
            f"who wrote {proposal} withdraws it; you did not, as far as its commits say, so this "
            "is a veto, with your name and a price. If you did, under another address, take it "
            f"back (`mainstem veto {proposal} --lift`) and add that address to your entry in "
            "contributors.toml"
        )


def list_all(*, as_json: bool) -> None:
    """The overrides that stand, each with its price by what is known now."""
    with open_here() as project:
        report = overrides(project)
    if as_json:
        print_json(report)
        return
    out = console()
    if not report["overrides"]:
        out.print("no proposal is vetoed, forced or withdrawn")
    for at, row in enumerate(report["overrides"]):
        if at:
            out.print()
        done = OverrideKind(row["override"]).past + (", and merged" if row["merged"] else "")
        out.print(f"{row['proposal']}: {done}: {row['reason']}")
        out.print(signature(row))
        show_price(out, row["override"], row["price"])


def _render(report: Mapping[str, Any]) -> None:
    out = console()
    kind, before = report["override"], report["replaces"]
    instead = f", which was {before.past} before" if before is not None else ""
    if kind == OverrideKind.LIFT:
        out.print(
            f"{report['proposal']} is no longer {before.past} (line {report['line']} of the "
            "ledger, signed): it is judged by its evidence again"
        )
        return
    signer = "" if report["by"] is None else f" by {report['by']}"
    out.print(
        f"{kind.past} {report['proposal']}{instead} "
        f"(line {report['line']} of the ledger, signed{signer})"
    )
    show_price(out, kind, report["price"])
    if kind == OverrideKind.FORCE and report["in_the_way"]:
        others = " and ".join(report["in_the_way"])
        out.print(
            f"git cannot merge it with {others}, which `mainstem merge` would take in before it: "
            "nothing can be merged until its branch is rebased and proposed again, or `--lift` "
            "takes this back"
        )
    elif kind == OverrideKind.FORCE:
        out.print("`mainstem merge` takes it in, after what is confirmed; `--lift` takes this back")


def signature(row: Mapping[str, Any]) -> str:
    """Who said so and when, and where that stands."""
    who = "" if row["by"] is None else f" by {row['by']}"
    return f"signed{who} on {row['at'][:10]}, line {row['line']} of the ledger"


def show_price(out: Console, kind: str, price: Mapping[str, Any] | None) -> None:
    """What an override costs, in words and numbers."""
    if kind == OverrideKind.WITHDRAW:
        return
    if price is None:
        out.print("price: not known: no run on what led to this trunk succeeded with it")
        return
    with_it, without_it = words.recipe(price["with"]), words.recipe(price["without"])
    if price["with"] == price["without"]:
        out.print(f"price: nothing by what is known now: the best set is {with_it} either way")
        return
    out.print(f"the best set with this {kind}: {with_it}")
    out.print(f"without it: {without_it}")
    for name, difference in price["difference"].items():
        out.print(f"  {name}: {words.estimate(difference)}")
    value = price["value"]
    worth = "a loss" if value["high"] < 0.0 else "a gain" if value["low"] > 0.0 else "not settled"
    out.print(f"in all: {words.estimate(value)}: {worth} (below 0 is a loss; posterior)")
    if price["runs"] is not None and price["runs"]["mean"] > 0.0:
        runs = {**price["runs"], "unit": ""}
        out.print(
            f"to win it back at the pace of the {price['runs_so_far']} runs so far: "
            f"about {_whole(runs)} runs, or more"
        )


def _whole(runs: Mapping[str, Any]) -> str:
    """An estimate of runs in whole ones."""
    return f"{runs['mean']:.0f} [{runs['low']:.0f}, {runs['high']:.0f}]"
