"""The lab's own policies as planted organisations: a part of `planted`.

These organisations know nothing of the model that the lab has of logs: they are policies that work
through campaigns, with noise in every run, proposals that are tried again, and teams that climb
step by step and put the whole together at the end. Their log is all that the lab is handed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.campaign import Game
from mainstem.lab.landscapes.pairwise import pairwise
from mainstem.lab.log_text import parse, written
from mainstem.lab.noise import Noise
from mainstem.lab.organisation import Contributor, Organisation, drawn
from mainstem.lab.played_log import noted, played_log
from mainstem.lab.policies.seniority_veto import SeniorityVeto
from mainstem.lab.policies.silos import Silos
from mainstem.lab.recover import recovered

if TYPE_CHECKING:
    from collections.abc import Callable

    from mainstem.lab.landscapes.pairwise import Pairwise
    from mainstem.lab.policies.policy import Way
    from mainstem.lab.recover import Recovered

PARTS = tuple(f"part{at + 1}" for at in range(6))
_CAMPAIGNS, _PROPOSALS, _BUDGET = 13, 12, 100
_NOISE = 0.5  # sd of a run; effects are about 1
_SEED = 9
_CHIEF = Contributor(home=PARTS[0], rank=1)
_NOVICE = Contributor(home=PARTS[0], rank=0)


def _landscape(rng: np.random.Generator) -> Pairwise:
    """Proposals on every part, neighbours beside each other, as `Silos` forms its teams."""
    parts = [*PARTS, *rng.choice(PARTS, size=_PROPOSALS - len(PARTS))]
    land = pairwise(_PROPOSALS, rng, noise=_NOISE)
    return replace(land, components=tuple(sorted(map(str, parts), key=PARTS.index)))


def _found(way: Way, number: int, *, merges_only: bool = False) -> Recovered:
    """What the log of a policy's campaigns says, from its file alone."""
    played = []
    for campaign in range(_CAMPAIGNS):
        rng = np.random.default_rng([_SEED, 2, number, campaign])
        land = _landscape(rng)
        people = Organisation(contributors=(_CHIEF, _NOVICE))
        # All is filed by novices, so that the chief outranks every author.
        staff = replace(drawn(people, land, rng), authors=np.ones(_PROPOSALS, dtype=np.int64))
        game = Game(
            landscape=land, staff=staff, noise=Noise(_PROPOSALS, rng), budget=_BUDGET, slots=4
        )
        played.append(noted(way, game, rng))
    log = played_log(played, PARTS)
    if merges_only:
        hidden = [replace(d, approved=None, vetoed=False, by=None) for d in log.decisions]
        log = replace(log, decisions=tuple(hidden))
    return recovered(parse("log.jsonl", written(log).encode()))


def _vetoes(number: int, *, merges_only: bool) -> dict[str, float] | None:
    """A chief who vetoes with a chance that is drawn."""
    truth = float(np.random.default_rng([_SEED, 1, number]).uniform(0.05, 0.6))
    found = _found(SeniorityVeto(veto=truth), number, merges_only=merges_only).veto_rate
    if found is None:
        return None
    return {
        "covered": float(found.low <= truth <= found.high),
        "width": found.high - found.low,
        "off": found.median - truth,
    }


def _silos(number: int) -> dict[str, float] | None:
    """Teams of a width that is drawn."""
    width = int(np.random.default_rng([_SEED, 1, number]).integers(1, len(PARTS) + 1))
    silo = _found(Silos(width=width), number).silo_width
    if silo is None:
        return None
    return {
        "held": float(width in silo.within),
        "right": float(silo.mode == width),
        "widths": float(len(silo.within)),
    }


CASES: dict[str, Callable[[int], dict[str, float] | None]] = {
    "seniority-veto, everything is logged": lambda number: _vetoes(number, merges_only=False),
    "seniority-veto, evidence and merges only": lambda number: _vetoes(number, merges_only=True),
    "silos": _silos,
}
"""By what the policy is and what its log keeps: one case."""
