"""`mainstem credit`: who earned what of the trunk's measured gain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mainstem.cli import citing, words
from mainstem.cli.main import examples, store_option
from mainstem.cli.opening import open_here
from mainstem.cli.output import console, print_json, say, table
from mainstem.domain.errors import NothingToDoError, UsageError
from mainstem.wiring import credits as credits_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

TEXT, JSON, MARKDOWN, CFF, ROLES = "text", "json", "markdown", "cff", "roles"


@click.command(
    "credit",
    epilog=examples(
        "mainstem credit",
        "mainstem credit --explain rope",
        "mainstem credit --history",
        "mainstem credit --format cff > CITATION.cff",
    ),
)
@click.option("--explain", metavar="PROPOSAL", help="How one proposal's part comes about.")
@click.option(
    "--history", "moved", is_flag=True, help="How every part moved since the first merge."
)
@click.option(
    "--format",
    "form",
    type=click.Choice([TEXT, MARKDOWN, CFF, ROLES, JSON]),
    default=TEXT,
    help="Markdown for a release, a CITATION.cff, a table of CRediT roles, or JSON.",
)
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(explain: str | None, form: str, *, moved: bool, as_json: bool) -> None:
    """Divide the trunk's measured gain over its proposals and over the people who wrote them."""
    form = JSON if as_json else form
    if form in {MARKDOWN, CFF, ROLES} and (explain is not None or moved):
        raise UsageError(f"--format {form} is of the whole: leave --explain and --history out")
    with open_here() as project:
        report = credits_of.credit(project)
        if moved or explain is not None:
            report["history"] = credits_of.history(project)
    if explain is not None and explain not in report["members"]:
        merged = ", ".join(report["members"]) or "none yet"
        raise UsageError(f"{explain!r} is not in the trunk's gain; merged: {merged}")
    if form == JSON:
        print_json(report)
    elif form != TEXT:
        _cite(report, form)
    elif explain is not None:
        _explain(console(), report, explain)
    elif moved:
        _history(console(), report)
    else:
        _render(console(), report)


def _cite(report: Mapping[str, Any], form: str) -> None:
    """What others read.

    Raises:
        NothingToDoError: Nothing was merged.
    """
    if not report["members"]:
        raise NothingToDoError("nothing was merged yet: there is nobody to cite")
    if form == ROLES:
        out = console()
        rows = citing.role_rows(report)
        out.print(table("contributor", "role", "for", rows=rows))
        out.print(citing.DERIVED)
    else:
        say(citing.cff(report) if form == CFF else citing.markdown(report), nl=False)


def _render(out: Console, report: Mapping[str, Any]) -> None:
    out.print(f"{report['stack']}, trunk {report['trunk']['commit'][:10]}")
    if not report["members"]:
        out.print("nothing was merged yet: there is no gain to divide")
    elif not report["objectives"]:
        out.print("no run of today's trunk with today's settings: `mainstem integrate` makes some")
    else:
        since = f"over {report['root'][:10]}, from {words.plural(report['runs'], 'run')}"
        out.print(f"Shapley shares of its gain {since}; posterior, they sum to the gain")
    tables = _tables(report)
    unmoved = [one["objective"] for one in tables if words.is_nothing(one["total"])]
    for one in tables:
        if one["objective"] not in unmoved:
            _objective(out, one)
    if unmoved:
        out.print(f"\nnothing to divide, as nothing was gained or lost: {', '.join(unmoved)}")
    if report["members"]:
        _others(out, report)
    if report["information"]:
        _information(out, report)


