"""Turn the lines of finished runs of several scales into one table: `python -m tables.pack_rungs`.

Reads `build/tables/rungs-STEPS.jsonl` of the two rungs of `make_rungs`, writes
`benchmarks/tables/scales/tinylm8.npz`. Only seeds that every recipe has at both rungs enter: while
the maker is at work that may be the first one alone. The same lines give the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tables import make_rungs, pack, runs
from tables.rungs import RungTable, save

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tables.pack import Source

INTO = Path(__file__).resolve().parent / "scales"
NAME = "tinylm8"

LABELS = {32: "small", 256: "top"}
"""What a rung of so many steps is called."""


def main() -> int:
    """Packs what is there; returns the exit code."""
    parser = argparse.ArgumentParser(description="Turn finished runs of two scales into a table.")
    parser.add_argument("--seeds", type=int, help="take the first N seeds (default: all)")
    parser.add_argument("--into", type=Path, default=INTO, help="the folder (default: scales)")
    options = parser.parse_args()
    try:
        table = pack_all(sources(), seeds=options.seeds)
    except ValueError as error:
        print(f"pack_rungs.py: {error}", file=sys.stderr)
        return 1
    options.into.mkdir(parents=True, exist_ok=True)
    path = options.into / f"{NAME}.npz"
    save(path, table)
    shape = table.tables[0].y.shape
    print(f"{path}: {len(table.names)} rungs of {shape}, {path.stat().st_size:,} bytes")
    return 0


def sources() -> dict[int, Source]:
    """Where the runs of each number of steps are, and what is known of them."""
    known = pack.tinylm(make_rungs.PROPOSALS)
    about = known.about | {"made_by": "benchmarks/tables/make_rungs.py"}
    return {
        steps: replace(known, lines=make_rungs.path(steps), about=about)
        for steps in make_rungs.RUNGS
    }


def pack_all(sources: Mapping[int, Source], *, seeds: int | None = None) -> RungTable:
    """The table of the runs of the seeds that every recipe has at every rung.

    Args:
        sources: Of each rung, by its steps, from few to many; a run's cost is in proportion to
            its steps.
        seeds: How many to take, the first ones; None: all.

    Raises:
        ValueError: No seed, or not as many as asked for, is there for every recipe at every rung;
            or runs disagree in a text that they should share.
    """
    whole = [
        set(pack.complete(runs.read(source.lines), 2 ** len(source.proposals)))
        for source in sources.values()
    ]
    both = sorted(set.intersection(*whole))[:seeds]
    if not both or (seeds is not None and len(both) < seeds):
        raise ValueError(
            f"{len(both)} seeds are there for every recipe at {' and '.join(map(str, sources))} "
            f"steps; `python -m tables.make_rungs factorial` makes what is missing"
        )
    tables = tuple(pack.pack(source, only=both) for source in sources.values())
    top = max(sources)
    shared = {k: v for k, v in tables[0].about.items() if all(t.about[k] == v for t in tables)}
    return RungTable(
        names=tuple(LABELS.get(steps, f"{steps} steps") for steps in sources),
        costs=tuple(steps / top for steps in sources),
        tables=tables,
        about=shared,
    )


if __name__ == "__main__":
    sys.exit(main())
