"""`mainstem status`: where the campaign stands, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mainstem.cli import words
from mainstem.cli.main import examples, names_option, store_option
from mainstem.cli.opening import authors_on_record, open_here
from mainstem.cli.output import console, print_json, say, table, writes_unicode
from mainstem.cli.rungs import spent
from mainstem.cli.scene import Scene, standing
from mainstem.cli.watch import watch
from mainstem.domain.errors import UsageError
from mainstem.engine import views
from mainstem.people.names import with_authors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

_FAILURE = 200
"""Of a failure that is told; `mainstem log` has all of it."""


@click.command(
    "status",
    epilog=examples("mainstem status", "mainstem status --watch", "mainstem status --json"),
)
@click.option(
    "--watch",
    "--live",
    "watching",
    is_flag=True,
    help="Go on showing it, until the campaign ends or Ctrl-C; only reads.",
)
@names_option
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, watching: bool, names: bool, as_json: bool) -> None:
    """Show where the campaign stands."""
    if watching and (names or as_json):
        other = "--names" if names else "--json"
        raise UsageError(f"--watch goes on and on: `mainstem status {other}` is asked by itself")
    with open_here() as project:
        if watching and not watch(project):
            return
        known = authors_on_record(project, command="status") if names else None
        record = project.record()
        campaign, state = project.standing(record)
        found = views.status(record, campaign, state, progress=project.progress(record))
        scene = Scene(slots=0, campaign=campaign, objectives=project.stack.objectives)
        report = {**found, "warnings": project.warnings(record)}
    if known is not None:
        report["proposals"] = with_authors(report["proposals"], known)
    if as_json:
        print_json(report)
    else:
        scene.best = report["best"]
        scene.follow()
        _render(report, scene)


def _render(report: Mapping[str, Any], scene: Scene) -> None:
    out = console()
    _campaign(out, report)
    failed = report["trunk_failure"] if report["pid"] is None else None
    if failed is not None:
        trial, what = failed["trial"], words.brief(failed["detail"], _FAILURE)
        out.print(
            f"the trunk does not run ({trial}): {what}; see `mainstem log {trial}`; the same "
            "command goes on once this is mended"
        )
    elif report["best"] is not None:
        out.print(words.best_line(report["best"]))
        for line in standing(scene, width=out.width, unicode=writes_unicode()):
            out.print(line)
    rows = [
        ["merged" if p["merged"] else words.standing(p), p["id"], *words.authors_column(p)]
        for p in report["proposals"]
    ]
    if rows:
        named = ["authors"] if len(rows[0]) > 2 else []
        out.print(table("verdict", "proposal", *named, rows=rows))
    else:
        out.print("no proposal yet: take branches in with `mainstem propose BRANCH...`")
    for warning in (*words.not_repeatable(report["not_repeatable"]), *report["warnings"]):
        say(f"note: {warning}")


def _campaign(out: Console, report: Mapping[str, Any]) -> None:
    """Which campaign it is, what of its budget is spent, and who works on it."""
    if report["campaign"] is None and report["proposals"]:
        out.print("no campaign yet: run `mainstem integrate --budget N`")
    elif report["campaign"] is not None:
        state = "ended" if report["ended"] else "stopped"
        if report["pid"] is not None:
            who = f"as pid {report['pid']}"
            if report["workers"]:
                who = f"on {words.plural(len(report['workers']), 'worker')}"
            state = f"running {who}, {words.duration(report['eta_s'])} left"
        out.print(f"campaign {report['campaign']}: {spent(report)}, {state}")
    workers = [
        [f"{w['host']} {w['pid']}", str(w["slots"]), " ".join(w["running"]) or "waits"]
        for w in report["workers"]
    ]
    if workers:
        out.print(table("worker", "slots", "running", rows=workers, right=(1,)))