def _tables(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every objective, and all that are to be improved together where they are several."""
    found = list(report["objectives"])
    several = report["in_all"] is not None and len(report["in_all"]["of"]) > 1
    return [*found, report["in_all"]] if several else found


def _objective(out: Console, one: Mapping[str, Any]) -> None:
    """A table of proposals and one of people."""
    columns = (one["objective"], "earned", words.of_total(one["total"]))
    out.print()
    rows = [
        [m["id"], words.estimate(m["value"]), words.percent(m["percent"])] for m in one["members"]
    ]
    rows.append(["in all", words.estimate(one["total"]), ""])
    out.print(table(*columns, rows=rows, right=(2,)))
    if one["people"]:
        people = sorted(one["people"], key=lambda p: -p["value"]["mean"])
        out.print(
            table(
                "by people",
                "earned",
                words.of_total(one["total"]),
                rows=[
                    [p["handle"], words.estimate(p["value"]), words.percent(p["percent"])]
                    for p in people
                ],
                right=(2,),
            )
        )
    if all(m["percent"] is None for m in one["members"]):
        out.print(f"no percentages: the gain on {one['objective']} may be 0")
    elif words.cancels(m["percent"] for m in one["members"]):
        out.print(f"parts above 100%: on {one['objective']} others take them back")


def _others(out: Console, report: Mapping[str, Any]) -> None:
    """Reproductions, and what made others possible: accounts of their own."""
    rows = [
        [
            row["id"],
            f"{row['runs']} of {words.plural(row['recipes'], 'recipe')}",
            str(row["repeats"]),
            str(row["pairs"]),
            ", ".join(of["id"] for of in row["same_tree"]) or "-",
            ", ".join(row["by"]) or "-",
        ]
        for row in report["reproductions"]
    ]
    columns = ("shown again", "runs with it", "repeats", "fresh pairs", "filed again as", "by")
    out.print()
    out.print(table(*columns, rows=rows, right=(2, 3)))
    for row in report["made_possible"]:
        out.print(_possible(row))
    out.print("Accounts of their own, in counts, that are never added to the gain.")


def _possible(row: Mapping[str, Any]) -> str:
    """How one member made another possible."""
    if row["merges_only_with"]:
        return f"{row['by']} made {row['id']} possible: git cannot merge {row['id']} without it"
    name, chance = max(row["probability"].items(), key=lambda item: item[1])
    return (
        f"{row['by']} made {row['id']} possible: a loss or nothing on {name} by itself, a gain "
        f"beside it (probability {chance:.2f})"
    )


def _information(out: Console, report: Mapping[str, Any]) -> None:
    """The second account."""
    rows = [
        [row["id"], f"{row['nats']:.2f}", f"{row['belongs']:.2f}"] for row in report["information"]
    ]
    out.print()
    out.print(table("what was learnt", "nats", "belongs with probability", rows=rows, right=(1, 2)))
    out.print(
        "A second account, for negative results too, that is never added to the first: how far the "
        "runs moved the belief that a proposal adds half a margin to the best set."
    )


def _explain(out: Console, report: Mapping[str, Any], proposal: str) -> None:
    """Where one proposal's part comes from, per objective, and how it moved."""
    authors = report["authors"][proposal]
    if authors:
        parts = ", ".join(f"{handle} {part:.0%}" for handle, part in authors.items())
        out.print(f"{proposal}: written by {parts}")
    for one in report["objectives"]:
        member = next(m for m in one["members"] if m["id"] == proposal)
        rows = [["by itself", words.estimate(member["alone"])]]
        rows += [
            [f"half of what it does with {other}", words.estimate(value)]
            for other, value in member["beside"].items()
        ]
        rows.append(
            [
                "in all",
                f"{words.estimate(member['value'])}  {words.percent(member['percent'])}".rstrip(),
            ]
        )
        out.print()
        out.print(table(one["objective"], "gain (above 0 is better)", rows=rows))
    for row in report["made_possible"]:
        if proposal in (row["id"], row["by"]):
            out.print(_possible(row))
    out.print()
    for at, step in enumerate(report["history"]):
        if proposal in step["members"]:
            _why(out, report["history"][:at], step, proposal)


def _why(
    out: Console, before: Sequence[Mapping[str, Any]], step: Mapping[str, Any], proposal: str
) -> None:
    """What moved a proposal's part at one step."""
    new = step["new_trials"]
    mine = sum(proposal in row["recipe"] for row in new)
    came = f"{words.plural(len(new), 'new run')}, {mine} with it"
    if new:
        came += f" ({_span([row['trial'] for row in new])})"
    first = not before or proposal not in before[-1]["members"]
    out.print(f"{_when(step)}{', its own' if first and step['merged'] else ''}: {came}")
    for one in step["objectives"]:
        member = next(m for m in one["members"] if m["id"] == proposal)
        value = member["value"]
        out.print(f"  {one['objective']}: {words.estimate(value)}{_moved(member)}")
    if not step["objectives"]:
        out.print("  no run of the trunk with today's settings by then")


def _moved(member: Mapping[str, Any]) -> str:
    """By how much a value moved, and which parts of it, the largest first."""
    moved = member["moved"]
    if moved is None:
        return ""
    value = member["value"]
    places = words.decimals(value["mean"], value["low"], value["high"])

    def signed(x: float) -> str:
        return words.number(x, places, signed=True)

    parts = {"by itself": moved["alone"], **{f"with {p}": x for p, x in moved["beside"].items()}}
    told = [f"{signed(x)} {what}" for what, x in sorted(parts.items(), key=lambda p: -abs(p[1]))]
    told = [text for text in told if not text.startswith("0 ")]
    return f", moved by {signed(moved['value'])}" + (f": {', '.join(told)}" if told else "")


def _history(out: Console, report: Mapping[str, Any]) -> None:
    """How every member's value moved, step by step."""
    steps = report["history"]
    if not steps:
        out.print("nothing was merged yet: there is no gain to divide")
        return
    for at, step in enumerate(steps):
        if at:
            out.print()
        new = words.plural(len(step["new_trials"]), "new run")
        out.print(f"{_when(step)}: {new}, {step['runs']} in all")
        for one in _tables(step):
            rows = [[m["id"], words.estimate(m["value"]), _by(m)] for m in one["members"]]
            rows.append(["in all", words.estimate(one["total"]), ""])
            out.print(table(one["objective"], "earned", "moved", rows=rows, right=(2,)))
        if not step["objectives"]:
            out.print("no run of the trunk with today's settings by then")
    out.print("Each step is worked out anew from the ledger up to it; why: --explain PROPOSAL.")


def _by(member: Mapping[str, Any]) -> str:
    if member["moved"] is None:
        return "new"
    value = member["value"]
    places = words.decimals(value["mean"], value["low"], value["high"])
    return words.number(member["moved"]["value"], places, signed=True)


def _when(step: Mapping[str, Any]) -> str:
    """Which step: a merge with its day and line, or the present."""
    if not step["merged"]:
        return f"now, trunk {step['trunk'][:10]}"
    merged = words.recipe(step["merged"])
    return f"{step['at'][:10]}, line {step['line']}: merged {merged} as {step['trunk'][:10]}"


def _span(trials: Sequence[str]) -> str:
    """Names of trials, runs of consecutive numbers in short: `c1.1 to c1.12, c2.3`."""
    spans: list[list[str]] = []
    for name in trials:
        campaign, _, number = name.rpartition(".")
        last = spans[-1][-1].rpartition(".") if spans else ("", "", "")
        follows = number.isdecimal() and last[2].isdecimal() and int(number) == int(last[2]) + 1
        if spans and campaign == last[0] and follows:
            spans[-1].append(name)
        else:
            spans.append([name])
    return ", ".join(s[0] if len(s) == 1 else f"{s[0]} to {s[-1]}" for s in spans)
