"""The arena as a part of the bench: plays what is missing, prints the tables, writes the page.

The figures come from the cache each time, so a part that was stopped is printed as far as it came.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from arena import methods, plots, report, runner
from arena.catalogue import catalogue
from arena.figures import Board, boards

ROOT = Path(__file__).resolve().parents[2]
TABLES = ROOT / "benchmarks" / "tables"
PAGE = ROOT / "docs" / "benchmarks.md"
PICTURES = "pictures"
BEGIN, END = "<!-- arena: begin -->", "<!-- arena: end -->"

SEED0 = 2026
"""Of the published figures; no method was tuned on its repeats."""

_QUICK_LANDSCAPES = ("pairwise-12", "rugged-12")
_QUICK_REPEATS, _QUICK_SLOW_REPEATS = 6, 1


@dataclass(frozen=True, kw_only=True)
class Arena:
    """The part, with what was asked for on the command line.

    Attributes:
        landscapes: Names; empty: all.
        methods: Names; empty: all but variants.
        processes: How many at once.
        repeats: Of a method that is not slow.
        slow_repeats: Of a slow one.
        seed0: Tells sets of repeats apart.
        play: Whether to play what is missing, or only to print what there is.
        docs: Whether to write the tables and pictures into the documentation.
    """

    resumes: ClassVar[bool] = True

    landscapes: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    processes: int = 1
    repeats: int = 60
    slow_repeats: int = 8
    seed0: int = SEED0
    play: bool = True
    docs: bool = False

    def measure(self, folder: Path, *, quick: bool) -> dict[str, Any]:
        """Plays what is missing; the figures are tables as text."""
        plan = self.plan(folder, quick=quick)
        for label, packages in runner.absent(plan).items():
            print(f"arena: {label} needs {', '.join(packages)}: left out")
        jobs = runner.missing(plan)
        print(runner.describe(jobs), flush=True)
        failures = runner.run(jobs, self.processes) if self.play else []
        found = boards(plan)
        if self.docs and not quick:
            write_page(PAGE, found)
        return {
            "failures": failures,
            "tables": [report.text(b) for b in found if b.scores],
            "ends": report.ends(found),
        }

    def plan(self, folder: Path, *, quick: bool) -> runner.Plan:
        """What is to be played."""
        known = _QUICK_LANDSCAPES if quick else tuple(catalogue(TABLES))
        return runner.Plan(
            folder=folder,
            tables=TABLES,
            landscapes=self.landscapes or known,
            methods=self.methods or methods.DEFAULTS,
            repeats=min(self.repeats, _QUICK_REPEATS) if quick else self.repeats,
            slow_repeats=min(self.slow_repeats, _QUICK_SLOW_REPEATS)
            if quick
            else self.slow_repeats,
            seed0=self.seed0,
        )

    def table(self, figures: dict[str, Any]) -> str:
        """Every landscape, then what failed."""
        failed = [f"failed, to be tried again: {one}" for one in figures["failures"]]
        return "\n\n".join([*figures["tables"], report.LEGEND, figures["ends"], *failed])


def write_page(page: Path, found: list[Board]) -> None:
    """Puts tables and pictures between the markers of a page; pictures beside it.

    Raises:
        ValueError: The page has no markers.
    """
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page.name} has no line {BEGIN!r} with {END!r} after it")
    names = plots.draw(found, page.parent / PICTURES)
    parts = [
        f"![Medians against BOCS]({PICTURES}/arena-medians.svg)",
        report.LEGEND,
        report.ends(found),
        *(
            report.markdown(board, f"{PICTURES}/{names[board.spec.name]}")
            for board in found
            if board.scores
        ),
    ]
    body = "\n\n".join(parts)
    draft = page.with_suffix(".tmp")
    draft.write_text(f"{before}{begin}\n\n{body}\n\n{end}{after}", encoding="utf-8")
    draft.replace(page)
