"""Measures what the README claims: `make bench`, or `make bench BENCH_ARGS="evidence kills"`.

Each part prints a table and keeps its figures in `build/bench/NAME.json`; a part whose figures are
there is printed from there, so an interrupted bench goes on (`--fresh` measures again). The arena,
`rungs` and `lab` keep every episode by themselves, in folders of their names in `build/bench`, and
`scenarios` each of its own; they always go on where they were.
`QUICK=1` makes every part small.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from pathlib import Path
from typing import Any, Protocol

import asks
import audit
import board
import chaos
import confinement
import credit
import demo_seeds
import early_stopping
import evidence
import forecasts
import frontier
import fuzz
import git_at_size
import intervals
import kills
import many_campaigns
import plans
import planted
import prices
import replays
import shares
import stores
import throughput
from arena.part import SEED0, Arena
from lab import SLOW, Lab
from rungs import Rungs
from scenarios import Scenarios


class Part(Protocol):
    """What a part can do.

    One with a true `resumes` keeps its own state and is always asked. One with a true `TRAINS`
    trains on the library of this Python: its figures are kept by Python's version. One with
    `write_docs(figures)` writes them into the documentation, at `--docs`.
    """

    def measure(self, folder: Path, *, quick: bool) -> dict[str, Any]:
        """Its figures, as JSON can hold them."""
        ...

    def table(self, figures: dict[str, Any]) -> str:
        """The figures as text."""
        ...


MODULES: dict[str, Part] = {
    "evidence": evidence,
    "audit": audit,
    "board": board,
    "plans": plans,
    "intervals": intervals,
    "credit": credit,
    "forecasts": forecasts,
    "planted": planted,
    "prices": prices,
    "shares": shares,
    "frontier": frontier,
    "early-stopping": early_stopping,
    "kills": kills,
    "many-campaigns": many_campaigns,
    "asks": asks,
    "demo-seeds": demo_seeds,
    "replays": replays,
    "confinement": confinement,
    "git-at-size": git_at_size,
    "fuzz": fuzz,
    "chaos": chaos,
    "throughput": throughput,
    "stores": stores,
}
KEPT = Path(__file__).resolve().parents[1] / "build" / "bench"


def main() -> None:
    """Measures the named parts, or all of them."""
    options = _options()
    parts: dict[str, Part] = {
        **MODULES,
        "scenarios": Scenarios(docs=options.docs),
        "arena": _arena(options),
        "rungs": _rungs(options),
        "lab": _lab(options),
    }
    unknown = set(options.parts) - set(parts)
    if unknown:
        raise SystemExit(f"no part {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    quick = bool(os.environ.get("QUICK"))
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in options.parts or parts:
        found = figures(name, parts[name], quick=quick, fresh=options.fresh)
        print(f"\n== {name} (measured in {found['seconds']:.0f} s)\n")
        print(parts[name].table(found["figures"]), flush=True)
        write_docs = getattr(parts[name], "write_docs", None)
        if options.docs and not quick and write_docs is not None:
            write_docs(found["figures"])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure what the README claims.")
    parser.add_argument(
        "parts",
        nargs="*",
        metavar="PART",
        help=f"{', '.join(MODULES)}, scenarios, arena, rungs, lab",
    )
    parser.add_argument("--fresh", action="store_true", help="measure again what was measured")
    arena = parser.add_argument_group("arena, rungs and lab")
    arena.add_argument("-j", type=int, default=1, metavar="K", help="processes at once")
    arena.add_argument("--landscapes", default="", metavar="A,B", help="only these")
    arena.add_argument("--methods", default="", metavar="A,B", help="only these")
    arena.add_argument(
        "--repeats", type=int, metavar="N", help="of each method (60; rungs: 50; lab: 100)"
    )
    arena.add_argument(
        "--slow-repeats", type=int, default=8, metavar="N", help="of slow ones (lab: at least 10)"
    )
    arena.add_argument("--seed0", type=int, default=SEED0, metavar="N", help="which repeats")
    arena.add_argument("--missing", action="store_true", help="say what is missing, play nothing")
    arena.add_argument("--docs", action="store_true", help="write the part's page and pictures")
    return parser.parse_args()


def _arena(options: argparse.Namespace) -> Arena:
    return Arena(**_asked(options), slow_repeats=options.slow_repeats)


def _rungs(options: argparse.Namespace) -> Rungs:
    return Rungs(**_asked(options))


def _lab(options: argparse.Namespace) -> Lab:
    asked = _asked(options)
    repeats = {"cheap": asked["repeats"]} if "repeats" in asked else {}
    named = {name: asked[name] for name in ("landscapes", "processes", "seed0", "play", "docs")}
    return Lab(**named, **repeats, slow=max(options.slow_repeats, SLOW))


def _asked(options: argparse.Namespace) -> dict[str, Any]:
    """What both kinds of arena are asked alike; each has its own number of repeats."""
    asked = {
        "landscapes": tuple(filter(None, options.landscapes.split(","))),
        "methods": tuple(filter(None, options.methods.split(","))),
        "processes": options.j,
        "seed0": options.seed0,
        "play": not options.missing,
        "docs": options.docs,
    }
    return asked if options.repeats is None else {**asked, "repeats": options.repeats}


def figures(name: str, part: Part, *, quick: bool, fresh: bool) -> dict[str, Any]:
    """A part's figures: kept ones, or measured now."""
    if getattr(part, "TRAINS", False):
        name = f"{name}-{platform.python_version()}"
    file = KEPT / f"{name}{'-quick' if quick else ''}.json"
    if file.exists() and not fresh and not getattr(part, "resumes", False):
        kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return kept
    started = time.monotonic()
    measured = part.measure(KEPT / name, quick=quick)
    found = {"figures": measured, "seconds": time.monotonic() - started}
    file.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return found


if __name__ == "__main__":
    main()
