"""`mainstem frontier`: how far the trunk is from results elsewhere, and what closes most of it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mainstem.cli.main import examples, store_option
from mainstem.cli.opening import open_here
from mainstem.cli.output import console, print_json, table
from mainstem.domain.reference import Obtained

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from rich.console import Console

_SHOWN = 8
"""Of the proposals that may close a gap and of the values that an import left; the JSON has all."""

_EXAMPLES = examples(
    "mainstem frontier",
    "mainstem frontier --html frontier.html",
    "mainstem frontier import results.json --objective acc=hellaswag/acc_norm",
    "mainstem propose muon --reference muon-2025",
)


@click.group("frontier", invoke_without_command=True, epilog=_EXAMPLES)
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write one page with pictures to this file.",
)
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(ctx: click.Context, html: Path | None, *, as_json: bool) -> None:
    """Show how far the trunk is from the references of frontier.toml, per objective.

    With intervals, only where both were measured alike; when the trunk is there at the present
    pace; which open and shelved proposals close most of the gap for what they cost; and which
    references were reproduced here.
    """
    if ctx.invoked_subcommand is not None:
        return
    from mainstem.wiring.frontier import frontier  # loads the statistics: only when needed

    with open_here() as project:
        report = frontier(project, html=html)
    if as_json:
        print_json(report)
        return
    _render(console(), report)
    if html is not None:
        console().print(f"\nwritten: {html}")


def _pairs(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """Options of the form NAME=VALUE.

    Raises:
        BadParameter: One is not of that form, or a name comes twice.
    """
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise click.BadParameter(f"{text!r}: write NAME=VALUE", ctx=ctx, param=param)
        if name in found:
            raise click.BadParameter(f"{name} comes twice", ctx=ctx, param=param)
        found[name] = value
    return found


def _factors(
    ctx: click.Context, param: click.Parameter, given: tuple[str, ...]
) -> dict[str, float]:
    """Factors by objective.

    Raises:
        BadParameter: One is no finite number other than 0.
    """
    found = {}
    for name, text in _pairs(ctx, param, given).items():
        try:
            factor = float(text)
        except ValueError:
            factor = math.nan
        if not math.isfinite(factor) or factor == 0.0:
            raise click.BadParameter(f"{name}={text}: write a number", ctx=ctx, param=param)
        found[name] = factor
    return found


@command.command("import", epilog=_EXAMPLES)
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--objective",
    "objectives",
    metavar="NAME=KEY",
    multiple=True,
    callback=_pairs,
    help="Which value is of which objective: TASK/METRIC[,FILTER], or DATASET/TASK of the Hub.",
)
@click.option(
    "--factor",
    "factors",
    metavar="NAME=NUMBER",
    multiple=True,
    callback=_factors,
    help="What a value is multiplied by to be in the objective's unit, such as 100.",
)
@click.option(
    "--obtained",
    type=click.Choice([str(word) for word in Obtained if word is not Obtained.MADE]),
    default=str(Obtained.PUBLISHED),
    help="How the values came here; default: published.",
)
@click.option("--date", type=click.DateTime(["%Y-%m-%d"]), help="Of files that state none.")
@click.option("--source", default="", metavar="ADDRESS", help="Of files that state none.")
@click.option("--dry-run", is_flag=True, help="Only say what would be added.")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def bring(
    *,
    files: Sequence[Path],
    objectives: Mapping[str, str],
    factors: Mapping[str, float],
    obtained: str,
    date: dt.datetime | None,
    source: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Add results that evaluation harnesses wrote to frontier.toml.

    Reads the JSON of lm-evaluation-harness (--output_path) and the YAML of model repositories
    (.eval_results/). What stands in frontier.toml stays as it is; what is not taken is named.
    """
    from mainstem.frontier.importing import Wanted
    from mainstem.wiring.frontier import imported

    wanted = Wanted(
        objectives=objectives,
        factors=factors,
        obtained=Obtained(obtained),
        date=None if date is None else date.date(),
        source=source,
    )
    with open_here() as project:
        report = imported(project, files, wanted, dry_run=dry_run)
    if as_json:
        print_json(report)
    else:
        _render_import(console(), report)


