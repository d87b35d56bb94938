"""Measures what the README claims: `make bench`, or `make bench BENCH_ARGS="evidence kills"`.

Each part prints a table and keeps its figures in `build/bench/NAME.json`; a part whose figures are
there is printed from there, so an interrupted bench goes on (`--fresh` measures again).
`QUICK=1` makes every part small.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import demo_seeds
import evidence
import kills

if TYPE_CHECKING:
    from types import ModuleType

PARTS: dict[str, ModuleType] = {"evidence": evidence, "kills": kills, "demo-seeds": demo_seeds}
KEPT = Path(__file__).resolve().parents[1] / "build" / "bench"


def main() -> None:
    """Measures the named parts, or all of them."""
    parser = argparse.ArgumentParser(description="Measure what the README claims.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--fresh", action="store_true", help="measure again what was measured")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    quick = bool(os.environ.get("QUICK"))
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in options.parts or PARTS:
        found = figures(name, quick=quick, fresh=options.fresh)
        print(f"\n== {name} (measured in {found['seconds']:.0f} s)\n")
        print(PARTS[name].table(found["figures"]), flush=True)


def figures(name: str, *, quick: bool, fresh: bool) -> dict[str, Any]:
    """A part's figures: kept ones, or measured now."""
    file = KEPT / f"{name}{'-quick' if quick else ''}.json"
    if file.exists() and not fresh:
        kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return kept
    started = time.monotonic()
    measured = PARTS[name].measure(KEPT / name, quick=quick)
    found = {"figures": measured, "seconds": time.monotonic() - started}
    file.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return found


if __name__ == "__main__":
    main()
