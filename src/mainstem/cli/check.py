"""`mainstem check`: runs the trunk against itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mainstem.cli import words
from mainstem.cli.main import StoppedError, examples, store_option
from mainstem.cli.opening import open_here
from mainstem.cli.output import console, print_json, say, table
from mainstem.cli.places import places
from mainstem.cli.rungs import put_in_play, rungs_option
from mainstem.engine import check as checking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from mainstem.wiring.clusters import Where


@click.command("check", epilog=examples("mainstem check", "mainstem check --runs 8 -j 2"))
@click.option(
    "--runs",
    type=click.IntRange(1),
    default=checking.RUNS,
    show_default=True,
    help="Fresh seeds of the trunk at each rung; one of them is run twice.",
)
@click.option("-j", "slots", type=click.IntRange(1), default=1, show_default=True, help="At once.")
@rungs_option
@places
@click.option("--strict", is_flag=True, help="Refuse where a trial cannot be confined as asked.")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    runs: int,
    slots: int,
    *,
    rungs: str | None,
    place: Where,
    strict: bool,
    as_json: bool,
) -> None:
    """Run the trunk against itself: metrics, their noise, what a trial costs, what is enforced."""
    ended = 0

    def finished(done: int, of: int) -> None:
        nonlocal ended
        ended = done
        if not as_json:
            say(f"trunk run {done} of {of} finished", err=True)

    of = runs + 1
    try:
        with open_here() as project:
            put_in_play(project, rungs)
            of *= len(project.stack.rungs_in_play)
            with project.workshop(slots=slots, strict=strict, place=place) as shop:
                report = checking.check(shop, runs=runs, finished=finished)
    except KeyboardInterrupt:
        raise StoppedError(
            f"stopped after {ended} of {of} trunk runs; nothing was recorded, "
            "the same command begins anew"
        ) from None
    if as_json:
        print_json(report)
    else:
        _render(report, runs)


def _render(report: Mapping[str, Any], runs: int) -> None:
    out = console()
    rungs = [*report.get("rungs", ()), report]
    for seen in rungs:
        if len(rungs) > 1:
            confirms = ", which confirms" if seen is report else ""
            out.print(f"at rung {seen['rung']} (cost {seen['cost']:g}){confirms}:")
        _objectives(out, seen)
        out.print(
            f"\n{words.plural(runs, 'fresh seed')}; one trial takes "
            f"{words.duration(seen['trial_s'])} ({words.duration(seen['cpu_s'])} of CPU) and "
            f"{words.size(seen['peak_rss_bytes'])} of memory at its peak"
        )
        if seen is not report:
            out.print()
    for line in words.confinement(report["confinement"]):
        out.print(line)
    objectives = [found for seen in rungs for found in seen["objectives"].values()]
    if any(not seen["repeatable"] for seen in objectives):
        out.print(
            "\nThe same seed gave another value: results are still right on average, but a killed "
            "campaign may not take the same course again."
        )


def _objectives(out: Console, report: Mapping[str, Any]) -> None:
    """What was measured at one rung."""
    rows = []
    for name, seen in report["objectives"].items():
        sd, margin = seen["sd"], seen["margin"]
        places = words.digits(sd or 0.0, seen["mean"])
        noise = "-" if sd is None else words.number(sd, words.digits(sd)) if sd else "0"
        nature = "deterministic" if seen["deterministic"] else "noisy"
        if not seen["repeatable"]:
            nature = "same seed, other value!"
        if sd == 0.0 and seen["mean"] == round(seen["mean"]):
            places = 0
        mean = words.number(seen["mean"], places)
        shown = words.number(margin, words.digits(margin))
        rows.append([name, seen["role"], mean, noise, shown, seen["unit"], nature])
    columns = ("objective", "role", "mean", "sd", "margin", "unit", "nature")
    out.print(table(*columns, rows=rows, right=(2, 3, 4)))
