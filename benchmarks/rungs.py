"""Does a small rung save cost, and what does it cost where it misleads? Against rivals, in one run.

Plays the arena with two rungs (`arena/rungs`): on a real table of two scales of tinylm, on the same
table with its small rung spoilt in three ways, and on landscapes that are drawn with small rungs
that agree more or less. Goals: half of the cost of the top rung alone, no more than successive
halving's and Hyperband's, and 1.1 times the cost of the top rung alone where the small rung says
nothing, the opposite, or something else.

Every episode is kept, under the digest of the sources that decide and of the table, so the part
can be stopped anywhere and goes on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from arena.rungs import bench, report
from arena.rungs.figures import boards

if TYPE_CHECKING:
    from arena.rungs.figures import Board

ROOT = Path(__file__).resolve().parents[1]
TABLES = ROOT / "benchmarks" / "tables" / "scales"
PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- rungs: begin -->", "<!-- rungs: end -->"

REPEATS = 50
SEED0 = 2026
"""Of the published figures; nothing was tuned on these repeats."""

_QUICK_REPEATS = 2
_QUICK_LANDSCAPES = ("tinylm8", "tinylm8-turned")
_QUICK_METHODS = ("mainstem", "mainstem_top", "halving_random_8", "screened_greedy")


@dataclass(frozen=True, kw_only=True)
class Rungs:
    """The part, with what was asked for on the command line.

    Attributes:
        landscapes: Names; empty: all.
        methods: Names; empty: all.
        processes: How many at once.
        repeats: Of each method.
        seed0: Tells sets of repeats apart.
        play: Whether to play what is missing, or only to print what there is.
        docs: Whether to write the tables into the documentation.
    """

    resumes: ClassVar[bool] = True

    landscapes: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    processes: int = 1
    repeats: int = REPEATS
    seed0: int = SEED0
    play: bool = True
    docs: bool = False

    def measure(self, folder: Path, *, quick: bool) -> dict[str, Any]:
        """Plays what is missing; the figures are tables as text."""
        plan = self.plan(folder, quick=quick)
        for family, packages in bench.absent(plan).items():
            print(f"rungs: {family} needs {', '.join(packages)}: left out")
        jobs = bench.missing(plan)
        print(bench.describe(jobs), flush=True)
        failures = bench.run(jobs, self.processes) if self.play else []
        found = [board for board in boards(plan) if board.scores]
        if self.docs and not quick:
            write_page(PAGE, found)
        return {
            "failures": failures,
            "goals": report.goals(found),
            "tables": [report.text(board) for board in found],
        }

    def plan(self, folder: Path, *, quick: bool) -> bench.Plan:
        """What is to be played."""
        return bench.Plan(
            folder=folder,
            tables=TABLES,
            landscapes=self.landscapes or (_QUICK_LANDSCAPES if quick else ()),
            methods=self.methods or (_QUICK_METHODS if quick else ()),
            repeats=min(self.repeats, _QUICK_REPEATS) if quick else self.repeats,
            seed0=self.seed0,
        )

    def table(self, figures: dict[str, Any]) -> str:
        """Every landscape, what was aimed at, then what failed."""
        failed = [f"failed, to be tried again: {one}" for one in figures["failures"]]
        return "\n\n".join([*figures["tables"], report.LEGEND, figures["goals"], *failed])


def write_page(page: Path, found: list[Board]) -> None:
    """Puts the tables between the markers of a page.

    Raises:
        ValueError: The page has no markers.
    """
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page.name} has no line {BEGIN!r} with {END!r} after it")
    body = "\n\n".join([report.goals(found), report.LEGEND, *map(report.markdown, found)])
    draft = page.with_suffix(".tmp")
    draft.write_text(f"{before}{begin}\n\n{body}\n\n{end}{after}", encoding="utf-8")
    draft.replace(page)
