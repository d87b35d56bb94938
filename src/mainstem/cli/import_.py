"""`mainstem import`: what results that somebody else made support, and what to run next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mainstem.cli.main import examples, store_option
from mainstem.cli.opening import open_here
from mainstem.cli.output import console, print_json, table
from mainstem.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console


@click.command(
    "import",
    epilog=examples(
        "mainstem import records.json --nats 0.005 --tokens-per-byte 0.41",
        "mainstem import runs.csv --objective loss,margin=0.01 --baseline lr=3e-4",
        "mainstem import runs.csv --into      the next `integrate` starts from them",
    ),
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--objective",
    "objectives",
    multiple=True,
    metavar="NAME,margin=M,...",
    help="What was measured: margin, direction, role, unit; may be repeated.",
)
@click.option("--baseline", multiple=True, metavar="COLUMN=VALUE", help="Of runs: a setting of it.")
@click.option(
    "--only", multiple=True, metavar="COLUMN=VALUE", help="Of runs: rung, harness, machine."
)
@click.option(
    "--ignore", multiple=True, metavar="COLUMN", help="Of runs: a column without meaning."
)
@click.option("--nats", type=click.FloatRange(0.0), help="Of records: ask for nats per byte.")
@click.option(
    "--tokens-per-byte",
    type=click.FloatRange(0.0, min_open=True),
    multiple=True,
    help="With --nats: ask for as many nats per token too; may be repeated.",
)
@click.option("--gain", type=float, multiple=True, help="Of records: ask for a gain in their unit.")
@click.option("--into", is_flag=True, help="Take runs of open proposals into this ledger.")
@click.option(
    "--call",
    type=(str, str),
    multiple=True,
    metavar="CHANGE PROPOSAL",
    help="With --into: a change of the file is this proposal.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of the landscape's draws.")
@click.option("--next", "ask", type=click.IntRange(min=1), default=4, help="Runs to name.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write one page with pictures to this file.",
)
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    *,
    file: Path,
    objectives: Sequence[str],
    baseline: Sequence[str],
    only: Sequence[str],
    ignore: Sequence[str],
    nats: float | None,
    tokens_per_byte: Sequence[float],
    gain: Sequence[float],
    call: Sequence[tuple[str, str]],
    seed: int,
    ask: int,
    html: Path | None,
    into: bool,
    as_json: bool,
) -> None:
    """Say what the records or runs in FILE (CSV or JSON) support, and what to run next.

    Records are a leaderboard's: each is held against the best before it. Runs have settings or
    a list of changes, a seed and metrics. Nothing is changed, but with --into, which takes runs of
    open proposals into the ledger: the next `integrate` starts from them. They never confirm.
    """
    # These load the statistics: only when needed.
    from mainstem.frontier.supported import Asked
    from mainstem.wiring import imports

    reading = {
        "baseline": _settings("--baseline", baseline),
        "only": _places(_settings("--only", only)),
        "ignored": tuple(ignore),
    }
    if into:
        if objectives:
            raise UsageError("with --into the objectives are those of mainstem.toml: name none")
        if nats is not None or gain or tokens_per_byte:
            raise UsageError("--nats, --tokens-per-byte and --gain are of records: not with --into")
        with open_here() as project:
            report = imports.take_in(
                project, file, reading=reading, names=dict(call), seed=seed, ask=ask
            )
    else:
        if call:
            raise UsageError("--call names proposals of a ledger: it goes with --into")
        asked = Asked(gains=tuple(gain), nats=nats, tokens_per_byte=tuple(tokens_per_byte))
        report = imports.report(
            file, objectives=objectives, asked=asked, reading=reading, seed=seed, ask=ask
        )
    if html is not None:
        imports.write_page(html, report)
    if as_json:
        print_json(report)
        return
    _render(console(), report)
    if html is not None:
        console().print(f"\nwritten: {html}")


def _settings(option: str, given: Sequence[str]) -> dict[str, str]:
    """Options such as `lr=3e-4`, by column.

    Raises:
        UsageError: One has no `=`, or a column is named twice.
    """
    found: dict[str, str] = {}
    for text in given:
        column, equals, value = text.partition("=")
        if not equals or not column or column in found:
            raise UsageError(f"{option} {text!r}: write it as COLUMN=VALUE, once for each column")
        found[column] = value
    return found


def _places(only: Mapping[str, str]) -> Mapping[str, str]:
    """What runs may be chosen by.

    Raises:
        UsageError: Another column, which would choose runs by what was changed or measured.
    """
    from mainstem.frontier.runs import PLACES

    for column in only:
        if column not in PLACES:
            raise UsageError(f"--only {column}=...: runs are chosen by {', '.join(PLACES)}")
    return only


def _render(out: Console, report: Mapping[str, Any]) -> None:
    """The answer in words, then the numbers, then what to know."""
    if report["shape"] == "records":
        _records(out, report)
    else:
        _runs(out, report)
    for note in report["notes"]:
        out.print(f"- {note}")
    if "into" in report:
        into = report["into"]
        out.print(
            f"\ntaken in as {into['import']}: {into['runs']} runs, line {into['line']} of the "
            "ledger; the next `mainstem integrate` starts from them"
        )
        for note in into["notes"]:
            out.print(f"- {note}")


def _records(out: Console, report: Mapping[str, Any]) -> None:
    from mainstem.frontier import import_words as words

    for line in words.records(report):
        out.print(line)
    wanted = report["criteria"]
    rows = [
        [
            str(row["record"]),
            str(row["seeds"]),
            f"{row['mean']:.5f}",
            str(row["best_before"]["record"]),
            f"{row['gain']:+.5f}",
            *(_pair(row["tests"][one["id"]]) for one in wanted),
            "-" if row["runs_per_arm"] is None else f"{row['runs_per_arm']:,}",
        ]
        for row in report["rows"]
    ]
    if rows:
        letters = [f"{chr(ord('a') + k)}: own/pooled" for k in range(len(wanted))]
        heads = ["rec", "n", "mean", "vs", "gain", *letters, "runs"]
        out.print()
        out.print(table(*heads, rows=rows, right=range(len(heads))))
        for k, one in enumerate(wanted):
            out.print(f"{chr(ord('a') + k)}: one-sided p of {one['what']}, own and pooled spread")
        out.print(
            "vs: the best record before. runs: on each side, to see this gain at p < "
            f"{report['alpha']:g} with probability {report['power']:.0%}"
        )


def _pair(tests: Mapping[str, Any]) -> str:
    """The p-values by both spreads."""
    from mainstem.frontier.import_words import p_value

    found = (tests[spread] for spread in ("own", "pooled"))
    return " ".join("-" if test is None else p_value(test["p"]) for test in found)


def _runs(out: Console, report: Mapping[str, Any]) -> None:
    from mainstem.frontier import import_words as words

    for line in words.runs(report):
        out.print(line)
    names = [o["name"] for o in report["objectives"] if o["role"] == "improve"]
    if report["wins"]:
        rows = [
            [
                "; ".join(words.amount(win["measured"][n]) for n in names),
                "; ".join(words.estimate(win["gain"][n]) for n in names),
                words.sure(win["probability"]),
                win["verdict"],
                str(win["runs"]),
                words.recipe(win["recipe"]),
            ]
            for win in report["wins"]
        ]
        columns = ("measured", "expected [90%]", "better", "verdict", "runs", "recorded win")
        out.print()
        out.print(table(*columns, rows=rows, right=(2, 4)))
        out.print(
            f"gains of {', '.join(names)}, above 0 is better; better: with this probability, every "
            "objective within its margin"
        )
    names = [o["name"] for o in report["objectives"]]
    rows = [
        ["; ".join(_effect(e, n) for n in names), str(e["runs"]), str(e["alone"]), e["change"]]
        for e in report["effects"]
    ]
    out.print()
    heads = (f"effect on {'; '.join(names)} [90%]", "runs", "alone", "change")
    out.print(table(*heads, rows=rows, right=(1, 2)))
    for one in report["interactions"]:
        pair = " and ".join(one["pair"])
        out.print(f"together, beyond the sum: {pair}: {words.estimate(one)} {one['objective']}")
    out.print("\nto run next", style="bold")
    lines = dict.fromkeys(_next(one) for one in report["next"] if _worth(one))
    for line in lines or ["- nothing: more search does not pay"]:
        out.print(line)
    if report["missing"]:
        out.print("\nmissing", style="bold")
        for line in report["missing"]:
            out.print(f"- {line}")
    out.print()


def _effect(row: Mapping[str, Any], name: str) -> str:
    from mainstem.frontier.import_words import estimate

    return estimate(row["gain"][name]) if name in row["gain"] else "-"


def _worth(one: Mapping[str, Any]) -> bool:
    """Whether a run is to be named; the baseline's half of a pair goes without saying."""
    return bool(one["recipe"]) or one["for"] != "confirm"


def _next(one: Mapping[str, Any]) -> str:
    from mainstem.frontier.import_words import PURPOSES, recipe

    return f"- {recipe(one['recipe'])}, {PURPOSES[one['for']]}"
