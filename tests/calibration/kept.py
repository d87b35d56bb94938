"""Trials of whole campaigns, kept: what is asked costs most, what is said of it is what is tested.

The file holds the first campaigns of two kinds of landscapes as `played.play` asked for their
trials when it was written. What an `Integrator` says of those trials is worked out anew by every
test; the bench plays them anew too. To write it anew (a minute or two):

    PYTHONPATH=benchmarks:. python -m tests.calibration.kept
"""

from __future__ import annotations

import json
from pathlib import Path

import intervals
import played

FILE = Path(__file__).with_name("campaigns.json")
KINDS = ("pairs", "the model's own prior")
CAMPAIGNS = 48


def campaigns(kind: str) -> list[played.Played]:
    """The kept campaigns of a kind, from number 0."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))[kind]
    return [
        played.Played(
            runs=[
                played.Run(recipe=recipe, seed=seed, purpose=purpose, gain=gain)
                for recipe, seed, purpose, gain in row["runs"]
            ],
            best=row["best"],
        )
        for row in rows
    ]


def _plain(one: played.Played) -> dict[str, object]:
    runs = [[run.recipe, run.seed, run.purpose, run.gain] for run in one.runs]
    return {"best": one.best, "runs": runs}


def main() -> None:
    """Plays all of them and writes the file."""
    kinds = {}
    for kind in KINDS:
        world = intervals.KINDS[kind].world
        kinds[kind] = [_plain(played.play(world(k), k)) for k in range(CAMPAIGNS)]
    FILE.write_text(json.dumps(kinds, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
