"""Ten thousand simulated campaigns of twenty proposals: how long they take, and who gets what.

Every cheap policy plays all of them, the collective ones a few. With so many campaigns differences
of a hundredth show, where `lab` with its hundred tells tenths; its landscapes are one family only.
Blocks of campaigns are kept with the seconds they took, for the code that plays them, so the part
can be stopped anywhere; the time is the sum over blocks, which ran one after the other.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from arena.sources import digest
from lab import COLLECTIVE, ENGINE, LEVEL, RIVALS, SEED0, interval, played_by
from mainstem.executors.pool import mapper
from mainstem.lab.compare import Outcome, Setting, campaigns
from mainstem.lab.landscapes.pairwise import pairwise
from mainstem.lab.standings import standings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mainstem.executors.pool import Mapper
    from mainstem.lab.policies.policy import Way

resumes = True
SETTING = Setting(name="pairs of 20", landscape=partial(pairwise, 20), budget=80)
CAMPAIGNS, BLOCK = 10_000, 500
ENGINES, ENGINE_BLOCK = 12, 4
GOAL_S = 600.0


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Seconds of all blocks, and the standing of every policy."""
    folder.mkdir(parents=True, exist_ok=True)
    cheap = (20, 10) if quick else (CAMPAIGNS, BLOCK)
    slow = (1, 1) if quick else (ENGINES, ENGINE_BLOCK)
    processes = os.cpu_count() or 1
    with mapper(processes) as over:
        rows, cheap_s = _blocks(folder, RIVALS, *cheap, code="", over=over)
        others, slow_s = _blocks(folder, ENGINE, *slow, code=digest(), over=over)
    found = standings(rows + others, reference=COLLECTIVE, level=LEVEL)
    return {
        "campaigns": cheap[0],
        "policies": len(RIVALS),
        "processes": processes,
        "cheap_s": cheap_s,
        "engine_campaigns": slow[0] * len(ENGINE),
        "engine_s": slow_s,
        "standings": [asdict(standing) for standing in found],
    }


def _blocks(
    folder: Path, ways: Sequence[Way], wanted: int, block: int, *, code: str, over: Mapper
) -> tuple[list[Outcome], float]:
    """The outcomes of so many campaigns, and the seconds that they took to play."""
    key = played_by(SETTING, ways, SEED0, code)
    outcomes: list[Outcome] = []
    seconds = 0.0
    for first in range(0, wanted, block):
        file = folder / f"{key}-{block}-{first}.json"
        if not file.exists():
            began_s = time.perf_counter()
            played = campaigns(SETTING, ways, range(first, first + block), seed=SEED0, mapper=over)
            took_s = time.perf_counter() - began_s
            kept = {"seconds": took_s, "outcomes": [asdict(outcome) for outcome in played]}
            file.write_text(json.dumps(kept), encoding="utf-8")
        read = json.loads(file.read_text(encoding="utf-8"))
        seconds += read["seconds"]
        outcomes += [Outcome(**row) for row in read["outcomes"]]
    return outcomes, seconds


def table(figures: dict[str, Any]) -> str:
    """How long it took, then every policy."""
    plays = figures["engine_campaigns"]
    cheap = (
        f"{figures['campaigns']:,} campaigns of 20 proposals and 80 runs, each by "
        f"{figures['policies']} cheap policies, on {figures['processes']} processes: "
        f"{figures['cheap_s'] / 60.0:.1f} minutes (goal {GOAL_S / 60.0:.0f})"
    )
    engine = (
        f"{plays} campaigns of the collective policies: "
        f"{figures['engine_s'] / 60.0:.1f} minutes, {figures['engine_s'] / plays:.1f} s each"
    )
    head = "| policy | campaigns | mean score, margins | less than collective | ended worse |"
    rows = map(_row, figures["standings"])
    return "\n".join([cheap, engine, "", head, "|---|---|---|---|---|", *rows])


def _row(of: dict[str, Any]) -> str:
    """A policy's line."""
    behind = "" if of["behind"] is None else interval(of["behind"])
    worse = f"{100.0 * of['worse']['mean']:.1f}%"
    return (
        f"| {of['policy']} | {of['campaigns']:,} | {interval(of['share'])} | {behind} | {worse} |"
    )
