"""`mainstem review`: a proposal to read blind, a prediction of its verdict, how those fared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mainstem.cli import words
from mainstem.cli.main import examples, store_option
from mainstem.cli.opening import open_here
from mainstem.cli.output import console, print_json, say, table
from mainstem.domain.errors import UsageError
from mainstem.wiring import reviews

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console


@click.command(
    "review",
    epilog=examples(
        "mainstem review",
        "mainstem review rope --output rope.md",
        "mainstem review rope --merge 0.7 --effect val_bpb=+0.004",
    ),
)
@click.argument("proposal", required=False)
@click.option("--merge", type=float, help="How likely it will be merged, from 0 to 1.")
@click.option(
    "--effect",
    "effects",
    multiple=True,
    metavar="NAME=X",
    help="The gain you expect of it alone, above 0 is better; may be repeated.",
)
@click.option("--note", default="", help="What else you have to say; the ledger keeps it.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the blind pack to this new file.",
)
@click.option("--all", "others", is_flag=True, help="Others' records too, by their names.")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    proposal: str | None,
    merge: float | None,
    effects: tuple[str, ...],
    note: str,
    *,
    output: Path | None,
    others: bool,
    as_json: bool,
) -> None:
    """Review a proposal: read it blind, then predict its verdict. No review enters a verdict.

    With PROPOSAL its blind pack; with --merge as well, your prediction, which is scored when the
    verdict comes; without PROPOSAL what there is to review, and your record.
    """
    if merge is None and (effects or note):
        raise click.UsageError("--effect and --note go with --merge P")
    if proposal is None:
        if merge is not None or output is not None:
            raise click.UsageError("name the PROPOSAL")
        _look(others=others, as_json=as_json)
    elif others:
        raise click.UsageError("--all goes without a PROPOSAL")
    elif merge is None:
        _pack(proposal, output, as_json=as_json)
    elif output is not None:
        raise click.UsageError("--output is for the pack: give it without --merge")
    else:
        _give(proposal, merge, _effects(effects), note, as_json=as_json)


def _effects(given: Sequence[str]) -> dict[str, float]:
    """Effects by objective.

    Raises:
        UsageError: One is not `NAME=X`, or stands twice.
    """
    found: dict[str, float] = {}
    for text in given:
        name, equals, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value, equals = 0.0, ""
        if not equals:
            raise UsageError(f"--effect {text}: write NAME=X, such as val_bpb=+0.004")
        if name in found:
            raise UsageError(f"--effect {name}=... stands twice")
        found[name] = value
    return found


# ---- the pack


def _pack(proposal: str, output: Path | None, *, as_json: bool) -> None:
    with open_here() as project:
        found = reviews.pack(project, proposal)
    if output is None:
        if as_json:
            print_json(found)
        else:
            say(_text(found), nl=False)
        return
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(_text(found))
    except FileExistsError:
        raise UsageError(f"{output} is there already: remove it, or name another file") from None
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}") from None
    if as_json:
        print_json({**found, "file": str(output)})
    else:
        say(f"the blind pack of {proposal} is in {output}")


def _text(found: Mapping[str, Any]) -> str:
    """A pack as Markdown."""
    lines = [
        f"# {found['proposal']}, for a blind review",
        "",
        f"Claim: {found['claim'] or 'none'}",
        f"Components: {', '.join(found['components']) or 'none that has a name'}",
        "",
        "Objectives:",
        "",
        *(_objective(objective) for objective in found["objectives"]),
        "",
        _replaced(found["replaced"]),
        "",
        "Answer: `mainstem review PROPOSAL --merge P --effect NAME=X`, with P from 0 to 1 for the",
        "verdict `merge`, and X the gain that you expect of it alone on the trunk (above 0 is",
        "better, whatever the direction).",
        "",
    ]
    fence = "`" * max(3, 1 + _longest_ticks(found["diff"]))
    return "\n".join([*lines, f"{fence}diff", found["diff"].rstrip("\n"), fence, ""])


def _longest_ticks(text: str) -> int:
    """The longest row of backticks, which must not end the diff."""
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest


def _objective(objective: Mapping[str, Any]) -> str:
    what = "to improve" if objective["role"] == "improve" else "a guard"
    margin = objective["margin"]
    of = " of the trunk's value" if isinstance(margin, str) else f" {objective['unit']}".rstrip()
    return f"- {objective['name']}: {objective['direction']}, {what}, margin {margin}{of}"


def _replaced(found: Mapping[str, int]) -> str:
    if not found:
        return "Author, dates and commit messages are left out; no contributor's name stood in it."
    said = ", ".join(f"{word} {words.plural(count, 'time')}" for word, count in found.items())
    return f"Author, dates and commit messages are left out; names were replaced: {said}."


# ---- a prediction


def _give(
    proposal: str, merge: float, effects: Mapping[str, float], note: str, *, as_json: bool
) -> None:
    with open_here() as project:
        found = reviews.give(project, proposal, merge=merge, effects=effects, note=note)
    if as_json:
        print_json(found)
        return
    said = "in the place of your earlier one" if found["again"] else "as your review"
    say(f"{proposal}: merge with probability {merge:g}, written down {said}")
    if found["replaced"]:
        say("names in the note were replaced: the ledger keeps none")
    say("it is scored when the verdict comes, and enters none")


# ---- what there is to review, and how predictions fared


def _look(*, others: bool, as_json: bool) -> None:
    with open_here() as project:
        report = reviews.look(project, others=others)
    if as_json:
        print_json(report)
        return
    out = console()
    rows = [
        [p["id"], ", ".join(p["components"]) or "(none)", words.brief(p["claim"], 60)]
        for p in report["to_review"]
    ]
    if rows:
        out.print("open, without a review of yours:")
        out.print(table("proposal", "components", "claim", rows=rows))
    else:
        out.print("nothing to review: whatever was proposed has its verdict, or your review")
    out.print()
    mine = report["yours"]
    if mine is None:
        out.print("no review of yours yet: `mainstem review PROPOSAL` packs one to read")
    else:
        out.print(f"your record: {_summary(mine, report)}")
        _rows(out, mine["reviews"])
        _calibration(out, mine["calibration"])
    for one in report["others"] or ():
        out.print(f"\n{one['name']}: {_summary(one, report)}")
    hidden = report["reviewers"] - (mine is not None)
    if report["others"] is None and hidden:
        out.print(f"\n{words.plural(hidden, 'other reviewer')}: `--all` names them")


def _summary(found: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    """A reviewer's record in a few sentences, each with its n."""
    said = f"{words.plural(found['scored'], 'review')} scored, {found['waiting']} waiting."
    if found["brier"] is not None:
        verdicts = report["verdicts"]
        said += (
            f" Brier score {found['brier']:.3f} (0 is best, 0.25 a coin); always saying "
            f"{found['base_rate']:.0%}, the share of merges among "
            f"{words.plural(verdicts['all'], 'verdict')}: {found['brier_of_base_rate']:.3f}."
        )
    effects = found["effects"]
    if effects["n"]:
        said += (
            f" {words.plural(effects['n'], 'effect')}: {effects['absolute']:.2g} margins off on "
            f"average, {effects['bias']:+.2g} with their sign; {effects['within']} of "
            f"{effects['with_interval']} within the 90% interval."
        )
    if found["scored"] and found["calibration"] is None:
        said += " Too few to tell skill from luck."
    return said


def _rows(out: Console, found: Sequence[Mapping[str, Any]]) -> None:
    rows = [
        [
            review["proposal"],
            f"{review['merge']:g}",
            review["verdict"] or "waiting",
            "; ".join(_effect(name, effect) for name, effect in review["effects"].items()) or "-",
        ]
        for review in found
    ]
    out.print(table("proposal", "merge", "verdict", "effects", rows=rows, right=(1,)))


def _effect(name: str, effect: Mapping[str, Any]) -> str:
    said = f"{name} {effect['said']:+g}"
    if effect["measured"] is None:
        return said
    return f"{said}, measured {words.estimate(effect['measured'])}"


def _calibration(out: Console, found: Mapping[str, Any] | None) -> None:
    if found is None:
        return
    rows = [[str(b["n"]), f"{b['said']:.0%}", f"{b['came']:.0%}"] for b in found["bins"]]
    out.print()
    out.print(table("reviews", "said", "merged", rows=rows, right=(0, 1, 2)))
    out.print(
        f"reliability {found['reliability']:.3f} (0 is calibrated), resolution "
        f"{found['resolution']:.3f} (large is telling), uncertainty {found['uncertainty']:.3f}"
    )
