"""`mainstem report`: a campaign as one file, for a paper, a release, or a pull request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mainstem.cli.main import examples, store_option
from mainstem.cli.opening import open_here
from mainstem.cli.output import console, print_json, say
from mainstem.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

HTML, MARKDOWN = "html", "md"

_FILE = Path("report.html")


@click.command(
    "report",
    epilog=examples(
        "mainstem report",
        "mainstem report -o paper/campaign.html --plots paper/figures",
        "mainstem report --format md | gh pr comment 12 --body-file -",
        "mainstem report --campaign c1",
    ),
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"The file to write.  [default: {_FILE}; standard output for md]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice([HTML, MARKDOWN]),
    default=HTML,
    show_default=True,
    help="One HTML file with its pictures inside, or Markdown for a pull request.",
)
@click.option(
    "--plots",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder to write each picture to, as SVG and CSV, and as PNG with the extra `plots`.",
)
@click.option("--campaign", metavar="ID", help="Another campaign than the latest.")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print what the report is made of as JSON.")
def command(
    output: Path | None, form: str, plots: Path | None, campaign: str | None, *, as_json: bool
) -> None:
    """Write a campaign up: what was decided, on what evidence, what was left out, and why.

    The HTML file needs no network and no script, and prints well.
    """
    from mainstem.board.report import page  # loads the statistics: only when needed
    from mainstem.board.report_markdown import markdown
    from mainstem.board.report_pictures import pictures
    from mainstem.board.report_words import broken
    from mainstem.wiring.report import report, write, write_plots

    if as_json and output is not None:
        raise UsageError("--json prints to standard output: leave --output out, or redirect it")
    with open_here() as project:
        found = report(project, campaign=campaign)
    for warning in broken(found):
        say(f"warning: {warning}", err=True)
    drawn = pictures(found) if plots is not None or form == HTML else []
    written: list[Path] = []
    if plots is not None:
        written, without = write_plots(plots, drawn)
        if without:
            say(f"note: no PNG: {without}", err=True)
    if as_json:
        print_json(found)
        return
    if form == MARKDOWN and output is None:
        say(markdown(found), nl=False)
        _tell(written, err=True)
        return
    path = _FILE if output is None else output
    write(path, markdown(found) if form == MARKDOWN else page(found, drawn))
    _tell([path, *written], err=False)


def _tell(written: Sequence[Path], *, err: bool) -> None:
    """Which files there are now."""
    if not written:
        return
    last = written[-1]
    more = f" and {len(written) - 2} more, the last" if len(written) > 2 else ""
    line = f"written: {written[0]}" + (f"{more} {last}" if len(written) > 1 else "")
    if err:
        say(line, err=True)
    else:
        console().print(line)
