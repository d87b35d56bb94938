"""What the tables of rungs say of transfer, as Markdown: `python -m tables.analyse_rungs`.

`--write` puts it into `docs/tables.md`, between markers of its own there. Nothing is trained.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tables import transfer
from tables.analyse import PAGE, markdown
from tables.rungs import RungTable, load

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tables.transfer import Interval

HERE = Path(__file__).resolve().parent / "scales"
BEGIN, END = "<!-- analyse_rungs.py writes from here -->", "<!-- to here: rungs -->"
FIRST = (1, 4, 16)
"""So many of the small rung's best recipes are looked at at the top."""
PARTS = (0.5, 0.25)
"""Shares of the recipes that are best at the top, over which ranks are compared too."""


def main() -> int:
    """Prints what was found in every table of rungs, or writes it into the page."""
    parser = argparse.ArgumentParser(description="Say how far small rungs tell what top ones hold.")
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.name}")
    parser.add_argument("tables", nargs="*", type=Path, help="npz files (default: all of scales/)")
    options = parser.parse_args()
    paths = options.tables or sorted(HERE.glob("*.npz"))
    text = report({path.stem: load(path) for path in paths})
    if options.write:
        PAGE.write_text(put_between(PAGE.read_text(encoding="utf-8"), text), encoding="utf-8")
    else:
        print(text)
    return 0


def put_between(page: str, text: str) -> str:
    """The page with `text` between the markers of this module.

    Raises:
        ValueError: The page has no markers.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no {BEGIN} ... {END}")
    return f"{before}{begin}\n\n{text}\n\n{end}{after}"


def report(tables: dict[str, RungTable]) -> str:
    """Sections of every table, the small rung being the first and the top the last."""
    parts = []
    for name, rungs in tables.items():
        small, top = rungs.tables[0].losses(), rungs.tables[-1].losses()
        parts += [
            f"## {name}: {rungs.names[0]} and {rungs.names[-1]}",
            "",
            _head(rungs),
            "",
            *figures_table(small, top),
            "",
            *effects_table(rungs, small, top),
            "",
        ]
    return "\n".join(parts).rstrip()


def _head(rungs: RungTable) -> str:
    """What is compared, in a line."""
    objective, (rows, seeds, _) = rungs.tables[0].objectives[0], rungs.tables[0].y.shape
    return (
        f"`{objective.name}` ({objective.unit}) of {rows} recipes, "
        f"{seeds} {'seed' if seeds == 1 else 'seeds'}; a run of the top rung costs "
        f"{1 / rungs.costs[0]:g} of the small one. Intervals are of 90%."
    )


def figures_table(small: NDArray[np.float64], top: NDArray[np.float64]) -> list[str]:
    """How ranks agree, and what the small rung's favourites are worth."""
    rows = [
        ["rank correlation of means over seeds", _said(_of_means(small, top))],
        ["the same, net of noise and of shared luck", _said(_corrected(small, top))],
    ]
    for share in PARTS:
        part = transfer.best_part(small, top, share)
        label = f"{share:.0%} of the recipes that are best at the top"
        rows.append([f"rank correlation among the {label}", _said(_of_means(*part))])
    for count in FIRST:
        worth = transfer.worth_at_top(small, top, count)
        best = "the small rung's best" if count == 1 else f"the best of the small rung's {count}"
        rows.append([f"share of the best gain at the top that {best} has there", f"{worth:.0%}"])
    place = transfer.place_of_best(small, top)
    rows.append(["place at the small rung of the best recipe at the top", f"{place} of {len(top)}"])
    for name, runs in (("small", small), ("top", top)):
        means = runs.mean(axis=1)
        better = f"{(means < means[0]).mean():.0%}"
        rows.append([f"recipes better than the trunk at the {name} rung", better])
        rows.append([f"best gain at the {name} rung", f"{means[0] - means.min():.3f}"])
    return markdown(["figure", ""], rows)


def effects_table(
    rungs: RungTable, small: NDArray[np.float64], top: NDArray[np.float64]
) -> list[str]:
    """Every proposal at both rungs: do its gains keep their sign?"""
    best = [runs.mean(axis=1).argmin() for runs in (small, top)]
    rows = []
    found = transfer.effects(small, top)
    for place, (proposal, effect) in enumerate(zip(rungs.tables[0].proposals, found, strict=True)):
        within = ["yes" if int(row) >> place & 1 else "" for row in best]
        rows.append(
            [
                f"`{proposal.name}`",
                *_pair(effect.alone),
                transfer.same_sign(effect.alone, effect.alone_error),
                *_pair(effect.average),
                transfer.same_sign(effect.average, effect.average_error),
                *within,
            ]
        )
    alone, average = found[0].alone_error, found[0].average_error
    head = [
        "proposal",
        f"gain alone, small{_error(alone[0])}",
        f"top{_error(alone[1])}",
        "sign",
        f"mean gain over all contexts, small{_error(average[0])}",
        f"top{_error(average[1])}",
        "sign",
        "in the small rung's best",
        "in the top's best",
    ]
    return markdown(head, rows)


def _of_means(small: NDArray[np.float64], top: NDArray[np.float64]) -> Interval:
    return transfer.with_interval(transfer.of_means, small, top)


def _corrected(small: NDArray[np.float64], top: NDArray[np.float64]) -> Interval:
    return transfer.with_interval(transfer.corrected, small, top)


def _said(found: Interval) -> str:
    if math.isnan(found.value):
        return "not known from one seed"
    return f"{found.value:.2f} [{found.low:.2f}, {found.high:.2f}]"


def _pair(values: tuple[float, float]) -> list[str]:
    return [f"{value:+.4f}" for value in values]


def _error(value: float) -> str:
    return "" if math.isnan(value) else f" (± {value:.4f})"


if __name__ == "__main__":
    sys.exit(main())
