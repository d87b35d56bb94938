"""Is `plan` right? Whole campaigns with one proposal of just the effect that it names.

`plan` names the effect that a budget merges with probability .8, confirmation included. Each
campaign plants one proposal with that effect among others that do nothing, plays the real
`Integrator` with Gaussian noise and the planned budget to its end, and asks whether the planted
proposal is in what was merged. The goal is .72 to .90 of 500.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from arena.sources import digest
from mainstem import Integrator, Objective
from mainstem.decisions import budget as budgeting

ALPHA = 0.05
GOAL = (0.72, 0.90)
CAMPAIGNS, QUICK = 500, 5
_KEEP_EVERY = 10


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A kind of campaign.

    Attributes:
        proposals: How many there are.
        budget: Trials in all.
        sd: Run-to-run sd, in margins.
        others: Sd of the effects of the other proposals, in units of the planted one; 0: none.
    """

    proposals: int
    budget: int
    sd: float
    others: float = 0.0


CELLS = {
    "4 proposals, 40 runs": Cell(proposals=4, budget=40, sd=1.0),
    "6 proposals, 60 runs": Cell(proposals=6, budget=60, sd=1.0),
    "6 proposals, 60 runs, noise 2 margins": Cell(proposals=6, budget=60, sd=2.0),
    "6 proposals, 60 runs, noise .3 margins": Cell(proposals=6, budget=60, sd=0.3),
    "6 proposals, 120 runs": Cell(proposals=6, budget=120, sd=1.0),
    "8 proposals, 60 runs": Cell(proposals=8, budget=60, sd=1.0),
    "6 proposals, 60 runs, others not 0": Cell(proposals=6, budget=60, sd=1.0, others=0.3),
}


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Plays what is missing of every kind of campaign; kept in `folder` ten by ten."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = QUICK if quick else CAMPAIGNS
    figures = {}
    for name, cell in CELLS.items():
        effect = stated(cell)
        ended = _played(folder, cell, effect, wanted)
        figures[name] = {"effect_sds": effect / cell.sd, "merged": sum(ended), "of": len(ended)}
    return figures


def _played(folder: Path, cell: Cell, effect: float, wanted: int) -> list[bool]:
    """Whether each campaign merged its planted proposal, from the file of this very code."""
    key = json.dumps(
        {**asdict(cell), "effect": effect, "code": code_digest(Path(__file__))}, sort_keys=True
    )
    file = folder / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"
    ended: list[bool] = json.loads(file.read_text("utf-8")) if file.exists() else []
    while len(ended) < wanted:
        more = range(len(ended), min(wanted, len(ended) + _KEEP_EVERY))
        ended += [merged(cell, effect, number) for number in more]
        file.write_text(json.dumps(ended), encoding="utf-8")
    return ended[:wanted]


def code_digest(bench: Path) -> str:
    """A digest of what decides and of a bench's file: campaigns of other code are not used."""
    return digest(bench.read_bytes())


def stated(cell: Cell) -> float:
    """The effect that `plan` names, in margins."""
    plan = budgeting.plan(
        budget=cell.budget,
        proposals=cell.proposals,
        sds={"loss": cell.sd},
        improve=1,
        alpha=ALPHA,
    )
    effect = plan.detectable["loss"]
    if effect is None:
        raise ValueError(f"nothing is detectable with {cell}")
    return effect


def merged(cell: Cell, effect: float, number: int) -> bool:
    """Whether campaign `number` merges the proposal that has this effect, in margins."""
    rng = np.random.default_rng([71, cell.proposals, cell.budget, number])
    names = [f"p{i}" for i in range(cell.proposals)]
    effects = dict(zip(names, cell.others * effect * rng.standard_normal(len(names)), strict=True))
    planted = names[number % len(names)]
    effects[planted] = effect
    integrator = Integrator(
        proposals=names,
        objectives=[Objective("loss", margin=1.0)],
        seed=number,
        budget=cell.budget,
        alpha=ALPHA,
    )
    while not integrator.done:
        for trial in integrator.ask(4):
            gain = sum(effects[name] for name in trial.recipe)
            integrator.tell(trial, {"loss": 10.0 - gain + cell.sd * float(rng.standard_normal())})
    found = integrator.recommend()
    return found.confirmed and planted in found.recipe


def table(figures: dict[str, Any]) -> str:
    """The share merged of each kind, with its standard error."""
    low, high = GOAL
    lines = [f"share of campaigns that merge an effect of the size `plan` names ({low} to {high})"]
    for name, found in figures.items():
        share = found["merged"] / found["of"]
        error = float(np.sqrt(share * (1.0 - share) / found["of"]))
        effect = f"{found['effect_sds']:5.2f} sds of a run"
        lines.append(f"  {name:40s}{effect}  {share:.2f} +- {error:.2f} of {found['of']}")
    return "\n".join(lines)
