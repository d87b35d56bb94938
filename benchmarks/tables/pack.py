"""Turn the lines of finished runs into a table: `python -m tables.pack tinylm10`.

Reads `build/tables/*.jsonl`, writes `benchmarks/tables/NAME.npz`. Only seeds that every recipe has
enter; `--seeds N` takes the first N of them. The same lines give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tables import classifier, forks, make_classifier, make_tinylm, runs
from tables.table import Objective, Proposal, Table, save

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Packs the named tables; returns the exit code."""
    parser = argparse.ArgumentParser(description="Turn finished runs into tables.")
    parser.add_argument("names", nargs="+", choices=sorted(SOURCES), metavar="NAME")
    parser.add_argument("--seeds", type=int, help="take the first N seeds (default: all)")
    parser.add_argument("--into", type=Path, default=HERE, help="the folder (default: here)")
    options = parser.parse_args()
    for name in options.names:
        source = SOURCES[name]()
        try:
            table = pack(source, seeds=options.seeds)
        except ValueError as error:
            print(f"pack.py: {error}", file=sys.stderr)
            return 1
        path = options.into / f"{name}.npz"
        save(path, table)
        print(f"{path}: {table.y.shape}, {path.stat().st_size:,} bytes")
    return 0


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a table comes from and what is known of it beside the runs."""

    lines: Path
    proposals: tuple[Proposal, ...]
    objectives: tuple[dict[str, Any], ...]
    """As in `mainstem.toml`; a margin may be a share of the trunk's mean, like "5%"."""
    about: dict[str, Any]


def tinylm(proposals: Sequence[str] = make_tinylm.PROPOSALS) -> Source:
    """The language model of `examples/tinylm`: its own configuration and patches say the rest.

    Args:
        proposals: Their branches, in the order of their bits.
    """
    stack = forks.EXAMPLE / "stack" / "mainstem.toml"
    config = tomllib.loads(stack.read_text(encoding="utf-8"))
    parts = {file: part for part, files in config["components"].items() for file in files}
    return Source(
        lines=make_tinylm.OUT,
        proposals=tuple(_patch(name, parts) for name in proposals),
        objectives=tuple(config["objectives"]),
        about={"stack": "examples/tinylm", "made_by": "benchmarks/tables/make_tinylm.py"},
    )


def _patch(name: str, parts: dict[str, str]) -> Proposal:
    """A proposal of the example, read off its patch."""
    (patch,) = (forks.EXAMPLE / "proposals").glob(f"[0-9][0-9]-{name}.patch")
    text = patch.read_text(encoding="utf-8")
    touched = re.findall(r"^\+\+\+ b/(.+)$", text, flags=re.MULTILINE)
    (subject,) = re.findall(r"^Subject: \[PATCH\] (.+)$", text, flags=re.MULTILINE)
    component = ", ".join(dict.fromkeys(parts[file] for file in touched))
    return Proposal(name=name, component=component, summary=subject)


def digits() -> Source:
    """The classifier of `classifier.py`."""
    return Source(
        lines=make_classifier.OUT,
        proposals=tuple(
            Proposal(name=name, component=component, summary=summary)
            for name, (component, summary) in classifier.CHANGES.items()
        ),
        objectives=classifier.OBJECTIVES,
        about={
            "stack": "benchmarks/tables/classifier.py",
            "made_by": "benchmarks/tables/make_classifier.py",
        },
    )


SOURCES: dict[str, Callable[[], Source]] = {"tinylm10": tinylm, "classifier12": digits}


def pack(source: Source, *, seeds: int | None = None, only: Collection[int] | None = None) -> Table:
    """The table of all finished runs of the seeds that every recipe has.

    Text that all runs report alike (a digest of the data, say) goes into `about`.

    Args:
        source: Where the runs are.
        seeds: How many to take, the first ones; None: all.
        only: The seeds to choose from; None: all.

    Raises:
        ValueError: no seed, or not as many as asked for, is there for every recipe; or runs
            disagree in a text that they should share.
    """
    lines = runs.read(source.lines)
    whole = complete(lines, 2 ** len(source.proposals))
    if only is not None:
        whole = [seed for seed in whole if seed in only]
    if not whole or (seeds is not None and len(whole) < seeds):
        raise ValueError(
            f"{source.lines}: {len(lines)} runs; {len(whole)} seeds are there for every recipe"
        )
    whole = whole[:seeds]
    names = [objective["name"] for objective in source.objectives]
    y = np.full((2 ** len(source.proposals), len(whole), len(names)), np.nan)
    for line in lines:
        if line["seed"] in whole:
            values = [line["metrics"][name] for name in names]
            y[line["recipe"], whole.index(line["seed"])] = values
    facts = json.loads(runs.about(source.lines).read_text(encoding="utf-8"))
    return Table(
        y=y,
        proposals=source.proposals,
        objectives=tuple(
            _objective(words, float(y[0, :, i].mean())) for i, words in enumerate(source.objectives)
        ),
        seeds=tuple(whole),
        about=source.about | facts | _shared_texts(line["metrics"] for line in lines),
    )


def complete(lines: Iterable[dict[str, Any]], recipes: int) -> list[int]:
    """The seeds, in order, that all recipes have a run of."""
    seen: dict[int, set[int]] = {}
    for line in lines:
        seen.setdefault(line["seed"], set()).add(line["recipe"])
    return sorted(seed for seed, rows in seen.items() if len(rows) == recipes)


def _shared_texts(all_metrics: Iterable[dict[str, Any]]) -> dict[str, str]:
    """What runs report as text and must report alike.

    Raises:
        ValueError: two runs differ, so they are not runs of one table.
    """
    shared: dict[str, str] = {}
    for metrics in all_metrics:
        for name, value in metrics.items():
            if isinstance(value, str) and shared.setdefault(name, value) != value:
                raise ValueError(f"{name} is {shared[name]!r} in one run, {value!r} in another")
    return shared


def _objective(words: dict[str, Any], trunk_mean: float) -> Objective:
    """One objective, its margin in its own unit."""
    margin = words["margin"]
    if isinstance(margin, str):
        margin = float(margin.removesuffix("%")) / 100 * abs(trunk_mean)
    return Objective(
        name=words["name"],
        unit=words["unit"],
        direction=words["direction"],
        role=words["role"],
        margin=float(margin),
    )


if __name__ == "__main__":
    sys.exit(main())
