"""`mainstem check`: runs the trunk against itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mainstem.cli import words
from mainstem.cli.main import StoppedError, examples, store_option
from mainstem.cli.opening import open_here
from mainstem.cli.output import console, print_json, table
from mainstem.cli.places import places
from mainstem.engine import check as checking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.wiring.clusters import Where


@click.command("check", epilog=examples("mainstem check", "mainstem check --runs 8 -j 2"))
@click.option(
    "--runs",
    type=click.IntRange(1),
    default=checking.RUNS,
    show_default=True,
    help="Fresh seeds of the trunk; one of them is run twice.",
)
@click.option("-j", "slots", type=click.IntRange(1), default=1, show_default=True, help="At once.")
@places
@click.option("--strict", is_flag=True, help="Refuse where a trial cannot be confined as asked.")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    runs: int,
    slots: int,
    *,
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
            click.echo(f"trunk run {done} of {of} finished", err=True)

    try:
        with (
            open_here() as project,
            project.workshop(slots=slots, strict=strict, place=place) as shop,
        ):
            report = checking.check(shop, runs=runs, finished=finished)
    except KeyboardInterrupt:
        raise StoppedError(
            f"stopped after {ended} of {runs + 1} trunk runs; nothing was recorded, "
            "the same command begins anew"
        ) from None
    if as_json:
        print_json(report)
    else:
        _render(report, runs)


def _render(report: Mapping[str, Any], runs: int) -> None:
    out = console()
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
    out.print(
        f"\n{words.plural(runs, 'fresh seed')}; one trial takes "
        f"{words.duration(report['trial_s'])} ({words.duration(report['cpu_s'])} of CPU) and "
        f"{words.size(report['peak_rss_bytes'])} of memory at its peak"
    )
    for line in words.confinement(report["confinement"]):
        out.print(line)
    if any(not seen["repeatable"] for seen in report["objectives"].values()):
        out.print(
            "\nThe same seed gave another value: results are still right on average, but a killed "
            "campaign may not take the same course again."
        )