def _render_import(out: Console, report: Mapping[str, Any]) -> None:
    taken, left = report["taken"], report["left"]
    done = "would be added to" if report["dry_run"] else "added to"
    if taken:
        out.print(f"{done} {report['file']}:")
        rows = [[r["id"], r["objective"], r["metric"], f"{r['value']:.10g}"] for r in taken]
        out.print(table("reference", "objective", "value of", "value", rows=rows, right=(3,)))
        out.print("values are taken to be in the objective's unit, but where --factor says another")
    else:
        out.print(f"nothing {done} {report['file']}")
    for row in left[:_SHOWN]:
        out.print(f"not taken: {row['name']} ({row['file']}): {row['why']}")
    if len(left) > _SHOWN:
        out.print(f"not taken: {len(left) - _SHOWN} more (--json names all)")


def _render(out: Console, report: Mapping[str, Any]) -> None:
    """Every objective with references, then the rest, then claims."""
    from mainstem.frontier import words  # its statuses load what reads the record

    runs = report["trunk"]["runs"]
    known = "no run of it" if runs == 0 else f"{runs} run{'' if runs == 1 else 's'} of it"
    head = f"{report['stack']}, trunk {report['trunk']['commit'][:10]}, {known} at"
    out.print(f"{head} rung {report['rung']}")
    if report["file"] is None:
        out.print(
            "no frontier.toml: write one beside mainstem.toml (docs/parts/frontier.md), or "
            "`mainstem frontier import FILE...`"
        )
    shown = [one for one in report["objectives"] if one["references"]]
    for one in shown:
        out.print(f"\n{one['objective']} ({one['direction']})", style="bold")
        for said in words.standing(one):
            out.print(said)
        for said in words.trend(report, one):
            out.print(said)
        _references(out, one)
        _prospects(out, one)
    rest = words.rest(report) if report["file"] is not None else []
    if rest:
        out.print()
    for said in rest:
        out.print(said)
    _claims(out, report)


def _references(out: Console, one: Mapping[str, Any]) -> None:
    """What cannot be compared, with why."""
    from mainstem.frontier import words

    others = [r for r in one["references"] if r["comparable"] and r["id"] != one["reference"]]
    for row in others:
        out.print(f"comparable too: {row['id']}, {words.value(row)}")
    for row in one["references"]:
        if not row["comparable"]:
            out.print(f"not compared: {row['id']}, {words.value(row)}: {words.mismatches(row)}")


def _prospects(out: Console, one: Mapping[str, Any]) -> None:
    """What would close the gap."""
    from mainstem.frontier import words

    rows = one["prospects"]
    if not rows:
        if one["gap"] is not None and one["role"] == "improve" and one["gap"]["value"]["mean"] > 0:
            out.print("no open or shelved proposal has run on this trunk: `mainstem integrate`")
        return
    cells = [words.prospect(row) for row in rows[:_SHOWN]]
    out.print(table(*words.PROSPECT, rows=cells, right=(3, 4, 5)))
    if len(rows) > _SHOWN:
        out.print(f"and {len(rows) - _SHOWN} more (--json)")
    out.print(
        "closes: the expected part of the gap; cost: of the trials that would prove it; -: not to "
        "be proved as it stands"
    )


def _claims(out: Console, report: Mapping[str, Any]) -> None:
    """What became of references that were proposed here."""
    from mainstem.frontier import words

    if not report["claims"]:
        return
    out.print("\nreferences that were proposed here", style="bold")
    for row in report["claims"]:
        proposal, reference, claimed, measured, outcome = words.claim(row)
        out.print(f"{proposal} brings {reference}: {outcome}")
        out.print(f"  claimed {claimed}; measured {measured}")
        counts = [f"{len(trials)} {kind}" for kind, trials in row["runs"].items() if trials]
        out.print(f"  runs: {', '.join(counts) or 'none'}; `mainstem why {proposal}` lists them")
