"""`mainstem plan`: says before spending anything what a budget can decide."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from mainstem.cli import words
from mainstem.cli.main import examples, store_option
from mainstem.cli.opening import open_here
from mainstem.cli.output import console, print_json, table
from mainstem.engine import planning

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command("plan", epilog=examples("mainstem plan --budget 60 -j 2"))
@click.option(
    "--budget",
    type=click.IntRange(1),
    required=True,
    help="Trials in all, of the rung that confirms.",
)
@click.option("-j", "slots", type=click.IntRange(1), default=1, show_default=True, help="At once.")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(budget: int, slots: int, *, as_json: bool) -> None:
    """Say what N trials can decide: the smallest effect that will be seen, per objective.

    Exit code 1 if nothing is detectable with that budget.
    """
    with open_here() as project:
        report = planning.plan(project.stack, project.record(), budget=budget, slots=slots)
    nothing = not report["proposals"] or all(
        report["detectable"][name] is None for name in report["improve"]
    )
    if as_json:
        print_json(report)
    else:
        _render(report, nothing=nothing)
    sys.exit(1 if nothing else 0)


def _render(report: Mapping[str, Any], *, nothing: bool) -> None:
    out = console()
    proposals = words.plural(report["proposals"], "proposal")
    out.print(
        f"{report['budget']} trials for {proposals}: about {report['search_trials']} to search and "
        f"{words.plural(report['confirmation_pairs'], 'pair')} to confirm, "
        f"about {words.duration(report['wall_s'])}"
    )
    top, cheaper = report["rungs"][-1]["rung"], report["rungs"][:-1]
    if cheaper:
        parts = ", ".join(f"one of {row['rung']} counts {row['share']:.3g}" for row in cheaper)
        out.print(
            f"trials of rung {top}, which confirms ({parts}); what a search at cheaper rungs "
            "saves is not counted on"
        )
    if not report["proposals"]:
        out.print("no open proposal: take branches in with `mainstem propose BRANCH...`")
        return
    if nothing:
        pairs, least = words.plural(report["confirmation_pairs"], "pair"), report["least_budget"]
        out.print(f"nothing is detectable with this budget: {pairs} cannot prove a gain")
        if least is not None:
            out.print(f"the least budget that can: `mainstem plan --budget {least}`")
        return
    rows = []
    for name, effect in report["detectable"].items():
        sd, margin = report["sd"][name], report["margins"][name]
        seen = "any change" if effect == 0.0 else "not with this budget"
        if effect:
            seen = words.number(effect, words.digits(effect))
        noise = words.number(sd, words.digits(sd)) if sd else "0"
        shown = words.number(margin, words.digits(margin))
        rows.append([name, noise, shown, seen, report["units"][name]])
    out.print(table("objective", "sd", "margin", "detectable", "unit", rows=rows, right=(1, 2, 3)))
    out.print(f"detectable: the smallest effect seen with probability {report['power']:.0%}")
    for name, chance in report["keeps"].items():
        if name not in report["improve"] and chance < report["power"]:
            out.print(
                f"{name} is in the way: its noise is large for its margin, so a set that does not "
                f"change it is shown to keep the margin with probability {chance:.0%}; a wider "
                "margin or a larger budget helps"
            )
